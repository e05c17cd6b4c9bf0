/* SPDX-License-Identifier: MIT */
/* What a key is for, as callers say it: "derive,sign". */
#ifndef KEYD_KEY_USAGE_H
#define KEYD_KEY_USAGE_H

#include "store.h"

#define KEY_USAGE_TEXT_MAX 32

/*
 * Reads a list without spaces: of sign, decrypt and derive for a pair, of
 * derive, sign and encrypt for a secret, of which the first two are one.
 *
 * Fails with ERROR_MALFORMED if it is empty or names something else.
 */
MUST_CHECK enum error_code key_usage_parse(const char *text, enum key_kind kind,
    unsigned *ret_usage, struct error *err);

/* The name of the lowest bit of *usage, which is taken out; NULL: none left. */
const char *key_usage_next(unsigned *usage);

/* The list that key_usage_parse() reads. */
void key_usage_format(unsigned usage, char ret_text[KEY_USAGE_TEXT_MAX]);

#endif
