/* SPDX-License-Identifier: MIT */
/*
 * What a command found out, for people or for programs.
 *
 * A command builds one JSON document. With -o json it is printed as it is, the
 * only thing on stdout; else tables and sentences are drawn from it. What is
 * said beside (failures, notes) goes to stderr.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/json.h"

enum output_form { OUTPUT_TEXT, OUTPUT_JSON };

/* Reads "text" or "json". */
bool output_form_parse(const char *text, enum output_form *ret_form);

void output_json(const json_t *document);

/* The text of a member of object; "-" if there is none. Borrowed. */
const char *output_member(const json_t *object, const char *member);

/* The texts of array as one, separated by commas. Another reference. */
json_t *output_joined(const json_t *array);

struct output_column {
	const char *title;
	const char *member; /* of each object */
};

/*
 * Draws the objects of array as the lines of a table, in columns ended by one
 * without a title. Booleans are "yes" and "no"; what is absent is "-".
 */
void output_table(const json_t *array, const struct output_column *columns);

/*
 * As output_table(), the first column as a tree: what is below an object is the
 * array that is its member "below".
 */
void output_tree(const json_t *array, const struct output_column *columns);

/*
 * Reports that the command failed: the message on stderr and, for programs,
 * {"error":{"code","message"}} on stdout. Returns EXIT_FAILURE.
 */
int output_failure(enum output_form form, const struct error *err);

/*
 * The exit status of who has shown items, an array: EXIT_FAILURE if one of them
 * has an "error" in place of what it is.
 */
int output_items_status(const json_t *items);

/* As output_failure(), with the members of details beside "error". */
int output_failure_details(
    enum output_form form, const struct error *err, json_t *details);

/* One line on stderr: "signetctl: ...". */
void output_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says what takes its time now, if a person watches (stderr is a terminal). */
void output_progress(const char *what);

/*
 * The same for what is mostly done at once: said only if a second has passed
 * since the first call. what is borrowed for good.
 */
void output_progress_if_slow(const char *what);

/* True if stdout is a terminal that shows colours (and NO_COLOR is unset). */
bool output_has_colours(void);

#endif
