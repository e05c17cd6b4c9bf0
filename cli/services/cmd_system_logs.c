/* SPDX-License-Identifier: MIT */
/* signetctl system logs, set-log-level: what the daemons say. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "commands.h"
#include "common/file.h"
#include "common/log.h"
#include "common/paths.h"
#include "log_entry.h"
#include "program.h"
#include "service.h"
#include "service_log.h"
#include "unit.h"

#define LINES_DEFAULT 50
#define LINES_MAX 100000

/* --- logs ----------------------------------------------------------------- */

/* Reads how many lines are wanted; text may be NULL. */
static enum error_code
read_count(const char *text, unsigned *ret_count, struct error *err)
{
	char *end;
	unsigned long count;

	*ret_count = LINES_DEFAULT;
	if (!text)
		return ERROR_NONE;
	errno = 0;
	count = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || count == 0 ||
	    count > LINES_MAX)
		return error_set(err, ERROR_INVALID,
		    "system logs: '--lines' must be a number from 1 to %d",
		    LINES_MAX);
	*ret_count = (unsigned)count;
	return ERROR_NONE;
}

/* Becomes argv[0]; the error is only seen if that cannot be. */
static enum error_code
become(const char *const *argv, struct error *err)
{
	union {
		const char *const *constant;
		char **plain;
	} words = {.constant = argv}; /* execvp() changes none */

	(void)fflush(stdout);
	(void)execvp(argv[0], words.plain);
	return error_set_errno(err, ERROR_UNAVAILABLE, "%s", argv[0]);
}

/* For programs: one object a line, so that what is followed can be read. */
static void
print_entry(json_t *entry)
{
	if (entry && json_dumpf(entry, stdout, JSON_COMPACT) == 0)
		(void)putchar('\n');
	(void)fflush(stdout);
	json_decref(entry);
}

/* The entry of a line, or NULL. context is what it needs to know. */
typedef json_t *read_entry(const char *line, void *context);

/* Prints what argv writes, line by line, until it ends. */
static enum error_code
print_entries(
    const char *const *argv, read_entry *read, void *context, struct error *err)
{
	CLEANUP(string) char *line = NULL;
	size_t size = 0;
	ssize_t length;
	FILE *stream;
	pid_t pid;
	int output;
	int status;

	if (program_start(argv, &pid, &output, err))
		return err->code;
	stream = fdopen(output, "r");
	while (stream && (length = getline(&line, &size, stream)) > 0) {
		line[length - (line[length - 1] == '\n')] = '\0';
		print_entry(read(line, context));
	}
	(void)(stream ? fclose(stream) : close(output));
	if (program_wait(pid, &status, err))
		return err->code;
	return status == 0 ? ERROR_NONE
			   : error_set(err, ERROR_UNAVAILABLE,
				 "%s failed, with status %d", argv[0], status);
}

static json_t *
read_journal_line(const char *line, void *context)
{
	(void)context;
	return log_entry_of_journal(line);
}

static enum error_code
show_journal(
    unsigned lines, bool follow, enum output_form form, struct error *err)
{
	CLEANUP(string) char *count = string_format("--lines=%u", lines);
	const char *const argv[] = {"journalctl", "--no-pager",
	    "--unit=signet-*", count ? count : "--lines=50",
	    form == OUTPUT_JSON ? "--output=json" : "--output=short-iso",
	    follow ? "--follow" : NULL, NULL};

	if (form == OUTPUT_JSON)
		return print_entries(argv, read_journal_line, NULL, err);
	return become(argv, err);
}

/* Whose line it is that tail(1) writes. */
struct followed {
	char *paths[SERVICE_COUNT];
	size_t now;
};

/* Between files tail writes "==> PATH <==", behind an empty line. */
static json_t *
read_file_line(const char *line, void *context)
{
	struct followed *followed = context;

	for (size_t i = 0; i < SERVICE_COUNT; i++) {
		CLEANUP(string)
		char *title = string_format("==> %s <==", followed->paths[i]);

		if (title && strcmp(line, title) == 0) {
			followed->now = i;
			return NULL;
		}
	}
	return *line ? log_entry_of_line(service_names[followed->now], line)
		     : NULL;
}

static enum error_code
follow_files(unsigned lines, enum output_form form, struct error *err)
{
	CLEANUP(string) char *count = string_format("--lines=%u", lines);
	struct followed followed = {0};
	enum error_code code = ERROR_NONE;

	for (size_t i = 0; i < SERVICE_COUNT; i++) {
		followed.paths[i] = service_log_path(service_names[i]);
		if (!followed.paths[i])
			code = error_no_memory(err);
	}
	if (!code) {
		const char *const argv[] = {"tail", "-F",
		    count ? count : "--lines=50", followed.paths[0],
		    followed.paths[1], followed.paths[2], NULL};

		code = form == OUTPUT_JSON
			   ? print_entries(argv, read_file_line, &followed, err)
			   : become(argv, err);
	}
	for (size_t i = 0; i < SERVICE_COUNT; i++)
		free(followed.paths[i]);
	return code;
}

