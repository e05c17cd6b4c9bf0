/* SPDX-License-Identifier: MIT */
/*
 * Who is signed in to the portal. Sessions live in memory: they end with the
 * server, after SESSION_IDLE_SECONDS without a request, or when
 * SESSIONS_MAX others are newer. Wrong tokens are counted, so that nobody
 * tries them all.
 */
#ifndef CLOUD_SESSION_H
#define CLOUD_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "common/cleanup.h"
#include "common/error.h"

#define SESSIONS_MAX 32
#define SESSION_IDLE_SECONDS 7200
#define SESSION_SECRET_BYTES 32
#define SESSION_WRONG_TOKENS_MAX 5
#define SESSION_PAUSE_SECONDS 30

/* Two secrets: one is the cookie's, one stands in the forms. */
struct session {
	char id[2 * SESSION_SECRET_BYTES + 1]; /* "": unused */
	char form_token[2 * SESSION_SECRET_BYTES + 1];
	int64_t used_ms;
};

struct sessions {
	struct session sessions[SESSIONS_MAX];
	unsigned wrong_tokens; /* since the last right one */
	int64_t paused_until_ms;
};

/* Times are those of time_monotonic_ms(). */

/* Opens a session, in the place of the one that was not used for longest. */
MUST_CHECK enum error_code session_open(struct sessions *sessions,
    int64_t now_ms, const struct session **ret_session, struct error *err);

/* The session that has id, which is used now; NULL: there is none. */
const struct session *session_find(
    struct sessions *sessions, const char *id, int64_t now_ms);

/* Ends the session that has id, if there is one. */
void session_close(struct sessions *sessions, const char *id);

/* True if token (which may be NULL) is that of session's forms. */
bool session_has_form_token(const struct session *session, const char *token);

/* How many seconds no token is looked at; 0: it may be tried now. */
unsigned session_pause(const struct sessions *sessions, int64_t now_ms);

/*
 * Notes that somebody showed a token. From the SESSION_WRONG_TOKENS_MAX-th
 * wrong one on each is followed by SESSION_PAUSE_SECONDS.
 */
void session_note_token(
    struct sessions *sessions, bool was_right, int64_t now_ms);

#endif
