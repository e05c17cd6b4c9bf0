/* SPDX-License-Identifier: MIT */
#ifndef COMMON_URI_ATTRIBUTES_H
#define COMMON_URI_ATTRIBUTES_H

#include "common/error.h"

/*
 * Checks the names in text, a PKCS#11 URI without its scheme. p11-kit ignores
 * some unknown attributes, takes the last of two, and accepts a PIN in the
 * path part; each of these hides a mistake. Values are left to p11-kit.
 *
 * Fails with ERROR_INVALID.
 */
MUST_CHECK enum error_code uri_check_attributes(
    const char *text, struct error *err);

#endif
