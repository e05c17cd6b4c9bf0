/* SPDX-License-Identifier: MIT */
/* signet-cloud: DPS, IoT Hub and EST on loopback, for tests and demos. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "cli.h"

static const struct {
	const char *name;
	int (*run)(int argc, char *argv[]);
	const char *arguments;
} commands[] = {
    {"init",     command_init,     ""				       },
    {"serve",    command_serve,    "[--port N] [OPTION...]"                 },
    {"enroll",   command_enroll,   "individual|group ..."                   },
    {"enroll",   command_enroll,   "delete|disable|enable ..."              },
    {"enroll",   command_enroll,   "keys ..."                               },
    {"cert",     command_cert,     "add|code|verify|list|delete ..."        },
    {"device",   command_device,   "create [--hub HOST] ID [JSON]"          },
    {"device",   command_device,   "show|delete|disable|enable ID"          },
    {"twin",     command_twin,     "show ID | patch ID JSON"                },
    {"messages", command_messages,
     "[--device ID] [--last N] [--follow] [-o json]"                        },
    {"est",      command_est,      "user|trust|csrattrs|key ..."            },
    {"show",     command_show,     "[-o json] [WHAT]"                       },
    {"fault",    command_fault,    "[--on ENDPOINT] NAME [COUNT [ARGUMENT]]"},
    {"fault",    command_fault,    "list [-o json] | clear [ID]"            },
    {"bench",    command_bench,    "[--devices N] [--clients N] [-o json]"  },
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static int
print_help(void)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		(void)printf("signet-cloud %s --data DIR %s\n",
		    commands[i].name, commands[i].arguments);
	(void)puts("See signet-cloud(1).");
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
