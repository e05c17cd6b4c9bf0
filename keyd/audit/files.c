/* SPDX-License-Identifier: MIT */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"

#define HEAD_MAX 128
#define SEQUENCE_DIGITS_MAX 18 /* fit into 64 bits */

void
audit_files_done(struct audit_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->paths[i]);
	free(files->paths);
	*files = (struct audit_files){0};
}

static bool
is_log(const char *name)
{
	static const char prefix[] = "audit-";
	size_t digits;

	if (strncmp(name, prefix, sizeof(prefix) - 1) != 0)
		return false;
	name += sizeof(prefix) - 1;
	digits = strspn(name, "0123456789");
	return digits > 0 && strcmp(name + digits, ".log") == 0;
}

/* By number: a longer one is a greater one. The current file has none. */
static int
compare_paths(const void *left, const void *right)
{
	const char *a = strrchr(*(char *const *)left, '/');
	const char *b = strrchr(*(char *const *)right, '/');
	size_t a_length = strlen(a), b_length = strlen(b);

	if (strcmp(a, "/" AUDIT_CURRENT) == 0)
		return 1;
	if (strcmp(b, "/" AUDIT_CURRENT) == 0)
		return -1;
	if (a_length != b_length)
		return a_length < b_length ? -1 : 1;
	return strcmp(a, b);
}

static enum error_code
add(struct audit_files *files, const char *folder, const char *name,
    struct error *err)
{
	char **paths =
	    reallocarray(files->paths, files->count + 1, sizeof(*files->paths));

	if (!paths)
		return error_no_memory(err);
	files->paths = paths;
	paths[files->count] = string_format("%s/%s", folder, name);
	if (!paths[files->count])
		return error_no_memory(err);
	files->count++;
	return ERROR_NONE;
}

static enum error_code
list(DIR *directory, const char *folder, struct audit_files *files,
    struct error *err)
{
	const struct dirent *entry;

	while ((entry = readdir(directory)))
		if ((is_log(entry->d_name) ||
			strcmp(entry->d_name, AUDIT_CURRENT) == 0) &&
		    add(files, folder, entry->d_name, err))
			return err->code;
	if (files->count > 0)
		qsort(files->paths, files->count, sizeof(*files->paths),
		    compare_paths);
	return ERROR_NONE;
}

enum error_code
audit_files_list(
    const char *folder, struct audit_files *ret_files, struct error *err)
{
	CLEANUP_DONE(audit_files) struct audit_files files = {0};
	DIR *directory = opendir(folder);
	enum error_code code;

	if (!directory)
		return error_set_errno(err,
		    errno == ENOENT   ? ERROR_NOT_FOUND
		    : errno == EACCES ? ERROR_DENIED
				      : ERROR_INTERNAL,
		    "cannot open folder '%s'", folder);
	code = list(directory, folder, &files, err);
	(void)closedir(directory);
	if (code == ERROR_NONE)
		*ret_files = TAKE_CONTENTS(files);
	return code;
}

enum error_code
audit_file_first(int file, const char *path, struct audit_place *ret_place,
    struct error *err)
{
	char text[AUDIT_LINE_MAX];
	const char *end;
	ssize_t got = pread(file, text, sizeof(text), 0);

	if (got < 0)
		return error_set_errno(
		    err, ERROR_INTERNAL, "cannot read '%s'", path);
	end = memchr(text, '\n', (size_t)got);
	if (!end || !audit_line_parse(text, (size_t)(end - text), ret_place))
		*ret_place = (struct audit_place){0};
	return ERROR_NONE;
}

/* "<number> <hash>\n" */
static bool
parse_head(const char *text, struct audit_chain *ret_head)
{
	size_t digits = strspn(text, "0123456789");
	const char *hash = text + digits + 1;

	if (digits == 0 || digits > SEQUENCE_DIGITS_MAX ||
	    text[digits] != ' ' ||
	    strspn(hash, "0123456789abcdef") != AUDIT_HASH_LENGTH ||
	    strcmp(hash + AUDIT_HASH_LENGTH, "\n") != 0)
		return false;
	ret_head->sequence = strtoull(text, NULL, 10);
	memcpy(ret_head->hash, hash, AUDIT_HASH_LENGTH);
	ret_head->hash[AUDIT_HASH_LENGTH] = '\0';
	return true;
}

void
audit_head_read(const char *folder, struct audit_chain *ret_head)
{
	CLEANUP(string)
	char *path = string_format("%s/%s", folder, AUDIT_HEAD);
	CLEANUP(string) char *text = NULL;
	struct error ignored;

	*ret_head = (struct audit_chain){0};
	if (path && !file_read(path, HEAD_MAX, &text, NULL, &ignored))
		(void)parse_head(text, ret_head);
}

enum error_code
audit_head_write(
    const char *folder, const struct audit_chain *head, struct error *err)
{
	CLEANUP(string)
	char *path = string_format("%s/%s", folder, AUDIT_HEAD);
	CLEANUP(string)
	char *text =
	    string_format("%" PRIu64 " %s\n", head->sequence, head->hash);

	if (!path || !text)
		return error_no_memory(err);
	return file_write(path, text, strlen(text), 0600, err);
}
