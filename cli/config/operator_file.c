/* SPDX-License-Identifier: MIT */
#include "operator_file.h"

#include <stdio.h>
#include <string.h>

#include "common/file.h"
#include "common/paths.h"

#define SIZE_MAX_BYTES ((size_t)1024 * 1024)
#define FILE_MODE 0600

char *
operator_file_path(void)
{
	return string_format("%s/config.yaml", paths_config_directory());
}

enum error_code
operator_file_check(
    const char *path, const char *text, bool is_forced, struct error *err)
{
	CLEANUP(secret) char *present = NULL;

	if (is_forced)
		return ERROR_NONE;
	if (file_read(path, SIZE_MAX_BYTES, &present, NULL, err))
		return err->code == ERROR_NOT_FOUND ? ERROR_NONE : err->code;
	if (strcmp(present, text) == 0)
		return ERROR_NONE;
	return error_set(err, ERROR_EXISTS,
	    "there is a configuration in '%s' already; --force replaces it",
	    path);
}

enum error_code
operator_file_write(const char *path, const char *text, struct error *err)
{
	if (file_make_directory(paths_config_directory(), 0755, err))
		return err->code;
	return file_write(path, text, strlen(text), FILE_MODE, err);
}

void
operator_file_print_written(const char *path)
{
	(void)printf("%s: written\n"
		     "'signetctl config apply' gives each daemon its part\n",
	    path);
}
