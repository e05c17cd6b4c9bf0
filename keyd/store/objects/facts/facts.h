/* SPDX-License-Identifier: MIT */
/* What may be known of the keys in a token, within a lease. */
#ifndef KEYD_FACTS_H
#define KEYD_FACTS_H

#include "object.h"

/*
 * Reads what may be known of the key pair whose private half is object. The
 * public half is taken from where it is: the private object, the public
 * object with the same CKA_ID (or the same label, if there is no CKA_ID), a
 * certificate with the same CKA_ID, or half_file, which may be NULL.
 *
 * Fails with ERROR_INVALID if there is no public half, or of a kind that is
 * not supported.
 */
MUST_CHECK enum error_code facts_read_pair(struct token_lease *lease,
    CK_OBJECT_HANDLE object, const char *half_file, struct key_facts *ret_facts,
    struct error *err);

/* Fails with ERROR_INVALID: neither for HMAC nor AES. */
MUST_CHECK enum error_code facts_read_secret(struct token_lease *lease,
    CK_OBJECT_HANDLE object, struct key_facts *ret_facts, struct error *err);

/* Fails with ERROR_INVALID if the token would give the new key away. */
MUST_CHECK enum error_code facts_check_guards(
    const struct key_facts *facts, struct error *err);

#endif
