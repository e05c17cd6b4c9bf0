/* SPDX-License-Identifier: MIT */
/* A key as GET /keys shows it. */
#ifndef KEYD_KEY_JSON_H
#define KEYD_KEY_JSON_H

#include "common/json.h"
#include "keys.h"

/* *ret_object is the caller's. Fails with ERROR_INTERNAL. */
MUST_CHECK enum error_code key_json(
    const struct key_info *info, json_t **ret_object, struct error *err);

#endif
