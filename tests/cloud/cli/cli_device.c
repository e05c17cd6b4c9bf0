/* SPDX-License-Identifier: MIT */
/* signet-cloud device: one device of the hub's registry. */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "cli.h"
#include "device_store.h"
#include "hub_identity.h"
#include "instance.h"

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
show(struct database *database, const char *id, struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};

	if (get(database, id, &device, err))
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
disable(struct database *database, const char *id, struct error *err)
{
	return set_status(database, id, "disabled", err);
}

static enum error_code
enable(struct database *database, const char *id, struct error *err)
{
	return set_status(database, id, "enabled", err);
}

static enum error_code
remove_one(struct database *database, const char *id, struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};

	if (get(database, id, &device, err))
		return err->code;
	return device_store_delete(database, id, err);
}

typedef enum error_code run_verb(
    struct database *database, const char *id, struct error *err);

static run_verb *
find_verb(const char *name)
{
	static const struct {
		const char *name;
		run_verb *run;
	} verbs[] = {
	    {"show",    show      },
	    {"disable", disable   },
	    {"enable",  enable    },
	    {"delete",  remove_one},
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return verbs[i].run;
	return NULL;
}

static enum error_code
carry_out(
    const char *directory, run_verb *run, const char *id, struct error *err)
{
	CLEANUP_DONE(instance) struct instance instance = {0};

	if (instance_open(directory, &instance, err) ||
	    database_begin(instance.database, err) ||
	    run(instance.database, id, err))
		return err->code;
	return database_commit(instance.database, err);
}

int
command_device(int argc, char *argv[])
{
	static const struct option options[] = {
	    {"data", required_argument, NULL, 'd'},
	    {NULL,   0,                 NULL, 0  },
	};
	const char *directory = NULL;
	run_verb *run;
	struct error err;
	int option;

	while ((option = cli_next_option(argc, argv, "", options)) != -1) {
		if (option != 'd')
			return EX_USAGE;
		directory = optarg;
	}
	run = optind < argc ? find_verb(argv[optind]) : NULL;
	if (!directory || !run || argc - optind != 2)
		return cli_usage("device needs --data DIR and one of show, "
				 "disable, enable and delete, with an ID");
	if (carry_out(directory, run, argv[optind + 1], &err))
		return cli_fail(&err);
	return EXIT_SUCCESS;
}
