/* SPDX-License-Identifier: MIT */
/* For keys_pair.c and keys_secret.c: what all changes have in common. */
#ifndef KEYD_KEYS_CHANGE_H
#define KEYD_KEYS_CHANGE_H

#include "keys_find.h"

/* *ret_exists tells; it is a failure only if the store does not. */
MUST_CHECK enum error_code keys_exist(struct keys *keys, const struct peer *who,
    const struct key_ref *key, bool *ret_exists, struct error *err);

/*
 * Before a key is made: fails unless it is to be made. That there is one
 * already is *ret_exists, for which either right is enough.
 */
MUST_CHECK enum error_code keys_check_create(struct keys *keys,
    const struct peer *who, const struct key_ref *key, bool *ret_exists,
    struct error *err);

/* Fails with ERROR_INVALID if key is the operator's. */
MUST_CHECK enum error_code keys_check_changeable(
    const struct keys *keys, const struct key_ref *key, struct error *err);

/*
 * Records what the store has just made for key, in place of what it was, which
 * is to be destroyed; pkcs11_id (struct key_info) may be NULL. If that fails,
 * so is what was made, unless it is a file that was replaced.
 */
MUST_CHECK enum error_code keys_record_new(struct keys *keys,
    const struct key_ref *key, const struct key_facts *facts, unsigned usage,
    const struct key_tag *pkcs11_id, struct error *err);

/*
 * Destroys what is to be destroyed. Fails only for what was key, which may be
 * NULL: the others may be in a token that is away, and wait.
 */
MUST_CHECK enum error_code keys_destroy_doomed(
    struct keys *keys, const struct key_ref *key, struct error *err);

#endif
