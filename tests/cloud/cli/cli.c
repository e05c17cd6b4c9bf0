/* SPDX-License-Identifier: MIT */
#include "cli.h"

#include <errno.h>
#include <libsmartcols.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/file.h"

#define FILE_BYTES_MAX ((size_t)1024 * 1024)

DEFINE_CLEANUP(table, struct libscols_table, scols_unref_table)

int
cli_fail(const struct error *err)
{
	(void)fprintf(stderr, "signet-cloud: %s\n", err->message);
	return EXIT_FAILURE;
}

void
cli_warn(const char *format, ...)
{
	va_list args;

	(void)fputs("signet-cloud: warning: ", stderr);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputc('\n', stderr);
}

int
cli_usage(const char *format, ...)
{
	va_list args;

	(void)fputs("signet-cloud: ", stderr);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputs("; see 'signet-cloud --help'\n", stderr);
	return EX_USAGE;
}

int
cli_next_option(int argc, char *argv[], const char *short_options,
    const struct option *long_options)
{
	int option;

	opterr = 0; /* we say it in our own words */
	option = getopt_long(argc, argv, short_options, long_options, NULL);
	if (option == '?')
		(void)cli_usage("option '%s' is unknown, or needs a value",
		    argv[optind - 1]);
	return option;
}

bool
cli_read_format(bool *ret_as_json)
{
	if (strcmp(optarg, "json") != 0 && strcmp(optarg, "table") != 0) {
		(void)cli_usage("-o is 'json' or 'table', not '%s'", optarg);
		return false;
	}
	*ret_as_json = strcmp(optarg, "json") == 0;
	return true;
}

enum error_code
cli_number(const char *what, const char *text, long maximum, long *ret_number,
    struct error *err)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	if (errno || *end || end == text || number < 0 || number > maximum)
		return error_set(err, ERROR_INVALID,
		    "%s must be a number from 0 to %ld, not '%s'", what,
		    maximum, text);
	*ret_number = number;
	return ERROR_NONE;
}

static const json_t *
find_member(const json_t *item, const char *path)
{
	while (item && *path) {
		size_t length = strcspn(path, ".");
		CLEANUP(string) char *name = strndup(path, length);

		item = name ? json_object_get(item, name) : NULL;
		path += length + (path[length] == '.');
	}
	return item;
}

/* A cell's text; the caller frees it. */
static char *
cell_text(const json_t *value)
{
	if (!value || json_is_null(value))
		return strdup("-");
	if (json_is_string(value))
		return strdup(json_string_value(value));
	return json_text(value);
}

static enum error_code
add_line(struct libscols_table *table, const json_t *item,
    const struct cli_column *columns, size_t count, struct error *err)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);

	if (!line)
		return error_no_memory(err);
	for (size_t i = 0; i < count; i++) {
		CLEANUP(string)
		char *text = cell_text(find_member(item, columns[i].path));

		if (!text || scols_line_set_data(line, i, text))
			return error_no_memory(err);
	}
	return ERROR_NONE;
}

enum error_code
cli_print_table(const json_t *items, const struct cli_column *columns,
    size_t count, struct error *err)
{
	CLEANUP(table) struct libscols_table *table = scols_new_table();

	if (!table)
		return error_no_memory(err);
	for (size_t i = 0; i < count; i++)
		if (!scols_table_new_column(table, columns[i].title, 0, 0))
			return error_no_memory(err);
	for (size_t i = 0; i < json_array_size(items); i++)
		if (add_line(
			table, json_array_get(items, i), columns, count, err))
			return err->code;
	if (scols_print_table(table) < 0)
		return error_set(err, ERROR_INTERNAL, "cannot print the table");
	return ERROR_NONE;
}

enum error_code
cli_read_json(const char *text, json_t **ret_value, struct error *err)
{
	CLEANUP(string) char *data = NULL;

	if (*text == '@') {
		if (file_read(text + 1, FILE_BYTES_MAX, &data, NULL, err))
			return err->code;
		text = data;
	}
	return json_parse(text, strlen(text), ret_value, err);
}

void
cli_print_json(const json_t *value)
{
	(void)json_dumpf(value, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
	(void)putchar('\n');
}
