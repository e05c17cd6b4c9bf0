/* SPDX-License-Identifier: MIT */
/* signet-cloud: a DPS and an IoT Hub on loopback, for tests and demos. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "cli.h"

static const struct {
	const char *name;
	const char *arguments;
	const char *summary;
	int (*run)(int argc, char *argv[]);
} commands[] = {
    {"init",   "--data DIR",					      "make the database, keys and certificates",
     command_init														   },
    {"serve",  "--data DIR [--port N] [...]",                             "serve until SIGTERM",
     command_serve														  },
    {"enroll", "individual|group|delete|disable|enable --data DIR [...]",
     "change enrollments",											    command_enroll},
    {"show",
     "--data DIR [enrollments|groups|registrations|devices|messages] "
	"[-o json]",						      "print what there is",                      command_show  },
    {"fault",  "--data DIR [--on ENDPOINT] NAME [COUNT [ARGUMENT]]",
     "order faults for the next requests",									    command_fault },
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static int
print_help(void)
{
	(void)puts("signet-cloud COMMAND ARGUMENT...; commands:");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		(void)printf("  %s %s\n\t%s\n", commands[i].name,
		    commands[i].arguments, commands[i].summary);
	return EXIT_SUCCESS;
}

int
main(int argc, char *argv[])
{
	const char *name = argc > 1 ? argv[1] : "";

	/* The database holds keys. */
	(void)umask(077);
	if (strcmp(name, "--help") == 0)
		return print_help();
	if (strcmp(name, "--version") == 0) {
		(void)puts("signet-cloud " SIGNET_VERSION);
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(commands[i].name, name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	return cli_usage("there is no command '%s'", name);
}
