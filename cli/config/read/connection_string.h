/* SPDX-License-Identifier: MIT */
/*
 * A device's connection string: HostName=...;DeviceId=...;SharedAccessKey=...,
 * in any order. What else stands in it is not looked at, nothing is trimmed.
 */
#ifndef CLI_CONNECTION_STRING_H
#define CLI_CONNECTION_STRING_H

#include "common/config_node.h"

/*
 * Changes the device_connection_string of a section 'provisioning' into what
 * it says: iothub_hostname, device_id and authentication. Nothing if there is
 * none. Fails with ERROR_INVALID, pointing at the place; the message has
 * nothing of the key in it.
 */
MUST_CHECK enum error_code connection_string_split(
    struct config_node *provisioning, struct error *err);

#endif
