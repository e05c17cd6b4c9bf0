/* SPDX-License-Identifier: MIT */
/* signet-cloud twin: what the hub keeps of a device, or of one of its modules.
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "cli.h"
#include "hub_twins.h"
#include "instance.h"

/* show ID, patch ID JSON */
struct twin_order {
	const char *directory;
	const char *device_id;
	const char *module_id; /* NULL: the device's own */
	const char *patch;     /* NULL: only show it */
};

static enum error_code
find(struct database *database, const struct twin_order *order,
    struct twin_owner *owner, struct error *err)
{
	if (device_store_get(database, order->device_id, &owner->device, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : error_set(err, ERROR_NOT_FOUND,
				 "the hub has no device '%s'",
				 order->device_id);
	if (twin_owner_select(database, owner, order->module_id, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : error_set(err, ERROR_NOT_FOUND,
				 "the device '%s' has no module '%s'",
				 order->device_id, order->module_id);
	return ERROR_NONE;
}

static enum error_code
patch(struct database *database, const struct twin_order *order,
    struct twin_owner *owner, struct error *err)
{
	CLEANUP(json) json_t *change = NULL;

	if (!order->patch)
		return ERROR_NONE;
	if (cli_read_json(order->patch, &change, err))
		return error_wrap(err, "the patch");
	return twin_owner_update(database, owner, change, false, err);
}

static enum error_code
carry_out(const struct twin_order *order, struct error *err)
{
	CLEANUP_DONE(instance) struct instance instance = {0};
	CLEANUP_DONE(twin_owner) struct twin_owner owner = {0};
	CLEANUP(json) json_t *shown = NULL;

	if (instance_open(order->directory, &instance, err) ||
	    database_begin(instance.database, err) ||
	    find(instance.database, order, &owner, err) ||
	    patch(instance.database, order, &owner, err) ||
	    database_commit(instance.database, err))
		return err->code;
	shown = twin_to_json(owner.twin, owner.record);
	if (!shown)
		return error_no_memory(err);
	cli_print_json(shown);
	return ERROR_NONE;
}

/* False if the arguments are no order. */
static bool
read_operands(int count, char *operands[], struct twin_order *order)
{
	bool is_patch = count > 0 && strcmp(operands[0], "patch") == 0;

	if (count != (is_patch ? 3 : 2) ||
	    (!is_patch && strcmp(operands[0], "show") != 0))
		return false;
	order->device_id = operands[1];
	order->patch = is_patch ? operands[2] : NULL;
	return true;
}

int
command_twin(int argc, char *argv[])
{
	static const struct option options[] = {
	    {"data",   required_argument, NULL, 'd'},
	    {"module", required_argument, NULL, 'm'},
	    {NULL,     0,                 NULL, 0  },
	};
	struct twin_order order = {.directory = NULL};
	struct error err;
	int option;

	while ((option = cli_next_option(argc, argv, "", options)) != -1) {
		if (option == 'd')
			order.directory = optarg;
		else if (option == 'm')
			order.module_id = optarg;
		else
			return EX_USAGE;
	}
	if (!read_operands(argc - optind, argv + optind, &order) ||
	    !order.directory)
		return cli_usage("twin needs --data DIR and show ID or patch "
				 "ID JSON");
	if (carry_out(&order, &err))
		return cli_fail(&err);
	return EXIT_SUCCESS;
}
