/* SPDX-License-Identifier: MIT */
/* signetctl identity: who this device and its modules are to the cloud. */
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "commands.h"
#include "device_note.h"
#include "list.h"
#include "provisiond/client.h"

static enum error_code
open_provisiond(struct unix_http **ret_client, struct error *err)
{
	output_progress("provisiond and the hub are asked");
	device_note();
	return provisiond_client_create(0, ret_client, err);
}

static void
print_identity(const json_t *identity)
{
	static const struct {
		const char *title;
		const char *member;
	} lines[] = {
	    {"device",     "deviceId"   },
	    {"module",     "moduleId"   },
	    {"generation", "genId"      },
	    {"hub",        "hubName"    },
	    {"via",        "gatewayHost"},
	};
	const json_t *spec = json_object_get(identity, "spec");
	const json_t *auth = json_object_get(spec, "auth");

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (json_object_get(spec, lines[i].member))
			(void)printf("%-12s %s\n", lines[i].title,
			    output_member(spec, lines[i].member));
	(void)printf("%-12s %s\n", "proof", output_member(auth, "type"));
	if (json_object_get(auth, "certId"))
		(void)printf(
		    "%-12s %s\n", "certificate", output_member(auth, "certId"));
}

/* A call that answers with an identity; NULL instead of id: of the device. */
typedef enum error_code identity_call(struct unix_http *client, const char *id,
    json_t **ret_identity, struct error *err);

static enum error_code
get_identity(struct unix_http *client, const char *id, json_t **ret_identity,
    struct error *err)
{
	return id ? provisiond_show_module(client, id, ret_identity, err)
		  : provisiond_get_device_identity(client, ret_identity, err);
}

/* Calls with the operand, and shows the identity that is answered. */
static int
run(const struct synopsis *synopsis, identity_call *call, int argc, char **argv)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(json) json_t *identity = NULL;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(synopsis, argc, argv, &arguments, &status))
		return status;
	if (open_provisiond(&client, &err) ||
	    call(client, arguments.operand_count ? arguments.operands[0] : NULL,
		&identity, &err))
		return output_failure(arguments.form, &err);
	if (arguments.form == OUTPUT_JSON)
		output_json(identity);
	else
		print_identity(identity);
	return EXIT_SUCCESS;
}

int
cmd_identity_show(int argc, char **argv)
{
	static const struct synopsis synopsis = {.command = "identity show",
	    .operands = "[MODULE]",
	    .operand_max = 1};

	return run(&synopsis, get_identity, argc, argv);
}

int
cmd_identity_create(int argc, char **argv)
{
	static const struct synopsis synopsis = {.command = "identity create",
	    .operands = "MODULE",
	    .operand_count = 1};

	return run(&synopsis, provisiond_make_module, argc, argv);
}

int
cmd_identity_update(int argc, char **argv)
{
	static const struct synopsis synopsis = {.command = "identity update",
	    .operands = "MODULE",
	    .operand_count = 1};

	return run(&synopsis, provisiond_renew_module, argc, argv);
}

int
cmd_identity_delete(int argc, char **argv)
{
	static const struct synopsis synopsis = {.command = "identity delete",
	    .operands = "MODULE",
	    .operand_count = 1};
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(json) json_t *document = NULL;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	if (open_provisiond(&client, &err) ||
	    provisiond_remove_module(client, arguments.operands[0], &err))
		return output_failure(arguments.form, &err);
	if (arguments.form == OUTPUT_JSON) {
		document = json_pack("{s:s}", "deleted", arguments.operands[0]);
		output_json(document);
	}
	return EXIT_SUCCESS;
}

int
cmd_identity_list(int argc, char **argv)
{
	static const struct synopsis synopsis = {.command = "identity list"};
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(json) json_t *answer = NULL;
	CLEANUP(json) json_t *modules = NULL;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	if (open_provisiond(&client, &err) ||
	    provisiond_list_modules(client, &answer, &err))
		return output_failure(arguments.form, &err);
	modules = list_modules(answer);
	if (arguments.form == OUTPUT_JSON)
		output_json(answer);
	else if (json_array_size(modules) == 0)
		(void)puts("no modules");
	else
		output_table(modules, list_module_columns);
	return EXIT_SUCCESS;
}
