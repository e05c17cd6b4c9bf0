/* SPDX-License-Identifier: MIT */
#include "arguments.h"

#include <getopt.h>
#include <stdio.h>

#include "commands.h"

enum { OPTION_FROM = 0x100 };

static void
usage(FILE *stream, const struct synopsis *synopsis)
{
	(void)fprintf(stream, "usage: signetctl %s%s [-o text|json]%s%s\n",
	    synopsis->command, synopsis->has_from ? " [--from FILE]" : "",
	    synopsis->operands ? " " : "",
	    synopsis->operands ? synopsis->operands : "");
}

static enum error_code
read_operands(const struct synopsis *synopsis, int argc, char **argv,
    struct arguments *arguments, struct error *err)
{
	int count = argc - optind;

	arguments->operands = argv + optind;
	arguments->operand_count = count;
	if (synopsis->takes_any)
		return ERROR_NONE;
	if (count < synopsis->operand_count)
		return error_set(err, ERROR_INVALID, "%s: missing '%s'",
		    synopsis->command, synopsis->operands);
	if (count > synopsis->operand_count)
		return error_set(err, ERROR_INVALID,
		    "%s: unexpected argument '%s'", synopsis->command,
		    argv[optind + synopsis->operand_count]);
	return ERROR_NONE;
}

/* *ret_help is true, which is success, if only help is wanted. */
static enum error_code
read_all(const struct synopsis *synopsis, int argc, char **argv,
    struct arguments *arguments, bool *ret_help, struct error *err)
{
	static const struct option options[] = {
	    {"from",   required_argument, NULL, OPTION_FROM},
	    {"help",   no_argument,       NULL, 'h'        },
	    {"output", required_argument, NULL, 'o'        },
	    {NULL,     0,                 NULL, 0          },
	};
	const struct option *known = options + !synopsis->has_from;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":ho:", known, NULL)) != -1) {
		if (option == 'h') {
			*ret_help = true;
			return ERROR_NONE;
		}
		if (option == ':')
			return error_set(err, ERROR_INVALID,
			    "%s: no value for option '%s'", synopsis->command,
			    argv[optind - 1]);
		if (option == OPTION_FROM)
			arguments->from = optarg;
		else if (option != 'o')
			return error_set(err, ERROR_INVALID,
			    "%s: unknown option '%s'", synopsis->command,
			    argv[optind - 1]);
		else if (!output_form_parse(optarg, &arguments->form))
			return error_set(err, ERROR_INVALID,
			    "%s: unknown output form '%s'", synopsis->command,
			    optarg);
	}
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
		*ret_status = EXIT_SUCCESS;
		return false;
	}
	*ret_arguments = arguments;
	return true;
}

enum output_form
arguments_form(int argc, char **argv)
{
	static const struct option options[] = {
	    {"output", required_argument, NULL, 'o'},
	    {NULL,     0,                 NULL, 0  },
	};
	enum output_form form = OUTPUT_TEXT;
	int option;

	opterr = 0;
	optind = 0; /* glibc: from the start */
	while ((option = getopt_long(argc, argv, ":o:", options, NULL)) != -1)
		if (option == 'o')
			(void)output_form_parse(optarg, &form);
	return form;
}
