/* SPDX-License-Identifier: MIT */
/* What keeps a renewal from coming further, for people. */
#ifndef CERTD_STANDING_H
#define CERTD_STANDING_H

#include "renewals.h"

/* A renewal may take so long, or half of what is left, if that is less ... */
#define STANDING_PATIENCE_SECONDS INT64_C(86400)
/* ... but so long in any case: who proves a candidate tries each 5 minutes. */
#define STANDING_LEAST_SECONDS INT64_C(900)
/* The first certificate has not come, after so many tries. */
#define STANDING_FIRST_TRIES 5

/*
 * True if somebody has to look after it: it was due long ago, and has failed
 * for as long, its candidate has waited for long, or the first one does not
 * come.
 */
bool standing_is_late(const struct renewal_status *status, int64_t now);

/*
 * A sentence on what a renewal waits for, or why it fails, which is UTF-8 if
 * status->error is. *ret_text is the caller's; NULL: nothing is wrong. Fails
 * with ERROR_INTERNAL.
 */
MUST_CHECK enum error_code standing_describe(
    const struct renewal_status *status, char **ret_text, struct error *err);

#endif
