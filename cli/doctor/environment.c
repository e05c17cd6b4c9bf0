/* SPDX-License-Identifier: MIT */
#include "environment.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "process_start.h"

char *
environment_of(const struct doctor *doctor, enum effective_daemon daemon,
    size_t *ret_length)
{
	json_int_t pid = json_integer_value(
	    json_object_get(doctor->daemons[daemon].health, "pid"));

	*ret_length = 0;
	return pid > 0 ? process_file((pid_t)pid, "environ", ret_length) : NULL;
}

char *
environment_variable(
    const struct doctor *doctor, enum effective_daemon daemon, const char *name)
{
	size_t length;
	size_t name_length = strlen(name);
	CLEANUP(string)
	char *environment = environment_of(doctor, daemon, &length);
	const char *own = getenv(name);

	if (!environment)
		return own && *own ? strdup(own) : NULL;
	for (const char *entry = environment; entry < environment + length;
	     entry += strlen(entry) + 1)
		if (strncmp(entry, name, name_length) == 0 &&
		    entry[name_length] == '=' && entry[name_length + 1])
			return strdup(entry + name_length + 1);
	return NULL;
}

char *
environment_user(const struct doctor *doctor, enum effective_daemon daemon)
{
	static const char line[] = "\nUid:\t";
	json_int_t pid = json_integer_value(
	    json_object_get(doctor->daemons[daemon].health, "pid"));
	CLEANUP(string)
	char *status =
	    pid > 0 ? process_file((pid_t)pid, "status", NULL) : NULL;
	const char *uid = status ? strstr(status, line) : NULL;
	const struct passwd *user =
	    uid ? getpwuid((uid_t)strtoul(uid + strlen(line), NULL, 10)) : NULL;

	return user ? strdup(user->pw_name)
		    : string_format("signet-%s", service_names[daemon]);
}
