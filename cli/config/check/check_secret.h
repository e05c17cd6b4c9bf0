/* SPDX-License-Identifier: MIT */
/* A symmetric key, in the configuration or in a file of its own. */
#ifndef CLI_CHECK_SECRET_H
#define CLI_CHECK_SECRET_H

#include "check.h"

bool secret_is_given(const struct super_secret *secret);

/*
 * The bytes of a key in base64, with or without its padding. The caller wipes
 * and frees *ret_key. Fails with ERROR_INVALID; the message has nothing of it.
 */
MUST_CHECK enum error_code secret_decode(const char *text,
    unsigned char **ret_key, size_t *ret_length, struct error *err);

/*
 * Whether keyd takes the file's bytes, which it uses as they are, for a
 * symmetric key. Fails with ERROR_INVALID; the message has nothing of them.
 */
MUST_CHECK enum error_code secret_check_bytes(
    const char *bytes, size_t length, struct error *err);

/* Frees place. Nothing to say if none is given. */
void check_secret(
    const struct super_secret *secret, char *place, struct findings *findings);

#endif
