/* SPDX-License-Identifier: MIT */
/* Certificates by who issued them. */
#ifndef CLI_CERT_TREE_H
#define CLI_CERT_TREE_H

#include "common/json.h"

/*
 * What certd shows of each certificate ("id", "chain", or "error") as a tree:
 * an array of objects with "subject", "notAfter", "fingerprint", with "ids",
 * the ids under which that very certificate is the first one, and with
 * "below", an array of the same, of those that it issued. What has no known
 * issuer, or is its own, is at the top; what is no certificate is left out.
 *
 * The result is the caller's; NULL: no memory.
 */
json_t *cert_tree(const json_t *certificates);

#endif
