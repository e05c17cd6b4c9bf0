/* SPDX-License-Identifier: MIT */
/* Why a command waits that is about the device and its hub. */
#ifndef CLI_DEVICE_NOTE_H
#define CLI_DEVICE_NOTE_H

#include "common/json.h"

/*
 * What became of the device, as provisiond tells it without waiting:
 * {"status","message",...}. The caller's; NULL if it does not tell.
 */
json_t *device_status(void);

/*
 * The identity is answered when provisioning ends: notes why nothing happens.
 * One that is in use may have lost what proves it.
 */
void device_note(void);

#endif
