/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "common/cleanup.h"
#include "files.h"

#define CHUNK ((size_t)64 * 1024)
#define TURNS_MAX 100

/* Files that are open, so that keyd may turn them meanwhile. */
struct inputs {
	size_t count;
	struct input {
		const char *path; /* borrowed */
		uint64_t first;
		int file;
	} * items;
};

static void
inputs_done(struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->count; i++)
		(void)close(inputs->items[i].file);
	free(inputs->items);
	*inputs = (struct inputs){0};
}

static enum error_code
feed_all(
    struct audit_check *check, int file, const char *path, struct error *err)
{
	CLEANUP(string) char *chunk = malloc(CHUNK);
	ssize_t got;

	if (!chunk)
		return error_no_memory(err);
	while ((got = read(file, chunk, CHUNK)) > 0)
		if (audit_check_feed(check, chunk, (size_t)got, err))
			return err->code;
	if (got < 0)
		return error_set_errno(
		    err, ERROR_INTERNAL, "cannot read '%s'", path);
	return ERROR_NONE;
}

static enum error_code
open_input(const char *path, int *ret_file, struct error *err)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;

	if (file < 0)
		return error_set_errno(err,
		    errno == ENOENT   ? ERROR_NOT_FOUND
		    : errno == EACCES ? ERROR_DENIED
				      : ERROR_INTERNAL,
		    "cannot open '%s'", path);
	if (fstat(file, &status) < 0 || !S_ISREG(status.st_mode)) {
		(void)close(file);
		return error_set(
		    err, ERROR_INVALID, "'%s' is not a regular file", path);
	}
	*ret_file = file;
	return ERROR_NONE;
}

static enum error_code
open_inputs(const char *const *paths, size_t count, struct inputs *ret_inputs,
    struct error *err)
{
	CLEANUP_DONE(inputs) struct inputs inputs = {0};

	inputs.items = calloc(count + 1, sizeof(*inputs.items));
	if (!inputs.items)
		return error_no_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct audit_place place;
		struct input *input = &inputs.items[i];

		if (open_input(paths[i], &input->file, err))
			return err->code;
		inputs.count++;
		input->path = paths[i];
		if (audit_file_first(input->file, paths[i], &place, err))
			return err->code;
		input->first = place.chain.sequence;
	}
	*ret_inputs = TAKE_CONTENTS(inputs);
	return ERROR_NONE;
}

static enum error_code
verify(const struct inputs *inputs, const struct audit_chain *head,
    const char *expected, audit_reporter *report, void *context,
    struct audit_summary *ret_summary, struct error *err)
{
	CLEANUP_DONE(audit_check) struct audit_check check = {0};

	if (audit_check_init(&check, report, context, err))
		return err->code;
	check.summary.head = *head;
	check.expected = expected;
	for (size_t i = 0; i < inputs->count; i++) {
		const struct input *input = &inputs->items[i];

		audit_check_file(&check, input->path);
		if (feed_all(&check, input->file, input->path, err))
			return err->code;
		audit_check_file_end(&check, i + 1 == inputs->count);
	}
	audit_check_end(&check);
	*ret_summary = check.summary;
	return ERROR_NONE;
}

static int
compare_inputs(const void *left, const void *right)
{
	const struct input *a = left, *b = right;

	return (a->first > b->first) - (a->first < b->first);
}

enum error_code
audit_verify_files(const char *const *paths, size_t count, const char *expected,
    audit_reporter *report, void *context, struct audit_summary *ret_summary,
    struct error *err)
{
	static const struct audit_chain no_head = {0};
	CLEANUP_DONE(inputs) struct inputs inputs = {0};

	if (open_inputs(paths, count, &inputs, err))
		return err->code;
	if (count > 1)
		qsort(
		    inputs.items, count, sizeof(*inputs.items), compare_inputs);
	return verify(
	    &inputs, &no_head, expected, report, context, ret_summary, err);
}

static bool
same_files(const struct audit_files *a, const struct audit_files *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->paths[i], b->paths[i]) != 0)
			return false;
	return true;
}

/* *ret_turned is true if keyd turned the files while they were opened. */
static enum error_code
open_folder(const char *folder, struct audit_files *files,
    struct inputs *inputs, bool *ret_turned, struct error *err)
{
	CLEANUP_DONE(audit_files) struct audit_files after = {0};
	enum error_code code;

	if (audit_files_list(folder, files, err))
		return err->code;
	code = open_inputs(
	    (const char *const *)files->paths, files->count, inputs, err);
	if (code != ERROR_NONE && code != ERROR_NOT_FOUND)
		return code;
	if (audit_files_list(folder, &after, err))
		return err->code;
	*ret_turned = code == ERROR_NOT_FOUND || !same_files(files, &after);
	return ERROR_NONE;
}

enum error_code
audit_verify_folder(const char *folder, const char *expected,
    audit_reporter *report, void *context, struct audit_summary *ret_summary,
    struct error *err)
{
	CLEANUP_DONE(audit_files) struct audit_files files = {0};
	CLEANUP_DONE(inputs) struct inputs inputs = {0};
	struct audit_chain head;
	bool turned = true;

	for (int i = 0; turned && i < TURNS_MAX; i++) {
		inputs_done(&inputs);
		audit_files_done(&files);
		/* The head before the log: keyd may be writing both. */
		audit_head_read(folder, &head);
		if (open_folder(folder, &files, &inputs, &turned, err))
			return err->code;
	}
	if (turned)
		return error_set(err, ERROR_UNAVAILABLE,
		    "the files in '%s' change all the time", folder);
	if (files.count == 0 && head.sequence == 0)
		return error_set(err, ERROR_NOT_FOUND,
		    "there is no audit log in '%s'", folder);
	return verify(
	    &inputs, &head, expected, report, context, ret_summary, err);
}
