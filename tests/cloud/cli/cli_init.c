/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "cli.h"
#include "instance.h"

int
command_init(int argc, char *argv[])
{
	static const struct option options[] = {
	    {"data", required_argument, NULL, 'd'},
	    {NULL,   0,                 NULL, 0  },
	};
	CLEANUP_DONE(instance) struct instance instance = {0};
	const char *directory = NULL;
	struct error err;
	int option;

	while ((option = cli_next_option(argc, argv, "", options)) != -1) {
		if (option != 'd')
			return EX_USAGE;
		directory = optarg;
	}
	if (!directory || optind != argc)
		return cli_usage("init needs --data DIR and nothing else");
	if (instance_init(directory, &instance, &err))
		return cli_fail(&err);
	(void)printf("%s\n", instance.ca_path);
	return EXIT_SUCCESS;
}
