/* SPDX-License-Identifier: MIT */
/* Who calls the hub: a device or module, or who administers them. */
#ifndef CLOUD_HUB_ACCESS_H
#define CLOUD_HUB_ACCESS_H

#include "cloud.h"
#include "device_store.h"
#include "module_store.h"

/*
 * The device proves itself, by the certificate or the keys in its record, and
 * is enabled. Fails with ERROR_DENIED.
 */
MUST_CHECK enum error_code hub_authenticate_device(struct cloud *cloud,
    const struct device *device, const struct request *request,
    struct error *err);

/* The module proves itself, likewise, and its device is enabled. */
MUST_CHECK enum error_code hub_authenticate_module(struct cloud *cloud,
    const struct device *device, const struct module *module,
    const struct request *request, struct error *err);

/*
 * A shared access policy of the hub, or the device itself, which of the two
 * *ret_is_device says. Fails with ERROR_DENIED.
 */
MUST_CHECK enum error_code hub_authorize(struct cloud *cloud,
    const struct device *device, const struct request *request,
    bool *ret_is_device, struct error *err);

/*
 * The hub that request is for, of several; NULL if there is but one, or if the
 * Host header names none of them.
 */
const char *hub_of_request(
    const struct cloud *cloud, const struct request *request);

/*
 * Reads the device, if it is in the hub that request is for. Fails with
 * ERROR_NOT_FOUND.
 */
MUST_CHECK enum error_code hub_get_device(struct cloud *cloud,
    const struct request *request, const char *id, struct device *ret_device,
    struct error *err);

/* The same for the id in the path. */
MUST_CHECK enum error_code hub_find_device(struct cloud *cloud,
    const struct request *request, struct device *ret_device,
    struct error *err);

#endif
