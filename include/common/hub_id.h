/* SPDX-License-Identifier: MIT */
/* What devices and modules can be called at an IoT Hub. */
#ifndef COMMON_HUB_ID_H
#define COMMON_HUB_ID_H

#include "common/error.h"

/*
 * Checks that id can be a device's name: 1 to 128 letters, digits and
 * "-.+%_#*?!(),:;=@$'". Fails with ERROR_INVALID.
 */
MUST_CHECK enum error_code hub_device_id_check(
    const char *id, struct error *err);

/* The same for a module's, which can have no ';'. */
MUST_CHECK enum error_code hub_module_id_check(
    const char *id, struct error *err);

#endif
