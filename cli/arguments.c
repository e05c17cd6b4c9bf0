/* SPDX-License-Identifier: MIT */
#include "arguments.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "examples.h"

/* Behind what is a character: the position of a command's own option. */
#define OPTION_OWN 0x100
#define OPTIONS_COMMON 3 /* with the end of the list */

static void
usage(FILE *stream, const struct synopsis *synopsis)
{
	const struct synopsis_option *options = synopsis->options;

	(void)fprintf(stream, "usage: signetctl %s", synopsis->command);
	for (size_t i = 0; i < ARGUMENTS_OPTIONS_MAX && options[i].name; i++)
		(void)fprintf(stream, " %s--%s%s%s%s",
		    options[i].required ? "" : "[", options[i].name,
		    options[i].value ? " " : "",
		    options[i].value ? options[i].value : "",
		    options[i].required ? "" : "]");
	(void)fprintf(stream, " [-o text|json]%s%s\n",
	    synopsis->operands ? " " : "",
	    synopsis->operands ? synopsis->operands : "");
}

static enum error_code
read_operands(const struct synopsis *synopsis, int argc, char **argv,
    struct arguments *arguments, struct error *err)
{
	int count = argc - optind;
	int most = synopsis->operand_max ? synopsis->operand_max
					 : synopsis->operand_count;

	arguments->operands = argv + optind;
	arguments->operand_count = count;
	if (synopsis->takes_any)
		return ERROR_NONE;
	if (count < synopsis->operand_count)
		return error_set(err, ERROR_INVALID, "%s: missing '%s'",
		    synopsis->command, synopsis->operands);
	if (count > most)
		return error_set(err, ERROR_INVALID,
		    "%s: unexpected argument '%s'", synopsis->command,
		    argv[optind + most]);
	return ERROR_NONE;
}

static enum error_code
check_required(const struct synopsis *synopsis,
    const struct arguments *arguments, struct error *err)
{
	for (size_t i = 0; i < ARGUMENTS_OPTIONS_MAX; i++)
		if (synopsis->options[i].required && !arguments->values[i])
			return error_set(err, ERROR_INVALID,
			    "%s: missing option '--%s'", synopsis->command,
			    synopsis->options[i].name);
	return ERROR_NONE;
}

/* What getopt_long() is to know: what all commands have, and synopsis. */
static void
list_options(const struct synopsis *synopsis,
    struct option options[OPTIONS_COMMON + ARGUMENTS_OPTIONS_MAX])
{
	static const struct option common[] = {
	    {"help",   no_argument,       NULL, 'h'},
	    {"output", required_argument, NULL, 'o'},
	};
	size_t count = 0;

	for (; count < 2; count++)
		options[count] = common[count];
	for (size_t i = 0; i < ARGUMENTS_OPTIONS_MAX; i++)
		if (synopsis->options[i].name)
			options[count++] =
			    (struct option){synopsis->options[i].name,
				synopsis->options[i].value ? required_argument
							   : no_argument,
				NULL, OPTION_OWN + (int)i};
	options[count] = (struct option){NULL, 0, NULL, 0};
}

static enum error_code
take_option(const struct synopsis *synopsis, int option, char **argv,
    struct arguments *arguments, struct error *err)
{
	if (option >= OPTION_OWN)
		arguments->values[option - OPTION_OWN] = optarg ? optarg : "";
	else if (option == ':')
		return error_set(err, ERROR_INVALID,
		    "%s: no value for option '%s'", synopsis->command,
		    argv[optind - 1]);
	else if (option != 'o')
		return error_set(err, ERROR_INVALID, "%s: unknown option '%s'",
		    synopsis->command, argv[optind - 1]);
	else if (!output_form_parse(optarg, &arguments->form))
		return error_set(err, ERROR_INVALID,
		    "%s: unknown output form '%s'", synopsis->command, optarg);
	return ERROR_NONE;
}

/* *ret_help is true, which is success, if only help is wanted. */
static enum error_code
read_all(const struct synopsis *synopsis, int argc, char **argv,
    struct arguments *arguments, bool *ret_help, struct error *err)
{
	struct option options[OPTIONS_COMMON + ARGUMENTS_OPTIONS_MAX];
	int option;

	list_options(synopsis, options);
	opterr = 0;
	while (
	    (option = getopt_long(argc, argv, ":ho:", options, NULL)) != -1) {
		if (option == 'h') {
			*ret_help = true;
			return ERROR_NONE;
		}
		if (take_option(synopsis, option, argv, arguments, err))
			return err->code;
	}
	if (check_required(synopsis, arguments, err))
		return err->code;
	return read_operands(synopsis, argc, argv, arguments, err);
}

bool
arguments_read(const struct synopsis *synopsis, int argc, char **argv,
    struct arguments *ret_arguments, int *ret_status)
{
	struct arguments arguments = {.form = OUTPUT_TEXT};
	struct error err;
	bool help = false;

	if (read_all(synopsis, argc, argv, &arguments, &help, &err)) {
		(void)output_failure(arguments_form(argc, argv), &err);
		usage(stderr, synopsis);
		*ret_status = EXIT_USAGE;
		return false;
	}
	if (help) {
		usage(stdout, synopsis);
		examples_print(synopsis->command);
		*ret_status = EXIT_SUCCESS;
		return false;
	}
	*ret_arguments = arguments;
	return true;
}

const char *
arguments_value(const struct synopsis *synopsis,
    const struct arguments *arguments, const char *name)
{
	for (size_t i = 0; i < ARGUMENTS_OPTIONS_MAX; i++)
		if (synopsis->options[i].name &&
		    strcmp(synopsis->options[i].name, name) == 0)
			return arguments->values[i];
	return NULL;
}

enum output_form
arguments_form(int argc, char **argv)
{
	static const struct option options[] = {
	    {"output", required_argument, NULL, 'o'},
	    {"json",   no_argument,       NULL, 'j'}, /* of check */
	    {NULL,     0,                 NULL, 0  },
	};
	enum output_form form = OUTPUT_TEXT;
	int option;

	opterr = 0;
	optind = 0; /* glibc: from the start */
	while ((option = getopt_long(argc, argv, ":o:", options, NULL)) != -1)
		if (option == 'o')
			(void)output_form_parse(optarg, &form);
		else if (option == 'j')
			form = OUTPUT_JSON;
	return form;
}
