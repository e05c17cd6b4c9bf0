/* SPDX-License-Identifier: MIT */
/* signetctl: the operator's program. The table below is all that it can do. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "output.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
    {"config apply", cmd_config_apply,
     "hand each daemon its part of config.yaml"                              },
    {"config check", cmd_config_check,
     "say all that is wrong with config.yaml"                                },
    {"testpki",      cmd_testpki,      "make certificates and keys for tests"},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void
help(FILE *stream)
{
	(void)fputs("usage: signetctl COMMAND [OPTION]...\n\n", stream);
	for (size_t i = 0; i < COMMANDS; i++)
		(void)fprintf(
		    stream, "  %-15s %s\n", commands[i].name, commands[i].help);
	(void)fputs("\n"
		    "Every command knows --help and -o json.\n"
		    "Exit status: 0 done, 1 failed, 2 not understood.\n",
	    stream);
}

/* How many of words are the whole of name; 0: they are not. */
static int
words_of(const char *name, int count, char **words)
{
	int used = 0;

	for (; used < count; used++) {
		size_t length = strlen(words[used]);

		if (strncmp(name, words[used], length) != 0)
			return 0;
		if (name[length] == '\0')
			return used + 1;
		if (name[length] != ' ')
			return 0;
		name += length + 1;
	}
	return 0;
}

static int
unknown(const char *word)
{
	output_note("unknown command '%s'", word);
	return EXIT_USAGE;
}

static int
run(int argc, char **argv)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		int used = words_of(commands[i].name, argc - 1, argv + 1);

		if (used > 0)
			return commands[i].run(argc - used, argv + used);
	}
	return unknown(argv[1]);
}

int
main(int argc, char **argv)
{
	int status;

	(void)setlocale(LC_CTYPE, "");
	if (argc < 2) {
		help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		help(stdout);
		status = EXIT_SUCCESS;
	} else if (strcmp(argv[1], "--version") == 0) {
		(void)puts("signetctl " SIGNET_VERSION);
		status = EXIT_SUCCESS;
	} else {
		status = run(argc, argv);
	}
	if (fflush(stdout) || ferror(stdout)) {
		output_note("cannot write the output");
		return EXIT_FAILURE;
	}
	return status;
}
