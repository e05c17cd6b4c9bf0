/* SPDX-License-Identifier: MIT */
#include "output.h"

#include <inttypes.h>
#include <libsmartcols.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/file.h"

#define BELOW "below"

typedef struct libscols_table scols_table;
DEFINE_CLEANUP(scols_table, scols_table, scols_unref_table)

bool
output_form_parse(const char *text, enum output_form *ret_form)
{
	if (strcmp(text, "json") == 0)
		*ret_form = OUTPUT_JSON;
	else if (strcmp(text, "text") == 0)
		*ret_form = OUTPUT_TEXT;
	else
		return false;
	return true;
}

void
output_json(const json_t *document)
{
	(void)json_dumpf(document, stdout, JSON_INDENT(2));
	(void)putchar('\n');
}

const char *
output_member(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	return text ? text : "-";
}

/* The caller frees it; NULL: no memory. */
static char *
cell_text(const json_t *value)
{
	if (json_is_string(value))
		return strdup(json_string_value(value));
	if (json_is_integer(value))
		return string_format(
		    "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	if (json_is_boolean(value))
		return strdup(json_is_true(value) ? "yes" : "no");
	return strdup("-");
}

/* Fills line with the columns of object. */
static int
line_fill(struct libscols_line *line, const json_t *object,
    const struct output_column *columns)
{
	for (size_t i = 0; columns[i].title; i++) {
		CLEANUP(string)
		char *text =
		    cell_text(json_object_get(object, columns[i].member));

		if (!text || scols_line_set_data(line, i, text))
			return -1;
	}
	return 0;
}

/* A line for each object of array, under parent, and for what is below it. */
static int
table_add(scols_table *table, struct libscols_line *parent, const json_t *array,
    const struct output_column *columns)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *object = json_array_get(array, i);
		struct libscols_line *line =
		    scols_table_new_line(table, parent);

		if (!line || line_fill(line, object, columns) ||
		    table_add(
			table, line, json_object_get(object, BELOW), columns))
			return -1;
	}
	return 0;
}

/* flags are those of the first column. */
static int
table_draw(const json_t *array, const struct output_column *columns, int flags)
{
	CLEANUP(scols_table) scols_table *table = scols_new_table();

	if (!table)
		return -1;
	for (size_t i = 0; columns[i].title; i++)
		if (!scols_table_new_column(
			table, columns[i].title, 0, i == 0 ? flags : 0))
			return -1;
	if (table_add(table, NULL, array, columns))
		return -1;
	return scols_print_table(table);
}

void
output_table(const json_t *array, const struct output_column *columns)
{
	if (table_draw(array, columns, 0))
		output_note("out of memory while drawing a table");
}

void
output_tree(const json_t *array, const struct output_column *columns)
{
	if (table_draw(array, columns, SCOLS_FL_TREE))
		output_note("out of memory while drawing a tree");
}

int
output_failure(enum output_form form, const struct error *err)
{
	return output_failure_details(form, err, NULL);
}

int
output_items_status(const json_t *items)
{
	for (size_t i = 0; i < json_array_size(items); i++)
		if (json_object_get(json_array_get(items, i), "error"))
			return EXIT_FAILURE;
	return EXIT_SUCCESS;
}

/* True if the kernel refused, and we are not who is refused little. */
static bool
root_can(const struct error *err)
{
	return geteuid() != 0 &&
	       (strstr(err->message, "Permission denied") ||
		   strstr(err->message, "Operation not permitted")) &&
	       !strstr(err->message, "be root");
}

int
output_failure_details(
    enum output_form form, const struct error *err, json_t *details)
{
	CLEANUP(json) json_t *document = NULL;

	output_note("%s%s", err->message, root_can(err) ? " (root can)" : "");
	if (form == OUTPUT_JSON) {
		document = json_pack("{s:{s:s, s:s}}", "error", "code",
		    error_code_name(err->code), "message", err->message);
		if (details)
			(void)json_object_update(document, details);
		output_json(document);
	}
	return EXIT_FAILURE;
}

void
output_note(const char *format, ...)
{
	va_list args;

	(void)fputs("signetctl: ", stderr);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputc('\n', stderr);
}

json_t *
output_joined(const json_t *array)
{
	CLEANUP(string) char *text = strdup("");

	for (size_t i = 0; text && i < json_array_size(array); i++) {
		CLEANUP(string) char *former = text;

		text = string_format("%s%s%s", former, i ? "," : "",
		    json_string_value(json_array_get(array, i)));
	}
	return json_string(text);
}

void
output_progress(const char *what)
{
	if (isatty(STDERR_FILENO))
		output_note("%s ...", what);
}

/* What is under way, as long as nobody has been told; then NULL. */
static _Atomic(const char *) slow_work;

static void *
tell_slow_work(void *unused)
{
	const struct timespec second = {.tv_sec = 1};
	const char *what;

	(void)nanosleep(&second, NULL);
	what = atomic_exchange(&slow_work, NULL);
	output_progress(what);
	return unused;
}

void
output_progress_if_slow(const char *what)
{
	static bool is_watched;
	pthread_t watcher;

	if (!isatty(STDERR_FILENO))
		return;
	if (!is_watched) {
		is_watched = true;
		atomic_store(&slow_work, what);
		if (pthread_create(&watcher, NULL, tell_slow_work, NULL) == 0)
			(void)pthread_detach(watcher);
	} else if (!atomic_load(&slow_work)) {
		output_progress(what);
	} else {
		atomic_store(&slow_work, what);
	}
}

bool
output_has_colours(void)
{
	const char *unwanted = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(unwanted && *unwanted) && terminal &&
	       strcmp(terminal, "dumb") != 0;
}
