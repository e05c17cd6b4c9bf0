/* SPDX-License-Identifier: MIT */
/* For token.c, which leases sessions, and token_open.c, which opens them. */
#ifndef KEYD_TOKEN_STATE_H
#define KEYD_TOKEN_STATE_H

#include <pthread.h>
#include <stdint.h>

#include "token.h"

/* Also the session for changes. */
#define TOKEN_IDLE_MAX (TOKEN_SESSIONS_MAX + 1)

struct token {
	struct slot slot;      /* what it is; never changes */
	const struct uri *pin; /* borrowed; NULL: no login */
	char *refused_pin;

	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool open;
	bool opening; /* one thread does; until then only it touches: */
	CK_SLOT_ID slot_id;
	CK_TOKEN_INFO info;
	unsigned wanted;  /* sessions, as configured */
	unsigned limit;   /* sessions for signing */
	unsigned signing; /* how many of them are leased */
	unsigned generation;
	unsigned module_generation;
	CK_SESSION_HANDLE keeper; /* keeps the login; 0: none */
	size_t idle_count;
	CK_SESSION_HANDLE idle[TOKEN_IDLE_MAX];

	pthread_mutex_t objects; /* as token_lock_objects() says */

	unsigned failures; /* since the last operation that went well */
	int64_t retry_ms;  /* not opened before (CLOCK_MONOTONIC) */
	struct error trouble;
};

/* Names the token in front of what is wrong with it. Returns err's code. */
enum error_code token_blame(const struct token *token, struct error *err);

/*
 * Opens the session that keeps the login, and logs in with the PIN at pin,
 * which may be NULL. Sessions that are left from before are closed; if opening
 * anew was no help the last time, the whole module is restarted.
 *
 * The caller has set ->opening and does not hold the lock.
 */
MUST_CHECK enum error_code token_connect(
    struct token *token, const struct uri *pin, struct error *err);

/* Closes every session that is not leased. The caller is within the module. */
void token_close_sessions(struct token *token);

/* How long to leave the token alone after so many faults in a row. */
int64_t token_pause_ms(unsigned failures);

#endif
