/* SPDX-License-Identifier: MIT */
/*
 * Runs a harness on every file of a folder, so that what the fuzzer once found
 * is a test for ever, with any compiler.
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* An exact copy, so that AddressSanitizer sees a read behind the end. */
static uint8_t *
read_file(const char *path, size_t *ret_size)
{
	FILE *file = fopen(path, "rb");
	struct stat status;
	uint8_t *data;

	if (!file || fstat(fileno(file), &status) < 0) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	*ret_size = (size_t)status.st_size;
	data = malloc(*ret_size ? *ret_size : 1);
	if (!data || fread(data, 1, *ret_size, file) != *ret_size) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	(void)fclose(file);
	return data;
}

static void
replay(const char *folder, const char *name)
{
	char path[4096];
	size_t size;
	uint8_t *data;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	(void)fprintf(stderr, "%s\n", path);
	data = read_file(path, &size);
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
}

static int
is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int
main(int argc, char *argv[])
{
	struct dirent **entries;
	int count =
	    argc == 2 ? scandir(argv[1], &entries, is_visible, alphasort) : 0;

	if (count <= 0) {
		(void)fprintf(
		    stderr, "usage: %s FOLDER, which has files\n", argv[0]);
		return EXIT_FAILURE;
	}
	for (int i = 0; i < count; i++) {
		replay(argv[1], entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return EXIT_SUCCESS;
}
