/* SPDX-License-Identifier: MIT */
/*
 * What can be known to fail before DPS is asked, said in one sentence: DPS
 * itself answers all of it with 401.
 */
#ifndef PROVISIONING_PREFLIGHT_H
#define PROVISIONING_PREFLIGHT_H

#include "common/openssl.h"

/*
 * Checks that DPS can accept id as a registration id: 1 to 128 letters, digits
 * and "-._:", the last a letter, digit or '-'. Fails with ERROR_INVALID.
 */
MUST_CHECK enum error_code registration_id_check(
    const char *id, struct error *err);

/*
 * Checks that chain, leaf first, and key can prove a registration id at the
 * time now: configured, or the leaf's common name if that is NULL.
 * *ret_registration_id is the caller's.
 *
 * Fails with ERROR_INVALID, and with ERROR_UNAVAILABLE if it is the clock that
 * must be set first.
 */
MUST_CHECK enum error_code preflight_check(const x509_stack *chain,
    const EVP_PKEY *key, const char *configured, int64_t now,
    char **ret_registration_id, struct error *err);

/* The same without a look at names and dates: a device of source manual has
   any of the former. */
MUST_CHECK enum error_code preflight_check_pair(
    const x509_stack *chain, const EVP_PKEY *key, struct error *err);

/* And of the dates alone. */
MUST_CHECK enum error_code preflight_check_dates(
    const x509_stack *chain, int64_t now, struct error *err);

/*
 * The registration id that chain proves if none is configured; *ret_name is
 * the caller's. Fails with ERROR_INVALID.
 */
MUST_CHECK enum error_code preflight_name(
    const x509_stack *chain, char **ret_name, struct error *err);

#endif
