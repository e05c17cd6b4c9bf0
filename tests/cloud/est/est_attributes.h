/* SPDX-License-Identifier: MIT */
/* What a certification request should contain (RFC 7030 section 4.5.2). */
#ifndef CLOUD_EST_ATTRIBUTES_H
#define CLOUD_EST_ATTRIBUTES_H

#include "database.h"

/*
 * The CsrAttrs of the settings as base64: by default a key on P-256 and a
 * signature by ecdsa-with-SHA256; "" if nothing is asked for. The caller frees
 * *ret_text.
 */
MUST_CHECK enum error_code est_attributes_get(
    struct database *database, char **ret_text, struct error *err);

/*
 * Sets what is asked for: "none", "default", or object identifiers and
 * key:CURVE, key:rsa, separated by commas. Fails with ERROR_INVALID.
 */
MUST_CHECK enum error_code est_attributes_set(
    struct database *database, const char *words, struct error *err);

#endif
