/* SPDX-License-Identifier: MIT */
#include "process_hardening.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A line of status, and what must stand there. */
struct expectation {
	const char *line;
	const char *value;
	struct hardening_flaw flaw;
};

static const struct expectation expectations[] = {
    {"NoNewPrivs:\t", "1",
     {"NoNewPrivileges=",
	    "the process could gain privileges by a setuid program"}},
    {"Seccomp:\t",    "2",
     {"SystemCallFilter=", "the process may make every system call"}},
    {"CapEff:\t",     "0000000000000000",
     {"CapabilityBoundingSet=", "the process has capabilities"}     },
};

/* True if the line that begins with name has value. */
static bool
has(const char *status, const char *name, const char *value)
{
	const char *line = strstr(status, name);
	size_t length = strlen(value);

	if (!line)
		return false;
	line += strlen(name);
	return strncmp(line, value, length) == 0 && line[length] == '\n';
}

static bool
runs_as_root(const char *status)
{
	const char *line = strstr(status, "Uid:\t");

	return line && strncmp(line, "Uid:\t0\t", strlen("Uid:\t0\t")) == 0;
}

/* The map of a process in the first user namespace names each id. */
static bool
is_mapped(const char *uid_map)
{
	char *rest;
	unsigned long inside = strtoul(uid_map, &rest, 10);
	unsigned long outside = strtoul(rest, &rest, 10);
	unsigned long count = strtoul(rest, NULL, 10);

	return inside != 0 || outside != 0 || count != UINT32_MAX;
}

const struct hardening_flaw *
hardening_flaw(const char *status, const char *uid_map, size_t i)
{
	static const struct hardening_flaw root = {
	    "User=", "the process runs as root"};
	static const struct hardening_flaw namespace = {"PrivateUsers=",
	    "the process is in a user namespace, and cannot see who calls"};

	for (size_t j = 0; j < sizeof(expectations) / sizeof(expectations[0]);
	     j++)
		if (!has(status, expectations[j].line, expectations[j].value) &&
		    i-- == 0)
			return &expectations[j].flaw;
	if (runs_as_root(status) && i-- == 0)
		return &root;
	if (is_mapped(uid_map) && i == 0)
		return &namespace;
	return NULL;
}
