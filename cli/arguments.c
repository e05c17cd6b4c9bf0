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

static bool
refuse(const struct synopsis *synopsis, const char *what, const char *text,
    int *ret_status)
{
	output_note("%s: %s%s%s%s", synopsis->command, what, text ? " '" : "",
	    text ? text : "", text ? "'" : "");
	usage(stderr, synopsis);
	*ret_status = EXIT_USAGE;
	return false;
}

static bool
read_operands(const struct synopsis *synopsis, int argc, char **argv,
    struct arguments *arguments, int *ret_status)
{
	int count = argc - optind;

	if (count < synopsis->operand_count)
		return refuse(
		    synopsis, "missing", synopsis->operands, ret_status);
	if (count > synopsis->operand_count)
		return refuse(synopsis, "unexpected argument",
		    argv[optind + synopsis->operand_count], ret_status);
	arguments->operands = argv + optind;
	return true;
}

bool
arguments_read(const struct synopsis *synopsis, int argc, char **argv,
    struct arguments *ret_arguments, int *ret_status)
{
	static const struct option options[] = {
	    {"from",       required_argument, NULL, OPTION_FROM},
	    {"help",        no_argument, NULL, 'h'},
	    {"output",            required_argument, NULL, 'o'},
	    {0},
	};
	const struct option *known = options + !synopsis->has_from;
	struct arguments arguments = {.form = OUTPUT_TEXT};
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":ho:", known, NULL)) != -1) {
		if (option == 'h') {
			usage(stdout, synopsis);
			*ret_status = EXIT_SUCCESS;
			return false;
		}
		if (option == ':')
			return refuse(synopsis, "no value for option",
			    argv[optind - 1], ret_status);
		if (option == 'o') {
			if (!output_form_parse(optarg, &arguments.form))
				return refuse(synopsis, "unknown output form",
				    optarg, ret_status);
		} else if (option == OPTION_FROM) {
			arguments.from = optarg;
		} else {
			return refuse(synopsis, "unknown option",
			    argv[optind - 1], ret_status);
		}
	}
	if (!read_operands(synopsis, argc, argv, &arguments, ret_status))
		return false;
	*ret_arguments = arguments;
	return true;
}
