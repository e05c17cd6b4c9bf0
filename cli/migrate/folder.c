/* SPDX-License-Identifier: MIT */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "common/file.h"

static int
is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

enum error_code
folder_visit(
    const char *folder, const struct folder_visitor *visitor, struct error *err)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, is_visible, by_bytes);
	enum error_code code = ERROR_NONE;

	if (count < 0 && (errno == ENOENT || errno == ENOTDIR))
		return ERROR_NONE;
	if (count < 0)
		return error_set_errno(
		    err, ERROR_DENIED, "cannot list '%s'", folder);
	for (int i = 0; i < count; i++) {
		CLEANUP(string)
		char *path = string_format("%s/%s", folder, entries[i]->d_name);

		if (!code)
			code = path ? visitor->visit(visitor, path,
					  entries[i]->d_name, err)
				    : error_no_memory(err);
		free(entries[i]);
	}
	free(entries);
	return code;
}

bool
folder_ends_in(const char *name, const char *extension)
{
	const char *dot = strrchr(name, '.');

	return dot && strcmp(dot, extension) == 0;
}
