/* SPDX-License-Identifier: MIT */
/* signet-cloud fault: what is to go wrong next. */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "cli.h"
#include "fault.h"
#include "instance.h"

/* fault [--on ENDPOINT] NAME [COUNT [ARGUMENT]], list, clear [ID] */
struct fault_order {
	const char *directory;
	const char *endpoint;
	const char *name; /* or "list", "clear" */
	bool as_json;
	bool has_count;
	long count; /* or what to clear */
	long argument;
};

static enum error_code
read_operands(
    int count, char *operands[], struct fault_order *order, struct error *err)
{
	order->name = operands[0];
	order->has_count = count > 1;
	if (count > 1 && cli_number("COUNT", operands[1], FAULT_NUMBER_MAX,
			     &order->count, err))
		return err->code;
	if (count > 2 && cli_number("ARGUMENT", operands[2], FAULT_NUMBER_MAX,
			     &order->argument, err))
		return err->code;
	return ERROR_NONE;
}

static enum error_code
list(struct database *database, bool as_json, struct error *err)
{
	static const struct cli_column columns[] = {
	    {"ID",        "id"       },
	    {"FAULT",     "name"     },
	    {"ON",        "endpoint" },
	    {"REMAINING", "remaining"},
	    {"ARGUMENT",  "argument" },
	};
	CLEANUP(json) json_t *faults = json_array();

	if (!faults)
		return error_no_memory(err);
	if (fault_list(database, faults, err))
		return err->code;
	if (!as_json)
		return cli_print_table(
		    faults, columns, sizeof(columns) / sizeof(columns[0]), err);
	cli_print_json(faults);
	return ERROR_NONE;
}

static enum error_code
give_order(const struct fault_order *order, struct error *err)
{
	CLEANUP_DONE(instance) struct instance instance = {0};
	enum fault_kind kind;

	if (instance_open(order->directory, &instance, err))
		return err->code;
	if (strcmp(order->name, "list") == 0)
		return list(instance.database, order->as_json, err);
	if (strcmp(order->name, "clear") == 0)
		return order->has_count
			   ? fault_remove(instance.database, order->count, err)
			   : fault_clear(instance.database, err);
	if (fault_kind_parse(order->name, &kind, err))
		return err->code;
	return fault_add(instance.database, kind, order->endpoint, order->count,
	    order->argument, err);
}

int
command_fault(int argc, char *argv[])
{
	static const struct option options[] = {
	    {"data",   required_argument, NULL, 'd'},
	    {"on",     required_argument, NULL, 'e'},
	    {"output", required_argument, NULL, 'o'},
	    {NULL,     0,                 NULL, 0  },
	};
	struct fault_order order = {.count = 1, .argument = FAULT_NO_ARGUMENT};
	struct error err;
	int option;

	while ((option = cli_next_option(argc, argv, "o:", options)) != -1) {
		if (option == 'd')
			order.directory = optarg;
		else if (option == 'e')
			order.endpoint = optarg;
		else if (option != 'o' || !cli_read_format(&order.as_json))
			return EX_USAGE;
	}
	if (!order.directory || optind == argc || argc - optind > 3)
		return cli_usage(
		    "fault needs --data DIR NAME [COUNT [ARGUMENT]], list or "
		    "clear [ID]");
	if (read_operands(argc - optind, argv + optind, &order, &err))
		return cli_usage("%s", err.message);
	if (give_order(&order, &err))
		return cli_fail(&err);
	return EXIT_SUCCESS;
}
