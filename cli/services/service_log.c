/* SPDX-License-Identifier: MIT */
#include "service_log.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/file.h"
#include "common/paths.h"

#define TAIL_BYTES 2048
#define LINES_BYTES (1024 * 1024)

char *
service_log_path(const char *name)
{
	return string_format("%s/log/%s.log", paths_state_directory(), name);
}

off_t
service_log_end(const char *name)
{
	CLEANUP(string) char *path = service_log_path(name);
	struct stat status;

	return path && stat(path, &status) == 0 ? status.st_size : 0;
}

char *
service_log_tail(const char *name, off_t since)
{
	CLEANUP(string) char *path = service_log_path(name);
	off_t end = service_log_end(name);
	off_t start = end - since > TAIL_BYTES ? end - TAIL_BYTES : since;
	int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	char text[TAIL_BYTES + 1];
	const char *line = text;
	ssize_t length;

	if (file < 0)
		return NULL;
	length = pread(file, text, TAIL_BYTES, start);
	(void)close(file);
	if (length <= 0)
		return NULL;
	text[length] = '\0';
	/* The first line may be cut. */
	if (start > since && (line = strchr(text, '\n')))
		line++;
	return line ? strdup(line) : NULL;
}

/* The last bytes of the file at path, ended by a NUL; NULL: there are none. */
static char *
read_end(const char *path)
{
	int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	CLEANUP(string) char *text = malloc(LINES_BYTES + 1);
	struct stat status;
	ssize_t length = -1;

	if (file < 0)
		return NULL;
	if (text && fstat(file, &status) == 0)
		length = pread(file, text, LINES_BYTES,
		    status.st_size > LINES_BYTES ? status.st_size - LINES_BYTES
						 : 0);
	(void)close(file);
	if (length < 0)
		return NULL;
	text[length] = '\0';
	return TAKE(text);
}

json_t *
service_log_lines(const char *name, size_t most)
{
	CLEANUP(string) char *path = service_log_path(name);
	CLEANUP(string) char *text = read_end(path);
	json_t *lines = json_array();
	char *rest = text;
	char *line;

	while (rest && (line = strsep(&rest, "\n")))
		if (*line)
			(void)json_array_append_new(lines, json_string(line));
	while (json_array_size(lines) > most)
		(void)json_array_remove(lines, 0);
	return lines;
}
