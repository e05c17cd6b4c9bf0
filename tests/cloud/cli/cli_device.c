/* SPDX-License-Identifier: MIT */
/* signet-cloud device: one device of the hub's registry. */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "cli.h"
#include "device_store.h"
#include "hub_identity.h"
#include "hub_registry.h"
#include "instance.h"

/* VERB ID, create ID [JSON] */
struct device_order {
	const char *id;
	const char *hub;    /* of one that is created */
	const char *record; /* likewise; JSON, or '@' and a file */
};

static enum error_code
get(struct database *database, const char *id, struct device *ret_device,
    struct error *err)
{
	if (device_store_get(database, id, ret_device, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : error_set(err, ERROR_NOT_FOUND,
				 "the hub has no device '%s'", id);
	return ERROR_NONE;
}

static enum error_code
show(struct database *database, const struct device_order *order,
    struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};

	if (get(database, order->id, &device, err))
		return err->code;
	cli_print_json(device.record);
	return ERROR_NONE;
}

static enum error_code
set_status(struct database *database, const char *id, const char *status,
    struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};
	CLEANUP(json) json_t *change = json_pack("{s:s}", "status", status);

	if (!change)
		return error_no_memory(err);
	if (get(database, id, &device, err) ||
	    hub_record_update(device.record, change, err))
		return err->code;
	return device_store_put(database, &device, err);
}

static enum error_code
disable(struct database *database, const struct device_order *order,
    struct error *err)
{
	return set_status(database, order->id, "disabled", err);
}

static enum error_code
enable(struct database *database, const struct device_order *order,
    struct error *err)
{
	return set_status(database, order->id, "enabled", err);
}

static enum error_code
remove_one(struct database *database, const struct device_order *order,
    struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};

	if (get(database, order->id, &device, err))
		return err->code;
	return device_store_delete(database, order->id, err);
}

/* As a PUT of the registry does; shows what became of it. */
static enum error_code
create(struct database *database, const struct device_order *order,
    struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};
	CLEANUP(json) json_t *body = NULL;

	if (hub_id_check(order->id, err))
		return err->code;
	if (!device_store_get(database, order->id, &device, err))
		return error_set(err, ERROR_EXISTS,
		    "the hub has a device '%s' already", order->id);
	if (err->code != ERROR_NOT_FOUND)
		return err->code;
	if (cli_read_json(order->record, &body, err))
		return error_wrap(err, "the device");
	if (!json_is_object(body))
		return error_set(
		    err, ERROR_MALFORMED, "the device must be a JSON object");
	if (hub_create_device(
		database, order->hub, order->id, body, &device, err))
		return err->code;
	cli_print_json(device.record);
	return ERROR_NONE;
}

typedef enum error_code run_verb(struct database *database,
    const struct device_order *order, struct error *err);

/* What to do by count operands, the first of which is name; or NULL. */
static run_verb *
find_verb(const char *name, int count)
{
	static const struct {
		const char *name;
		int operands;
		run_verb *run;
	} verbs[] = {
	    {"create",  2, create    },
	    {"create",  3, create    },
	    {"show",    2, show      },
	    {"disable", 2, disable   },
	    {"enable",  2, enable    },
	    {"delete",  2, remove_one},
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (verbs[i].operands == count &&
		    strcmp(verbs[i].name, name) == 0)
			return verbs[i].run;
	return NULL;
}

static enum error_code
carry_out(const char *directory, run_verb *run,
    const struct device_order *order, struct error *err)
{
	CLEANUP_DONE(instance) struct instance instance = {0};

	if (instance_open(directory, &instance, err) ||
	    database_begin(instance.database, err) ||
	    run(instance.database, order, err))
		return err->code;
	return database_commit(instance.database, err);
}

int
command_device(int argc, char *argv[])
{
	static const struct option options[] = {
	    {"data", required_argument, NULL, 'd'},
	    {"hub",  required_argument, NULL, 'h'},
	    {NULL,   0,                 NULL, 0  },
	};
	struct device_order order = {.hub = "localhost", .record = "{}"};
	const char *directory = NULL;
	run_verb *run;
	struct error err;
	int option;

	while ((option = cli_next_option(argc, argv, "", options)) != -1) {
		if (option == 'd')
			directory = optarg;
		else if (option == 'h')
			order.hub = optarg;
		else
			return EX_USAGE;
	}
	run = optind < argc ? find_verb(argv[optind], argc - optind) : NULL;
	if (!directory || !run)
		return cli_usage("device needs --data DIR and one of show, "
				 "disable, enable and delete with an ID, or "
				 "create with an ID and, if wanted, JSON");
	order.id = argv[optind + 1];
	if (optind + 2 < argc)
		order.record = argv[optind + 2];
	if (carry_out(directory, run, &order, &err))
		return cli_fail(&err);
	return EXIT_SUCCESS;
}
