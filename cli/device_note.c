/* SPDX-License-Identifier: MIT */
#include "device_note.h"

#include <string.h>

#include "output.h"
#include "provisiond/client.h"

#define STATUS_MS 5000

json_t *
device_status(void)
{
	CLEANUP(unix_http) struct unix_http *provisiond = NULL;
	json_t *device = NULL;
	struct error ignored;

	if (provisiond_client_create(STATUS_MS, &provisiond, &ignored) ||
	    provisiond_get_provisioning(provisiond, &device, &ignored))
		return NULL;
	return device;
}

void
device_note(void)
{
	CLEANUP(json) json_t *device = device_status();
	const char *status =
	    json_string_value(json_object_get(device, "status"));
	const char *message =
	    json_string_value(json_object_get(device, "message"));

	if (!status || !message)
		return;
	if (strcmp(status, "provisioning") == 0)
		output_note("waiting: the device is being provisioned%s%s",
		    *message ? ": " : "", message);
	else if (strcmp(status, "provisioned") == 0 && *message)
		output_note("the device is provisioned, but: %s", message);
}
