/* SPDX-License-Identifier: MIT */
/*
 * Which key somebody means, and by which title: because he knows its id, or
 * because he shows a handle.
 */
#ifndef KEYD_KEY_REF_H
#define KEYD_KEY_REF_H

#include <sys/types.h>

#include "store.h"

/* How often keys may be derived from derived keys. */
#define KEY_LEVELS_MAX 8

/* All pointers are borrowed. */
struct key_ref {
	enum key_kind kind;
	const char *id;
	/*
	 * If there are levels, what is meant is not the secret itself but what
	 * HMAC-SHA256 makes of it and the first, of that and the second, ...
	 */
	size_t level_count;
	struct key_input levels[KEY_LEVELS_MAX];
	/* The pair must have this key_public_fingerprint(); NULL: any. */
	const char *fingerprint;
	bool by_handle; /* a handle was shown */
	/* Only what is in the index: nobody looks what lies in the token. */
	bool only_known;
	/*
	 * The handle was made by delegator for delegate, who may use the key as
	 * long as delegator may.
	 */
	bool is_delegated;
	uid_t delegator, delegate;
};

#endif
