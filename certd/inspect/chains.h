/* SPDX-License-Identifier: MIT */
/*
 * Chains that were read, and what is to be said of them whatever the time is.
 * Programs read the same few certificates again and again; to decode the keys
 * of one and to verify its signatures takes ten times as long as the rest.
 */
#ifndef CERTD_CHAINS_H
#define CERTD_CHAINS_H

#include "lint.h"

#define CHAINS_MAX 32

struct chains;

MUST_CHECK enum error_code chains_create(
    struct chains **ret_chains, struct error *err);
void chains_free(struct chains *chains);

/*
 * The certificates of pem, and the notes of lint_links() on them. The contents
 * of both are the caller's; *ret_links has been zeroes. Any thread.
 *
 * Fails as certificates_from_pem().
 */
MUST_CHECK enum error_code chains_read(struct chains *chains, const char *pem,
    x509_stack **ret_chain, struct lint_notes *ret_links, struct error *err);

#endif
