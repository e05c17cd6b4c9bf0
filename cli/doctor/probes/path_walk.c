/* SPDX-License-Identifier: MIT */
#include "path_walk.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct path_problem {
	char component[4096]; /* the path as far as we get to see it */
	char reason[256];     /* with the errno, the owner and the mode */
	bool is_missing;      /* ENOENT */
};

static void
describe(const char *path, const char *what, struct path_problem *problem)
{
	int number = errno;
	struct stat status;
	const struct passwd *owner;

	(void)snprintf(
	    problem->component, sizeof(problem->component), "%s", path);
	problem->is_missing = number == ENOENT;
	if (number == ENOENT || stat(path, &status) < 0) {
		(void)snprintf(problem->reason, sizeof(problem->reason),
		    "it cannot be %s: %s", what, strerrorname_np(number));
		return;
	}
	owner = getpwuid(status.st_uid);
	(void)snprintf(problem->reason, sizeof(problem->reason),
	    "it cannot be %s: %s (mode %04o, of user %s)", what,
	    strerrorname_np(number), status.st_mode & 07777U,
	    owner ? owner->pw_name : "without a name");
}

/* Returns true if something is in the way. */
static bool
path_walk(const char *path, bool writable, struct path_problem *ret_problem)
{
	char prefix[sizeof(ret_problem->component)];
	const char *slash = path;

	while ((slash = strchr(slash + 1, '/'))) {
		(void)snprintf(
		    prefix, sizeof(prefix), "%.*s", (int)(slash - path), path);
		if (access(prefix, X_OK) < 0) {
			describe(prefix, "passed", ret_problem);
			return true;
		}
	}
	if (access(path, R_OK) < 0) {
		describe(path, "read", ret_problem);
		return true;
	}
	if (writable && access(path, W_OK) < 0) {
		describe(path, "written", ret_problem);
		return true;
	}
	return false;
}

json_t *
path_walk_all(const void *context)
{
	const struct path_needs *needs = context;
	json_t *problems = json_array();
	struct path_problem problem;

	for (size_t i = 0; i < needs->count; i++)
		if (path_walk(needs->items[i].path, needs->items[i].writable,
			&problem))
			(void)json_array_append_new(problems,
			    json_pack("{s:s, s:s, s:s, s:b}", "path",
				needs->items[i].path, "component",
				problem.component, "reason", problem.reason,
				"is_missing", problem.is_missing));
	return problems;
}
