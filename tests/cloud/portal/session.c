/* SPDX-License-Identifier: MIT */
#include "session.h"

#include <openssl/crypto.h>
#include <stddef.h>
#include <string.h>

#include "stamp.h"

#define MS_PER_SECOND 1000

static bool
is_live(const struct session *session, int64_t now_ms)
{
	return *session->id &&
	       now_ms - session->used_ms < SESSION_IDLE_SECONDS * MS_PER_SECOND;
}

/* In a time that does not tell how much of it is right. */
static bool
is_same(const char *secret, const char *guess)
{
	size_t length = strlen(secret);

	return strlen(guess) == length &&
	       CRYPTO_memcmp(secret, guess, length) == 0;
}

enum error_code
session_open(struct sessions *sessions, int64_t now_ms,
    const struct session **ret_session, struct error *err)
{
	struct session *place = &sessions->sessions[0];
	struct session session = {.used_ms = now_ms};

	for (size_t i = 0; i < SESSIONS_MAX && is_live(place, now_ms); i++) {
		struct session *other = &sessions->sessions[i];

		if (!is_live(other, now_ms) || other->used_ms < place->used_ms)
			place = other;
	}
	if (random_hex(session.id, SESSION_SECRET_BYTES, err) ||
	    random_hex(session.form_token, SESSION_SECRET_BYTES, err))
		return err->code;
	*place = session;
	*ret_session = place;
	return ERROR_NONE;
}

static struct session *
find(struct sessions *sessions, const char *id)
{
	struct session *found = NULL;

	for (size_t i = 0; i < SESSIONS_MAX; i++)
		if (*id && is_same(sessions->sessions[i].id, id))
			found = &sessions->sessions[i];
	return found;
}

const struct session *
session_find(struct sessions *sessions, const char *id, int64_t now_ms)
{
	struct session *session = find(sessions, id);

	if (!session || !is_live(session, now_ms))
		return NULL;
	session->used_ms = now_ms;
	return session;
}

void
session_close(struct sessions *sessions, const char *id)
{
	struct session *session = find(sessions, id);

	if (session)
		OPENSSL_cleanse(session, sizeof(*session));
}

bool
session_has_form_token(const struct session *session, const char *token)
{
	return token && is_same(session->form_token, token);
}

unsigned
session_pause(const struct sessions *sessions, int64_t now_ms)
{
	int64_t left = sessions->paused_until_ms - now_ms;

	if (left <= 0)
		return 0;
	return (unsigned)((left + MS_PER_SECOND - 1) / MS_PER_SECOND);
}

void
session_note_token(struct sessions *sessions, bool was_right, int64_t now_ms)
{
	sessions->wrong_tokens = was_right ? 0 : sessions->wrong_tokens + 1;
	if (sessions->wrong_tokens >= SESSION_WRONG_TOKENS_MAX)
		sessions->paused_until_ms =
		    now_ms + SESSION_PAUSE_SECONDS * MS_PER_SECOND;
}
