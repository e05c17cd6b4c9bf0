/* SPDX-License-Identifier: MIT */
/* The options that every command has, the few of its own, and its operands. */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include "output.h"

#define ARGUMENTS_OPTIONS_MAX 10

/* An option of one command: --name VALUE, or --name. */
struct synopsis_option {
	const char *name;  /* "from" */
	const char *value; /* "FILE"; NULL: it has none */
	bool required;
};

/* What a command takes. */
struct synopsis {
	const char *command;  /* "config apply" */
	const char *operands; /* "TEXT"; NULL: none */
	int operand_count;    /* at least so many */
	int operand_max;      /* at most so many; 0: not more than that */
	bool takes_any;       /* any number of operands instead */
	struct synopsis_option options[ARGUMENTS_OPTIONS_MAX];
};

struct arguments {
	enum output_form form;
	/* Of the options; NULL if not given, "" if given without a value. */
	const char *values[ARGUMENTS_OPTIONS_MAX];
	char **operands;
	int operand_count;
};

/*
 * Reads a command's arguments. Returns false when the command is to end with
 * *ret_status: after --help, or after a mistake that has been reported.
 */
bool arguments_read(const struct synopsis *synopsis, int argc, char **argv,
    struct arguments *ret_arguments, int *ret_status);

/* The value of option name, which synopsis has; NULL if it is not given. */
const char *arguments_value(const struct synopsis *synopsis,
    const struct arguments *arguments, const char *name);

/* The form of output that is asked for by words that cannot all be read. */
enum output_form arguments_form(int argc, char **argv);

#endif
