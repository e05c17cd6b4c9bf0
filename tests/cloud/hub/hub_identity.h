/* SPDX-License-Identifier: MIT */
/*
 * What devices and modules have in common in the hub's registry: a record with
 * a generation, an etag, a status and credentials.
 */
#ifndef CLOUD_HUB_IDENTITY_H
#define CLOUD_HUB_IDENTITY_H

#include <stdbool.h>

#include "common/json.h"

#define HUB_ID_BYTES_MAX 128

/*
 * An id of 1 to 128 characters of [A-Za-z0-9] and -:.+%_#*?!(),=@$' (as the
 * hub has it). Fails with ERROR_INVALID.
 */
MUST_CHECK enum error_code hub_id_check(const char *id, struct error *err);

/*
 * A new record; module_id is NULL for a device. Without credentials, which the
 * caller sets. NULL: no memory.
 */
json_t *hub_record_create(const char *device_id, const char *module_id);

/* Gives a record or a twin a new etag, which has no quotes in its text. */
MUST_CHECK enum error_code hub_set_etag(json_t *record, struct error *err);

/*
 * Takes over from body what a client may set: status, statusReason, the edge
 * capability, deviceScope and parentScopes (a device's only), managedBy (a
 * module's only) and credentials. Another status has the time of now.
 * Keys that are empty or absent stay; if there are none, they are made. The
 * record gets a new etag.
 *
 * Fails with ERROR_INVALID or ERROR_MALFORMED, naming the member.
 */
MUST_CHECK enum error_code hub_record_update(
    json_t *record, const json_t *body, struct error *err);

#endif
