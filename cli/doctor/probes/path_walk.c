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
	bool is_no_file;      /* it is a folder or the like */
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
	problem->is_no_file = false;
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

/* What is written to are folders, what is read are files. */
static bool
is_file(const char *path, struct path_problem *ret_problem)
{
	struct stat status;

	if (stat(path, &status) < 0 || S_ISREG(status.st_mode))
		return true;
	*ret_problem = (struct path_problem){.is_no_file = true};
	(void)snprintf(
	    ret_problem->component, sizeof(ret_problem->component), "%s", path);
	(void)snprintf(ret_problem->reason, sizeof(ret_problem->reason),
	    "it is %s and no file",
	    S_ISDIR(status.st_mode)    ? "a folder (EISDIR)"
	    : S_ISFIFO(status.st_mode) ? "a pipe"
				       : "a device or a socket");
	return false;
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
	return !writable && !is_file(path, ret_problem);
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
			    json_pack("{s:s, s:s, s:s, s:b, s:b}", "path",
				needs->items[i].path, "component",
				problem.component, "reason", problem.reason,
				"is_missing", problem.is_missing, "is_no_file",
				problem.is_no_file));
	return problems;
}
