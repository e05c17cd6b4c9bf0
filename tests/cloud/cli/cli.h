/* SPDX-License-Identifier: MIT */
/*
 * The commands of signet-cloud. Each gets its own arguments, argv[0] being its
 * name, and returns the exit status: 0, or 1 after it has said on stderr in
 * one sentence what is wrong, or EX_USAGE if it was called wrongly.
 */
#ifndef CLOUD_CLI_H
#define CLOUD_CLI_H

#include <getopt.h>
#include <stdbool.h>

#include "common/error.h"
#include "common/json.h"

int command_bench(int argc, char *argv[]);
int command_cert(int argc, char *argv[]);
int command_device(int argc, char *argv[]);
int command_enroll(int argc, char *argv[]);
int command_est(int argc, char *argv[]);
int command_fault(int argc, char *argv[]);
int command_init(int argc, char *argv[]);
int command_messages(int argc, char *argv[]);
int command_serve(int argc, char *argv[]);
int command_show(int argc, char *argv[]);
int command_twin(int argc, char *argv[]);

/* Says err on stderr and returns the exit status. */
int cli_fail(const struct error *err);

/* Says on stderr what will probably not do what was meant. */
void cli_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says what is wrong with the arguments and returns EX_USAGE. */
int cli_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * The next option, as getopt_long(), or '?' after it has said what is wrong.
 * The value of an option is in optarg.
 */
int cli_next_option(int argc, char *argv[], const char *short_options,
    const struct option *long_options);

/*
 * Reads the value of -o, "json" or "table", from optarg; false after it has
 * said what is wrong.
 */
bool cli_read_format(bool *ret_as_json);

/* Reads a decimal number from 0 to maximum. Fails with ERROR_INVALID. */
MUST_CHECK enum error_code cli_number(const char *what, const char *text,
    long maximum, long *ret_number, struct error *err);

/*
 * Reads a JSON text, or that in the file behind '@'. *ret_value is the
 * caller's. Fails as file_read() and json_parse() do.
 */
MUST_CHECK enum error_code cli_read_json(
    const char *text, json_t **ret_value, struct error *err);

/* What a table shows of each item. */
struct cli_column {
	const char *title;
	const char *path; /* of the member, "a.b" for one inside another */
};

/* Prints items (an array of objects) as a table. */
MUST_CHECK enum error_code cli_print_table(const json_t *items,
    const struct cli_column *columns, size_t count, struct error *err);

/* Prints value as indented JSON. */
void cli_print_json(const json_t *value);

#endif
