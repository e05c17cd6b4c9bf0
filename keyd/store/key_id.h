/* SPDX-License-Identifier: MIT */
/* What a key may be called. */
#ifndef KEYD_KEY_ID_H
#define KEYD_KEY_ID_H

#include <stdbool.h>

#include "common/error.h"

#define KEY_ID_MAX 255

/* The id under which aziot keeps the key of its handles. */
#define KEY_ID_RESERVED "handle-validation-key"

/*
 * Fails with ERROR_INVALID unless id has 1 to KEY_ID_MAX bytes and no control
 * character. Anything else is allowed, as in aziot: '/', '%', UTF-8.
 */
MUST_CHECK enum error_code key_id_check(const char *id, struct error *err);

/* True for KEY_ID_RESERVED: nobody, not even uid 0, reaches such a key. */
bool key_id_is_reserved(const char *id);

#endif
