/* SPDX-License-Identifier: MIT */
/*
 * Twins: tags, and properties that are desired and reported, each with a
 * version and with the time of its last change in $metadata.
 */
#ifndef CLOUD_HUB_TWIN_H
#define CLOUD_HUB_TWIN_H

#include <stdbool.h>

#include "common/json.h"

/*
 * A twin of this version that begins with initial ({tags, properties.desired},
 * or NULL), which twin_check_initial() has passed, for the device and, unless
 * it is NULL, the module. NULL: no memory.
 */
json_t *twin_create(const char *device_id, const char *module_id,
    const json_t *initial, int version);

/*
 * Merges patch ({tags, properties: {desired}}) into twin: members that are null
 * are deleted, and of tags, desired or properties that are null nothing stays
 * but, of the latter, what is reported. With replace, what patch has takes the
 * place of what there is.
 *
 * Fails with ERROR_INVALID or ERROR_MALFORMED, naming the member; then twin may
 * be half changed, and is to be thrown away.
 */
MUST_CHECK enum error_code twin_update(
    json_t *twin, const json_t *patch, bool replace, struct error *err);

/*
 * Checks the initialTwin of an enrollment or a webhook by the rules of
 * twin_update(); NULL and null are none. Fails with ERROR_INVALID or
 * ERROR_MALFORMED, naming 'initialTwin' and the member.
 */
MUST_CHECK enum error_code twin_check_initial(
    const json_t *initial, struct error *err);

#endif
