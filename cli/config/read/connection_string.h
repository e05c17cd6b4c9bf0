/* SPDX-License-Identifier: MIT */
/*
 * A device's connection string: HostName=...;DeviceId=...;SharedAccessKey=...,
 * in any order. What else stands in it is not looked at, nothing is trimmed.
 */
#ifndef CLI_CONNECTION_STRING_H
#define CLI_CONNECTION_STRING_H

#include "common/config_node.h"

struct connection_string {
	char *iothub_hostname;
	char *device_id;
	char *key; /* base64, with or without padding */
};

/* Wipes and releases the contents. */
void connection_string_done(struct connection_string *parts);

/*
 * Reads text; the contents of *ret_parts are the caller's. Fails with
 * ERROR_INVALID; the message has nothing of the key in it.
 */
MUST_CHECK enum error_code connection_string_parse(
    const char *text, struct connection_string *ret_parts, struct error *err);

/*
 * Changes the device_connection_string of a section 'provisioning' into what
 * it says: iothub_hostname, device_id and authentication. Nothing if there is
 * none. Fails with ERROR_INVALID, pointing at the place.
 */
MUST_CHECK enum error_code connection_string_split(
    struct config_node *provisioning, struct error *err);

#endif
