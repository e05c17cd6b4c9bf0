/* SPDX-License-Identifier: MIT */
/*
 * The IoT Hub as this device sees it. For programs that act as the device:
 * they need the right to the device's key (keyd) or to the TPM, and provisiond
 * tells them which hub it is.
 */
#ifndef PROVISIOND_HUB_H
#define PROVISIOND_HUB_H

#include <stddef.h>

#include "common/error.h"

/* What an IoT Hub takes in one device-to-cloud message. */
#define HUB_MESSAGE_MAX ((size_t)256 * 1024)

/*
 * Sends one device-to-cloud message to the hub that the device is assigned to,
 * over TLS, with what the device proves itself by: its certificate and key, a
 * symmetric key, or the TPM. Waits while the device is being provisioned.
 *
 * Fails with ERROR_INVALID (message too long), as the clients of provisiond,
 * certd and keyd do, as https_send() does, with ERROR_UPSTREAM if the hub
 * refuses the device, and with ERROR_UNAVAILABLE if the hub cannot work now.
 */
MUST_CHECK enum error_code hub_send_message(
    const void *message, size_t length, struct error *err);

#endif
