/* SPDX-License-Identifier: MIT */
/* signetctl list: what this device has, on one page. */
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "certd/client.h"
#include "commands.h"
#include "common/file.h"
#include "common/time.h"
#include "device_note.h"
#include "keyd/client.h"
#include "list.h"
#include "provisiond/client.h"

#define MODULES_MS 20000 /* the rest is to be shown, too */

/* --- what there is -------------------------------------------------------- */

/*
 * *ret_has_modules: there is a device to have some, or its status is unknown.
 * Fails with ERROR_UNAVAILABLE, and the reason, if there is none yet.
 */
static enum error_code
check_device(bool *ret_has_modules, struct error *err)
{
	CLEANUP(json) json_t *device = device_status();
	const char *status = output_member(device, "status");
	const char *message = output_member(device, "message");

	if (strcmp(status, "provisioning") == 0)
		return error_set(err, ERROR_UNAVAILABLE,
		    "the device is being provisioned%s%s", *message ? ": " : "",
		    message);
	*ret_has_modules = strcmp(status, "unmanaged") != 0;
	return ERROR_NONE;
}

/* Callers wait for a device; here what there is beside it is to be seen. */
static enum error_code
get_modules(json_t **ret_modules, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *provisiond = NULL;
	CLEANUP(json) json_t *answer = NULL;
	bool has_modules;

	if (check_device(&has_modules, err) ||
	    provisiond_client_create(MODULES_MS, &provisiond, err) ||
	    (has_modules && provisiond_list_modules(provisiond, &answer, err)))
		return err->code;
	*ret_modules = list_modules(answer);
	return *ret_modules ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
get_keys(json_t **ret_keys, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *keyd = NULL;
	CLEANUP(json) json_t *keys = NULL;

	if (keyd_client_create(0, &keyd, err) ||
	    keyd_list_keys(keyd, &keys, err))
		return err->code;
	*ret_keys = list_keys(keys);
	return *ret_keys ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
get_certificates(json_t **ret_certificates, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *certd = NULL;
	CLEANUP(json) json_t *certificates = NULL;

	if (certd_client_create(0, &certd, err) ||
	    certd_list(certd, &certificates, err))
		return err->code;
	*ret_certificates = list_certificates(certificates, time_now());
	return *ret_certificates ? ERROR_NONE : error_no_memory(err);
}

/* --- one page ------------------------------------------------------------- */

typedef enum error_code get_part(json_t **ret_items, struct error *err);

static const struct part {
	const char *name;
	get_part *get;
	const struct output_column *columns;
} parts[] = {
    {"modules",      get_modules,      list_module_columns     },
    {"keys",         get_keys,         list_key_columns        },
    {"certificates", get_certificates, list_certificate_columns},
};

/* What cannot be had is {"error"} in place of the list, or of the item. */
static bool
add(json_t *document, const struct part *part)
{
	json_t *items;
	struct error err;

	if (part->get(&items, &err) == ERROR_NONE) {
		(void)json_object_set_new(document, part->name, items);
		return output_items_status(items) == EXIT_SUCCESS;
	}
	(void)json_object_set_new(
	    document, part->name, json_pack("{s:s}", "error", err.message));
	return false;
}

static void
print_part(const json_t *items, const struct part *part)
{
	if (json_is_object(items))
		(void)printf(
		    "%s: %s\n", part->name, output_member(items, "error"));
	else if (json_array_size(items) == 0)
		(void)printf("no %s\n", part->name);
	else
		output_table(items, part->columns);
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);

		if (json_object_get(item, "error"))
			(void)printf("%s: %s\n", output_member(item, "id"),
			    output_member(item, "error"));
	}
}

int
cmd_list(int argc, char **argv)
{
	static const struct synopsis synopsis = {.command = "list"};
	CLEANUP(json) json_t *document = json_object();
	struct arguments arguments;
	bool complete = true;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		output_progress(parts[i].name);
		complete = add(document, &parts[i]) && complete;
	}
	if (arguments.form == OUTPUT_JSON) {
		output_json(document);
		return complete ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (i > 0)
			(void)putchar('\n');
		print_part(json_object_get(document, parts[i].name), &parts[i]);
	}
	return complete ? EXIT_SUCCESS : EXIT_FAILURE;
}
