/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "cli.h"
#include "fault.h"
#include "instance.h"

#define COUNT_MAX 1000000000

/* fault [--on ENDPOINT] NAME [COUNT [ARGUMENT]] */
struct fault_order {
	const char *directory;
	const char *endpoint;
	const char *name;
	long count;
	long argument;
};

static enum error_code
read_operands(
    int count, char *operands[], struct fault_order *order, struct error *err)
{
	order->name = operands[0];
	if (count > 1 &&
	    cli_number("COUNT", operands[1], COUNT_MAX, &order->count, err))
		return err->code;
	if (count > 2 && cli_number("ARGUMENT", operands[2], COUNT_MAX,
			     &order->argument, err))
		return err->code;
	return ERROR_NONE;
}

static enum error_code
give_order(const struct fault_order *order, struct error *err)
{
	CLEANUP_DONE(instance) struct instance instance = {0};
	enum fault_kind kind;

	if (instance_open(order->directory, &instance, err))
		return err->code;
	if (strcmp(order->name, "clear") == 0)
		return fault_clear(instance.database, err);
	if (fault_kind_parse(order->name, &kind, err))
		return err->code;
	return fault_add(instance.database, kind, order->endpoint, order->count,
	    order->argument, err);
}

int
command_fault(int argc, char *argv[])
{
	static const struct option options[] = {
	    {"data", required_argument, NULL, 'd'},
	    {"on",   required_argument, NULL, 'e'},
	    {NULL,   0,                 NULL, 0  },
	};
	struct fault_order order = {.count = 1, .argument = FAULT_NO_ARGUMENT};
	struct error err;
	int option;

	while ((option = cli_next_option(argc, argv, "", options)) != -1) {
		if (option == 'd')
			order.directory = optarg;
		else if (option == 'e')
			order.endpoint = optarg;
		else
			return EX_USAGE;
	}
	if (!order.directory || optind == argc || argc - optind > 3)
		return cli_usage(
		    "fault needs --data DIR NAME [COUNT [ARGUMENT]]");
	if (read_operands(argc - optind, argv + optind, &order, &err))
		return cli_usage("%s", err.message);
	if (give_order(&order, &err))
		return cli_fail(&err);
	return EXIT_SUCCESS;
}
