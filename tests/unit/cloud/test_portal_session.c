/* SPDX-License-Identifier: MIT */
/* Sessions of the portal, by a clock of the test's. */
#include "cmocka_wrap.h"

#include <string.h>

#include "session.h"

#define IDLE_MS (SESSION_IDLE_SECONDS * 1000LL)
#define PAUSE_MS (SESSION_PAUSE_SECONDS * 1000LL)

static const struct session *
open_at(struct sessions *sessions, int64_t now)
{
	const struct session *session = NULL;
	struct error err;

	assert_int_equal(session_open(sessions, now, &session, &err), 0);
	return session;
}

static void
knows_a_session_by_its_secret_only(void **state)
{
	struct sessions sessions = {0};
	const struct session *one = open_at(&sessions, 0);
	const struct session *two = open_at(&sessions, 0);
	char guess[sizeof(one->id)];

	(void)state;
	assert_string_not_equal(one->id, two->id);
	assert_string_not_equal(one->id, one->form_token);
	assert_ptr_equal(session_find(&sessions, two->id, 1), two);
	assert_null(session_find(&sessions, "", 1));
	assert_null(session_find(&sessions, one->form_token, 1));
	memcpy(guess, one->id, sizeof(guess));
	guess[0] = guess[0] == 'a' ? 'b' : 'a';
	assert_null(session_find(&sessions, guess, 1));
	guess[10] = '\0';
	assert_null(session_find(&sessions, guess, 1));
}

static void
ends_a_session_that_is_idle_or_closed(void **state)
{
	struct sessions sessions = {0};
	const struct session *one = open_at(&sessions, 0);
	const struct session *two = open_at(&sessions, 0);
	struct session copy = *two;

	(void)state;
	assert_non_null(session_find(&sessions, one->id, IDLE_MS - 1));
	assert_non_null(session_find(&sessions, one->id, 2 * IDLE_MS - 2));
	assert_null(session_find(&sessions, two->id, IDLE_MS));
	session_close(&sessions, one->id);
	session_close(&sessions, copy.id);
	session_close(&sessions, "unknown");
	assert_null(session_find(&sessions, copy.id, 1));
}

static void
gives_up_the_session_that_was_not_used_for_longest(void **state)
{
	struct sessions sessions = {0};
	const struct session *first = open_at(&sessions, 0);
	struct session second = *open_at(&sessions, 1);
	const struct session *last;

	(void)state;
	for (int i = 2; i < SESSIONS_MAX; i++)
		(void)open_at(&sessions, i);
	assert_non_null(session_find(&sessions, first->id, SESSIONS_MAX));
	last = open_at(&sessions, SESSIONS_MAX);
	assert_non_null(session_find(&sessions, first->id, SESSIONS_MAX));
	assert_non_null(session_find(&sessions, last->id, SESSIONS_MAX));
	assert_null(session_find(&sessions, second.id, SESSIONS_MAX));
}

static void
takes_a_form_token_from_its_own_session_only(void **state)
{
	struct sessions sessions = {0};
	const struct session *one = open_at(&sessions, 0);
	const struct session *two = open_at(&sessions, 0);

	(void)state;
	assert_true(session_has_form_token(one, one->form_token));
	assert_false(session_has_form_token(one, two->form_token));
	assert_false(session_has_form_token(one, one->id));
	assert_false(session_has_form_token(one, ""));
	assert_false(session_has_form_token(one, NULL));
}

static void
pauses_after_some_wrong_tokens(void **state)
{
	struct sessions sessions = {0};

	(void)state;
	for (int i = 1; i < SESSION_WRONG_TOKENS_MAX; i++)
		session_note_token(&sessions, false, 0);
	assert_int_equal(session_pause(&sessions, 0), 0);
	session_note_token(&sessions, false, 0);
	assert_int_equal(session_pause(&sessions, 0), SESSION_PAUSE_SECONDS);
	assert_int_equal(session_pause(&sessions, PAUSE_MS - 1), 1);
	assert_int_equal(session_pause(&sessions, PAUSE_MS), 0);
	session_note_token(&sessions, false, PAUSE_MS);
	assert_int_equal(
	    session_pause(&sessions, PAUSE_MS), SESSION_PAUSE_SECONDS);
	session_note_token(&sessions, true, 2 * PAUSE_MS);
	session_note_token(&sessions, false, 2 * PAUSE_MS);
	assert_int_equal(session_pause(&sessions, 2 * PAUSE_MS), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(knows_a_session_by_its_secret_only),
	    cmocka_unit_test(ends_a_session_that_is_idle_or_closed),
	    cmocka_unit_test(
		gives_up_the_session_that_was_not_used_for_longest),
	    cmocka_unit_test(takes_a_form_token_from_its_own_session_only),
	    cmocka_unit_test(pauses_after_some_wrong_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
