/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/file.h"

#define OUTPUT_MAX 128

static bool
is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value;
}

static bool
is_installed(void)
{
	return access("/lib/systemd/system/signet-keyd.service", F_OK) == 0 ||
	       access("/etc/systemd/system/signet-keyd.service", F_OK) == 0;
}

bool
unit_manages(void)
{
	const char *wanted = getenv("SIGNET_SERVICES");

	if (wanted && *wanted)
		return strcmp(wanted, "units") == 0;
	return sd_booted() > 0 && is_installed() &&
	       !is_set("SIGNET_RUNTIME_DIR") && !is_set("SIGNET_CONFIG_DIR") &&
	       !is_set("SIGNET_STATE_DIR");
}

/* --- systemctl ------------------------------------------------------------ */

/* Starts argv; what it writes to its stdout can be read from *ret_output. */
static enum error_code
spawn(char *const *argv, pid_t *ret_pid, int *ret_output, struct error *err)
{
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
	number = posix_spawnp(ret_pid, argv[0], &actions, NULL, argv, environ);
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

/* Reads until the writer has gone; what is too long is dropped. */
static void
read_all(int fd, char *buffer, size_t size)
{
	char chunk[OUTPUT_MAX];
	size_t used = 0;
	ssize_t count;

	while ((count = read(fd, chunk, sizeof(chunk))) != 0) {
		if (count < 0 && errno != EINTR)
			break;
		for (ssize_t i = 0; i < count && used < size - 1; i++)
			buffer[used++] = chunk[i];
	}
	buffer[used] = '\0';
}

static enum error_code
wait_for(pid_t pid, const char *verb, const char *name, struct error *err)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return error_set_errno(err, ERROR_INTERNAL, "waitpid");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return ERROR_NONE;
	return error_set(err, ERROR_UNAVAILABLE,
	    "systemctl cannot %s signet-%s; 'journalctl -u signet-%s' may say "
	    "why",
	    verb, name, name);
}

/* systemctl verb, for the service of daemon name, and for its socket. */
static enum error_code
run(const char *verb, const char *name, bool with_socket,
    char output[static OUTPUT_MAX], struct error *err)
{
	CLEANUP(string) char *program = strdup("systemctl");
	CLEANUP(string) char *action = strdup(verb);
	CLEANUP(string) char *option = strdup("--property=MainPID");
	CLEANUP(string)
	char *service = string_format("signet-%s.service", name);
	CLEANUP(string) char *socket = string_format("signet-%s.socket", name);
	char *const change[] = {
	    program, action, service, with_socket ? socket : NULL, NULL};
	char *const show[] = {program, action, option, service, NULL};
	pid_t pid;
	int fd;

	if (!program || !action || !option || !service || !socket)
		return error_no_memory(err);
	if (spawn(strcmp(verb, "show") == 0 ? show : change, &pid, &fd, err))
		return err->code;
	read_all(fd, output, OUTPUT_MAX);
	(void)close(fd);
	return wait_for(pid, verb, name, err);
}

enum error_code
unit_pid(const char *name, pid_t *ret_pid, struct error *err)
{
	static const char property[] = "MainPID=";
	char output[OUTPUT_MAX];

	if (run("show", name, false, output, err))
		return err->code;
	if (strncmp(output, property, strlen(property)) != 0)
		return error_set(err, ERROR_INTERNAL,
		    "systemctl does not say the process of signet-%s", name);
	*ret_pid = (pid_t)strtol(output + strlen(property), NULL, 10);
	return ERROR_NONE;
}

enum error_code
unit_start(const char *name, struct error *err)
{
	char output[OUTPUT_MAX];

	return run("start", name, /* with_socket */ true, output, err);
}

enum error_code
unit_restart(const char *name, struct error *err)
{
	char output[OUTPUT_MAX];

	return run("restart", name, /* with_socket */ false, output, err);
}

enum error_code
unit_stop(const char *name, struct error *err)
{
	char output[OUTPUT_MAX];

	return run("stop", name, /* with_socket */ true, output, err);
}

enum error_code
unit_reload(const char *name, struct error *err)
{
	char output[OUTPUT_MAX];

	return run("reload", name, /* with_socket */ false, output, err);
}
