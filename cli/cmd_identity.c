/* SPDX-License-Identifier: MIT */
/* signetctl identity: who this device is to the cloud. */
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "commands.h"
#include "provisiond/client.h"

#define STATUS_MS 5000

/* The identity is answered when provisioning ends: say why nothing happens. */
static void
note_that_it_takes_time(void)
{
	CLEANUP(unix_http) struct unix_http *provisiond = NULL;
	CLEANUP(json) json_t *provisioning = NULL;
	const char *status;
	struct error ignored;

	if (provisiond_client_create(STATUS_MS, &provisiond, &ignored) ||
	    provisiond_get_provisioning(provisiond, &provisioning, &ignored))
		return;
	status = json_string_value(json_object_get(provisioning, "status"));
	if (status && strcmp(status, "provisioning") == 0)
		output_note("waiting: the device is being provisioned");
}

static enum error_code
get_identity(json_t **ret_identity, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *provisiond = NULL;

	note_that_it_takes_time();
	if (provisiond_client_create(0, &provisiond, err))
		return err->code;
	return provisiond_get_device_identity(provisiond, ret_identity, err);
}

static void
print_identity(const json_t *identity)
{
	static const struct {
		const char *title;
		const char *member;
	} lines[] = {
	    {"device", "deviceId"   },
	    {"hub",    "hubName"    },
	    {"via",    "gatewayHost"},
	};
	const json_t *spec = json_object_get(identity, "spec");
	const json_t *auth = json_object_get(spec, "auth");

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		(void)printf("%-12s %s\n", lines[i].title,
		    output_member(spec, lines[i].member));
	(void)printf("%-12s %s\n", "proof", output_member(auth, "type"));
	(void)printf(
	    "%-12s %s\n", "certificate", output_member(auth, "certId"));
}

int
cmd_identity_show(int argc, char **argv)
{
	static const struct synopsis synopsis = {.command = "identity show"};
	CLEANUP(json) json_t *identity = NULL;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	if (get_identity(&identity, &err))
		return output_failure(arguments.form, &err);
	if (arguments.form == OUTPUT_JSON)
		output_json(identity);
	else
		print_identity(identity);
	return EXIT_SUCCESS;
}
