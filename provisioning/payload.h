/* SPDX-License-Identifier: MIT */
/* What the operator has DPS told beside the registration id. */
#ifndef PROVISIONING_PAYLOAD_H
#define PROVISIONING_PAYLOAD_H

#include "common/json.h"
#include "config.h"

/*
 * Reads the JSON document that settings name; *ret_payload is the caller's, and
 * NULL if they name none.
 *
 * Fails with ERROR_INVALID if there is no such file, or no JSON in it.
 */
MUST_CHECK enum error_code payload_load(const struct payload_settings *settings,
    json_t **ret_payload, struct error *err);

#define PAYLOAD_DIGEST_MAX 65

/*
 * What tells one payload from another, in hex; "none" if there is none, "" if
 * it cannot be read.
 */
void payload_digest(const struct payload_settings *settings,
    char ret_digest[static PAYLOAD_DIGEST_MAX]);

#endif
