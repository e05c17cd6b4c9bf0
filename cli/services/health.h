/* SPDX-License-Identifier: MIT */
/* What a daemon says of itself: GET /health. */
#ifndef CLI_HEALTH_H
#define CLI_HEALTH_H

#include "common/json.h"

/*
 * Asks daemon name on its socket. *ret_health, {"status","message","version",
 * "pid"}, is the caller's. Fails as api_call() does.
 */
MUST_CHECK enum error_code health_get(const char *name, unsigned timeout_ms,
    json_t **ret_health, struct error *err);

#endif
