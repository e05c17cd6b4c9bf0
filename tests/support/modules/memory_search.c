/* SPDX-License-Identifier: MIT */
/*
 * memory_search PID HEX...: where in a process's memory the bytes are, forwards
 * or backwards (as OpenSSL has numbers). A line for each place:
 *
 *	locked|open FROM-TO as in /proc/PID/maps
 *
 * locked is memory that is neither swapped nor dumped.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NEEDLES_MAX 64
#define NEEDLE_MAX 512
#define LINE_MAX_LENGTH 512
/* What sanitizers reserve for themselves. */
#define MAPPING_MAX ((size_t)1 << 30)

struct needle {
	size_t length;
	unsigned char data[NEEDLE_MAX];
};

struct mapping {
	uintptr_t start, end;
	bool readable;
	char name[LINE_MAX_LENGTH];
};

static struct needle needles[2 * NEEDLES_MAX];
static size_t needle_count;

static void
fail(const char *what)
{
	perror(what);
	exit(2);
}

static void
add_needle(const char *hex)
{
	struct needle forwards = {.length = strlen(hex) / 2}, backwards;

	if (forwards.length > NEEDLE_MAX || forwards.length == 0)
		fail("a needle's length");
	for (size_t i = 0; i < forwards.length; i++) {
		const char digits[3] = {hex[2 * i], hex[2 * i + 1], '\0'};

		forwards.data[i] = (unsigned char)strtoul(digits, NULL, 16);
	}
	backwards = forwards;
	for (size_t i = 0; i < forwards.length; i++)
		backwards.data[i] = forwards.data[forwards.length - 1 - i];
	needles[needle_count++] = forwards;
	needles[needle_count++] = backwards;
}

static bool
is_in(const unsigned char *data, size_t length)
{
	for (size_t i = 0; i < needle_count; i++)
		if (memmem(data, length, needles[i].data, needles[i].length))
			return true;
	return false;
}

/* What cannot be read, such as pages of devices, holds no secret. */
static bool
has_needle(int memory, const struct mapping *mapping)
{
	size_t size = mapping->end - mapping->start;
	unsigned char *copy;
	ssize_t length;
	bool found;

	if (!mapping->readable || size > MAPPING_MAX)
		return false;
	copy = malloc(size);
	if (!copy)
		fail("memory");
	length = pread(memory, copy, size, (off_t)mapping->start);
	found = length > 0 && is_in(copy, (size_t)length);
	free(copy);
	return found;
}

/* The line of a mapping that has its place; others are left alone. */
static void
read_place(const char *line, struct mapping *mapping)
{
	uintptr_t start, end;
	char *rest;

	start = strtoul(line, &rest, 16);
	if (rest == line || *rest != '-')
		return;
	line = rest + 1;
	end = strtoul(line, &rest, 16);
	if (rest == line || *rest != ' ')
		return;
	*mapping = (struct mapping){
	    .start = start, .end = end, .readable = rest[1] == 'r'};
	rest[strcspn(rest, "\n")] = '\0';
	(void)snprintf(mapping->name, sizeof(mapping->name), "%s", rest + 1);
}

/* The flags are the last line of each mapping. */
static void
search(int memory, FILE *maps)
{
	struct mapping mapping = {0};
	char line[LINE_MAX_LENGTH];

	while (fgets(line, sizeof(line), maps)) {
		bool locked = strstr(line, " lo") && strstr(line, " dd");

		if (strncmp(line, "VmFlags:", 8) != 0)
			read_place(line, &mapping);
		else if (has_needle(memory, &mapping))
			printf("%s %lx-%lx %s\n", locked ? "locked" : "open",
			    mapping.start, mapping.end, mapping.name);
	}
}

int
main(int argc, char *argv[])
{
	char path[64];
	FILE *maps;
	int memory;

	if (argc < 3 || argc > 2 + NEEDLES_MAX)
		return 2;
	for (int i = 2; i < argc; i++)
		add_needle(argv[i]);
	(void)snprintf(path, sizeof(path), "/proc/%s/mem", argv[1]);
	memory = open(path, O_RDONLY | O_CLOEXEC);
	if (memory < 0)
		fail(path);
	(void)snprintf(path, sizeof(path), "/proc/%s/smaps", argv[1]);
	maps = fopen(path, "r");
	if (!maps)
		fail(path);
	search(memory, maps);
	(void)fclose(maps);
	(void)close(memory);
	return 0;
}
