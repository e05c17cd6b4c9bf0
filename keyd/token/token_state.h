/* SPDX-License-Identifier: MIT */
/*
 * For token.c, token_open.c, which opens sessions, and token_lease.c, which
 * hands them out. With the lock: what ends in _locked.
 */
#ifndef KEYD_TOKEN_STATE_H
#define KEYD_TOKEN_STATE_H

#include <pthread.h>
#include <stdint.h>

#include "token.h"

/* Also the session for changes. */
#define TOKEN_IDLE_MAX (TOKEN_SESSIONS_MAX + 1)

/* What one opening of the token has brought. */
struct token_sessions {
	CK_SLOT_ID slot_id;
	unsigned limit; /* for signing */
	unsigned module_generation;
	CK_SESSION_HANDLE keeper; /* keeps the login; 0: none */
	size_t idle_count;
	CK_SESSION_HANDLE idle[TOKEN_IDLE_MAX];
};

struct token {
	struct slot slot;      /* what it is; never changes */
	const struct uri *pin; /* borrowed; NULL: no login */
	struct refusals *pins_refused;

	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool open;
	bool opening; /* one thread does; the others wait for it */
	struct token_sessions sessions;
	unsigned wanted;  /* sessions, as configured */
	unsigned signing; /* how many are leased for signing */
	unsigned changing;
	unsigned generation;

	/* What token_lock_objects() gives. */
	bool objects_taken;
	const struct visit *objects_holder; /* NULL: not known yet */
	int64_t objects_since_ms;           /* when they were taken */
	pthread_cond_t objects_free;
	unsigned awaiting; /* how many wait for that without a session */

	unsigned failures; /* since the last operation that went well */
	bool locked;       /* at the last login: no PIN was looked at */
	int64_t retry_ms;  /* not opened before (CLOCK_MONOTONIC) */
	struct error trouble;

	/* For figures. */
	int64_t since; /* when .open became what it is */
	unsigned long faults, openings;
	_Atomic unsigned long logins, refusals;
	size_t error_count;
	struct token_error errors[TOKEN_ERRORS_MAX];
};

/* Counts that function, a literal, returned value. Takes the lock. */
void token_count_error(struct token *token, CK_RV value, const char *function);

/* Names the token in front of what is wrong with it. Returns err's code. */
enum error_code token_blame(const struct token *token, struct error *err);

/*
 * Closes the sessions that are left from before, opens the one that keeps the
 * login, and logs in with the PIN at pin, which may be NULL. If opening anew
 * was no help the last time, the whole module is restarted first.
 *
 * The caller has set ->opening and does not hold the lock.
 */
MUST_CHECK enum error_code token_connect(struct token *token,
    const struct uri *pin, struct token_sessions *sessions, struct error *err);

/* As token_open(), but for what hangs. */
MUST_CHECK enum error_code token_open_locked(
    struct token *token, struct error *err);

/* The sessions are closed when the token is opened the next time. */
void token_shut_locked(struct token *token);

/* True if nobody can have a session for use, as calls hang: err says which. */
bool token_is_exhausted_locked(
    struct token *token, enum token_use use, struct error *err);

/* Closes every session that is not leased. The caller is within the module. */
void token_close_sessions(struct token_sessions *sessions);

/* How long to leave the token alone after its last fault. */
int64_t token_pause_ms(const struct token *token);

#endif
