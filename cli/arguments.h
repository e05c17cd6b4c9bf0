/* SPDX-License-Identifier: MIT */
/* The options that every command has, the few of its own, and its operands. */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include "output.h"

/* What a command takes. */
struct synopsis {
	const char *command;  /* "config apply" */
	const char *operands; /* "TEXT"; NULL: none */
	int operand_count;    /* exactly so many */
	bool takes_any;       /* any number of operands instead */
	bool has_from;        /* --from FILE */
};

struct arguments {
	enum output_form form;
	const char *from; /* NULL if not given */
	char **operands;
	int operand_count;
};

/*
 * Reads a command's arguments. Returns false when the command is to end with
 * *ret_status: after --help, or after a mistake that has been reported.
 */
bool arguments_read(const struct synopsis *synopsis, int argc, char **argv,
    struct arguments *ret_arguments, int *ret_status);

/* The form of output that is asked for by words that cannot all be read. */
enum output_form arguments_form(int argc, char **argv);

#endif
