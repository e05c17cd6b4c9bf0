/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/file.h"
#include "program.h"

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
	int status;

	if (program_wait(pid, &status, err))
		return err->code;
	if (status == 0)
		return ERROR_NONE;
	return error_set(err, ERROR_UNAVAILABLE,
	    "systemctl cannot %s signet-%s; 'journalctl -u signet-%s' may say "
	    "why",
	    verb, name, name);
}

/* Runs argv, a systemctl, for daemon name. */
static enum error_code
systemctl(const char *const *argv, const char *name,
    char output[static OUTPUT_MAX], struct error *err)
{
	pid_t pid;
	int fd;

	if (program_start(argv, &pid, &fd, err))
		return err->code;
	read_all(fd, output, OUTPUT_MAX);
	(void)close(fd);
	return wait_for(pid, argv[1], name, err);
}

/* Does verb to the service of daemon name, and to its socket. */
static enum error_code
run(const char *verb, const char *name, bool with_socket, struct error *err)
{
	CLEANUP(string)
	char *service = string_format("signet-%s.service", name);
	CLEANUP(string) char *socket = string_format("signet-%s.socket", name);
	const char *const argv[] = {
	    "systemctl", verb, service, with_socket ? socket : NULL, NULL};
	char output[OUTPUT_MAX];

	return service && socket ? systemctl(argv, name, output, err)
				 : error_no_memory(err);
}

/* What systemctl says of property, "MainPID=", of a unit of daemon name. */
static enum error_code
show(const char *name, const char *kind, const char *property,
    char value[static OUTPUT_MAX], struct error *err)
{
	CLEANUP(string) char *unit = string_format("signet-%s.%s", name, kind);
	CLEANUP(string)
	char *option = string_format(
	    "--property=%.*s", (int)strcspn(property, "="), property);
	const char *const argv[] = {"systemctl", "show", option, unit, NULL};
	char output[OUTPUT_MAX];

	if (!unit || !option)
		return error_no_memory(err);
	if (systemctl(argv, name, output, err))
		return err->code;
	if (strncmp(output, property, strlen(property)) != 0)
		return error_set(err, ERROR_INTERNAL,
		    "systemctl does not say %s of signet-%s.%s", property, name,
		    kind);
	(void)snprintf(value, OUTPUT_MAX, "%s", output + strlen(property));
	value[strcspn(value, "\n")] = '\0';
	return ERROR_NONE;
}

enum error_code
unit_pid(const char *name, pid_t *ret_pid, struct error *err)
{
	char value[OUTPUT_MAX];

	if (show(name, "service", "MainPID=", value, err))
		return err->code;
	*ret_pid = (pid_t)strtol(value, NULL, 10);
	return ERROR_NONE;
}

enum error_code
unit_has_socket(const char *name, bool *ret_has_socket, struct error *err)
{
	char value[OUTPUT_MAX];

	if (show(name, "socket", "ActiveState=", value, err))
		return err->code;
	*ret_has_socket = strcmp(value, "active") == 0;
	return ERROR_NONE;
}

enum error_code
unit_start(const char *name, struct error *err)
{
	return run("start", name, /* with_socket */ true, err);
}

enum error_code
unit_restart(const char *name, struct error *err)
{
	return run("restart", name, /* with_socket */ false, err);
}

enum error_code
unit_stop(const char *name, struct error *err)
{
	return run("stop", name, /* with_socket */ true, err);
}

enum error_code
unit_reload(const char *name, struct error *err)
{
	return run("reload", name, /* with_socket */ false, err);
}
