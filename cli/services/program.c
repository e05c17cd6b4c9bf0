/* SPDX-License-Identifier: MIT */
#include "program.h"

#include <errno.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#define BY_SIGNAL 128

enum error_code
program_start(
    const char *const *argv, pid_t *ret_pid, int *ret_output, struct error *err)
{
	union {
		const char *const *constant;
		char *const *plain;
	} words = {.constant = argv}; /* posix_spawnp() changes none */
	posix_spawn_file_actions_t actions;
	int ends[2];
	int number;

	if (pipe(ends) < 0)
		return error_set_errno(err, ERROR_INTERNAL, "pipe");
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_adddup2(
	    &actions, ends[1], STDOUT_FILENO);
	(void)posix_spawn_file_actions_addclose(&actions, ends[0]);
	(void)posix_spawn_file_actions_addclose(&actions, ends[1]);
	number = posix_spawnp(
	    ret_pid, argv[0], &actions, NULL, words.plain, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(ends[1]);
	if (number != 0) {
		(void)close(ends[0]);
		errno = number;
		return error_set_errno(err, ERROR_UNAVAILABLE, "%s", argv[0]);
	}
	*ret_output = ends[0];
	return ERROR_NONE;
}

enum error_code
program_wait(pid_t pid, int *ret_status, struct error *err)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return error_set_errno(err, ERROR_INTERNAL, "waitpid");
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : BY_SIGNAL;
	return ERROR_NONE;
}