/* A daemon that was never started has no file. */
static enum error_code
check_file(const char *name, bool *any, struct error *err)
{
	CLEANUP(string) char *path = service_log_path(name);
	char reason[64];

	if (!path)
		return error_no_memory(err);
	if (access(path, R_OK) == 0)
		*any = true;
	else if (errno != ENOENT)
		return error_set(err, ERROR_DENIED, "cannot read '%s': %s",
		    path, strerror_r(errno, reason, sizeof(reason)));
	return ERROR_NONE;
}

static enum error_code
check_files(struct error *err)
{
	bool any = false;

	for (size_t i = 0; i < SERVICE_COUNT; i++)
		if (check_file(service_names[i], &any, err))
			return err->code;
	if (!any)
		output_note("there are no logs in '%s/log'; 'signetctl system "
			    "start' starts the daemons",
		    paths_state_directory());
	return ERROR_NONE;
}

static enum error_code
show_files(unsigned lines, enum output_form form, struct error *err)
{
	for (size_t i = 0; i < SERVICE_COUNT; i++) {
		const char *name = service_names[i];
		CLEANUP(json) json_t *said = service_log_lines(name, lines);

		if (!said)
			return error_no_memory(err);
		for (size_t j = 0; j < json_array_size(said); j++) {
			const char *line =
			    json_string_value(json_array_get(said, j));

			if (form == OUTPUT_JSON)
				print_entry(log_entry_of_line(name, line));
			else
				(void)printf("%s: %s\n", name, line);
		}
	}
	return ERROR_NONE;
}

static enum error_code
logs(const struct synopsis *synopsis, const struct arguments *arguments,
    struct error *err)
{
	bool follow = arguments_value(synopsis, arguments, "follow");
	unsigned lines;

	if (read_count(
		arguments_value(synopsis, arguments, "lines"), &lines, err))
		return err->code;
	if (unit_manages())
		return show_journal(lines, follow, arguments->form, err);
	if (check_files(err))
		return err->code;
	if (follow)
		return follow_files(lines, arguments->form, err);
	return show_files(lines, arguments->form, err);
}

int
cmd_system_logs(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "system logs",
	    .options = {{"lines", "NUMBER", false}, {"follow", NULL, false}}
        };
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	if (logs(&synopsis, &arguments, &err)) {
		(void)output_failure(arguments.form, &err);
		return err.code == ERROR_INVALID ? EXIT_USAGE : EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

/* --- set-log-level -------------------------------------------------------- */

static enum error_code
write_level(const char *level, struct error *err)
{
	CLEANUP(string)
	char *path = string_format("%s/log-level", paths_config_directory());
	CLEANUP(string) char *text = string_format("%s\n", level);

	if (!path || !text)
		return error_no_memory(err);
	if (file_make_directory(paths_config_directory(), 0755, err))
		return err->code;
	return file_write(path, text, strlen(text), 0644, err);
}

/* Daemons that run take it over at once. */
static enum error_code
set_level(const char *level, json_t *daemons, struct error *err)
{
	if (write_level(level, err))
		return err->code;
	for (size_t i = 0; i < SERVICE_COUNT; i++) {
		bool runs;

		if (service_reload(service_names[i], &runs, err))
			return err->code;
		if (json_array_append_new(
			daemons, json_pack("{s:s, s:b}", "name",
				     service_names[i], "running", runs)))
			return error_no_memory(err);
	}
	return ERROR_NONE;
}

int
cmd_system_set_log_level(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "system set-log-level",
	    .operands = "LEVEL",
	    .operand_count = 1};
	CLEANUP(json) json_t *daemons = json_array();
	CLEANUP(json) json_t *document = NULL;
	struct arguments arguments;
	enum log_level level;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	if (log_level_parse(arguments.operands[0], &level, &err)) {
		(void)output_failure(arguments.form, &err);
		return EXIT_USAGE;
	}
	if (set_level(arguments.operands[0], daemons, &err))
		return output_failure(arguments.form, &err);
	document = json_pack(
	    "{s:s, s:O}", "level", arguments.operands[0], "daemons", daemons);
	if (arguments.form == OUTPUT_JSON)
		output_json(document);
	else
		(void)printf("the log level is '%s' from now on\n",
		    arguments.operands[0]);
	return EXIT_SUCCESS;
}
