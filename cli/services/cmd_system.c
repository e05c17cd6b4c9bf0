/* SPDX-License-Identifier: MIT */
/* signetctl system: the daemons as services. */
#include <stdio.h>
#include <string.h>

#include "apply_journal.h"
#include "arguments.h"
#include "commands.h"
#include "health.h"
#include "provisiond/client.h"
#include "service.h"
#include "service_log.h"
#include "unit.h"

#define STATUS_MS 5000

/* --- start, stop, restart ------------------------------------------------- */

static enum error_code
report(json_t *daemons, const char *name, const char *result, pid_t pid,
    struct error *err)
{
	json_t *daemon = json_pack(
	    "{s:s, s:s, s:i}", "name", name, "result", result, "pid", (int)pid);

	if (pid == 0 && daemon)
		(void)json_object_del(daemon, "pid");
	return json_array_append_new(daemons, daemon) ? error_no_memory(err)
						      : ERROR_NONE;
}

static enum error_code
start_all(json_t *daemons, struct error *err)
{
	for (size_t i = 0; i < SERVICE_COUNT; i++) {
		const char *name = service_names[i];
		const off_t said = service_log_end(name);
		CLEANUP(string) char *tail = NULL;
		bool was_running;
		pid_t pid;

		output_progress(name);
		if (service_start(name, &pid, &was_running, err)) {
			tail = service_log_tail(name, said);
			(void)fputs(tail ? tail : "", stderr);
			return err->code;
		}
		if (report(daemons, name,
			was_running ? "already running" : "started", pid, err))
			return err->code;
	}
	return ERROR_NONE;
}

static enum error_code
stop_all(json_t *daemons, struct error *err)
{
	if (service_require_ours(err))
		return err->code;
	for (size_t i = SERVICE_COUNT; i-- > 0;) {
		const char *name = service_names[i];
		pid_t pid;

		output_progress(name);
		if (service_stop(name, &pid, err) ||
		    report(daemons, name, pid ? "stopped" : "not running", pid,
			err))
			return err->code;
	}
	return ERROR_NONE;
}

/* Units are restarted in place, so that their sockets stay. */
static enum error_code
restart_units(json_t *daemons, struct error *err)
{
	if (service_require_ours(err))
		return err->code;
	for (size_t i = 0; i < SERVICE_COUNT; i++) {
		pid_t pid;

		output_progress(service_names[i]);
		if (service_restart(service_names[i], &pid, err) ||
		    report(daemons, service_names[i], "restarted", pid, err))
			return err->code;
	}
	return ERROR_NONE;
}

static enum error_code
restart_all(json_t *daemons, struct error *err)
{
	if (unit_manages())
		return restart_units(daemons, err);
	if (stop_all(daemons, err))
		return err->code;
	return start_all(daemons, err);
}

static void
print_results(const json_t *daemons)
{
	for (size_t i = 0; i < json_array_size(daemons); i++) {
		const json_t *daemon = json_array_get(daemons, i);
		const json_t *pid = json_object_get(daemon, "pid");

		(void)printf("%s: %s",
		    json_string_value(json_object_get(daemon, "name")),
		    json_string_value(json_object_get(daemon, "result")));
		if (pid)
			(void)printf(" (process %" JSON_INTEGER_FORMAT ")",
			    json_integer_value(pid));
		(void)putchar('\n');
	}
}

typedef enum error_code system_change(json_t *daemons, struct error *err);

static int
change(
    const struct synopsis *synopsis, system_change *all, int argc, char **argv)
{
	CLEANUP(json) json_t *daemons = json_array();
	CLEANUP(json)
	json_t *document = json_pack("{s:O}", "daemons", daemons);
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(synopsis, argc, argv, &arguments, &status))
		return status;
	if (all(daemons, &err)) {
		/* What was done before it failed has to be known, too. */
		if (arguments.form == OUTPUT_TEXT)
			print_results(daemons);
		return output_failure_details(arguments.form, &err, document);
	}
	if (arguments.form == OUTPUT_JSON)
		output_json(document);
	else
		print_results(daemons);
	return EXIT_SUCCESS;
}

int
cmd_system_start(int argc, char **argv)
{
	static const struct synopsis synopsis = {.command = "system start"};

	return change(&synopsis, start_all, argc, argv);
}

int
cmd_system_stop(int argc, char **argv)
{
	static const struct synopsis synopsis = {.command = "system stop"};

	return change(&synopsis, stop_all, argc, argv);
}

int
cmd_system_restart(int argc, char **argv)
{
	static const struct synopsis synopsis = {.command = "system restart"};

	return change(&synopsis, restart_all, argc, argv);
}

/* --- status --------------------------------------------------------------- */

/*
 * One daemon: {"name","state","pid","version","message"}; state is "stopped",
 * "silent", or what the daemon says: "ok", "starting", "degraded".
 */
static json_t *
daemon_status(const char *name)
{
	CLEANUP(json) json_t *health = NULL;
	json_t *daemon = json_pack("{s:s}", "name", name);
	struct error err;
	struct error ignored;
	struct service_process process = {.state = SERVICE_STOPPED};

	if (!daemon)
		return NULL;
	output_progress_if_slow(name);
	if (health_get(name, STATUS_MS, &health, &err) == ERROR_NONE) {
		(void)json_object_set(
		    daemon, "state", json_object_get(health, "status"));
		(void)json_object_update_missing(daemon, health);
		(void)json_object_del(daemon, "status");
		return daemon;
	}
	if (service_find(name, &process, &ignored) == ERROR_NONE &&
	    process.pid > 0)
		(void)json_object_set_new(
		    daemon, "pid", json_integer(process.pid));
	else if (err.code == ERROR_UNAVAILABLE)
		(void)error_set(&err, ERROR_UNAVAILABLE,
		    "does not run; 'signetctl system start' starts it");
	(void)json_object_set_new(daemon, "state",
	    json_string(
		process.state != SERVICE_STOPPED || err.code == ERROR_TIMEOUT
		    ? "silent"
		    : "stopped"));
	(void)json_object_set_new(daemon, "message", json_string(err.message));
	return daemon;
}

/* {"status","message","device_id","assigned_hub",...} */
static json_t *
provisioning_status(void)
{
	CLEANUP(unix_http) struct unix_http *provisiond = NULL;
	json_t *provisioning = NULL;
	struct error err;

	output_progress_if_slow("provisiond is asked for the device");
	if (provisiond_client_create(STATUS_MS, &provisiond, &err) ||
	    provisiond_get_provisioning(provisiond, &provisioning, &err))
		return json_pack(
		    "{s:s, s:s}", "status", "unknown", "message", err.message);
	return provisioning;
}

/* Who was silent just now is not waited for once more. */
static json_t *
provisioning_of(const json_t *provisiond)
{
	return strcmp(output_member(provisiond, "state"), "silent") == 0
		   ? json_pack("{s:s, s:s}", "status", "unknown", "message",
			 output_member(provisiond, "message"))
		   : provisioning_status();
}

static json_t *
system_status(void)
{
	json_t *daemons = json_array();
	const char *interruption = apply_interruption();
	json_t *provisioning;
	const char *status;
	bool ok = !interruption;

	for (size_t i = 0; i < SERVICE_COUNT; i++) {
		json_t *daemon = daemon_status(service_names[i]);

		ok = ok && strcmp(output_member(daemon, "state"), "ok") == 0;
		(void)json_array_append_new(daemons, daemon);
	}
	provisioning =
	    provisioning_of(json_array_get(daemons, SERVICE_COUNT - 1));
	status = output_member(provisioning, "status");
	ok = ok && (strcmp(status, "provisioned") == 0 ||
		       strcmp(status, "unmanaged") == 0);
	return json_pack("{s:b, s:o, s:o, s:s*}", "ok", ok, "daemons", daemons,
	    "provisioning", provisioning, "interrupted", interruption);
}

static bool
has_message(const json_t *daemon)
{
	const char *message =
	    json_string_value(json_object_get(daemon, "message"));

	return message && *message;
}

static void
print_provisioning(const json_t *provisioning)
{
	const char *status = output_member(provisioning, "status");

	if (strcmp(status, "provisioned") == 0)
		(void)printf("provisioned: device '%s' at hub '%s'\n",
		    output_member(provisioning, "device_id"),
		    output_member(provisioning, "assigned_hub"));
	else if (strcmp(status, "unmanaged") == 0)
		(void)puts("not to be provisioned: the source is 'none'");
	else if (strcmp(status, "unknown") == 0)
		(void)printf("provisioned or not is unknown: %s\n",
		    output_member(provisioning, "message"));
	else if (!has_message(provisioning))
		(void)puts("not provisioned yet: it is under way");
	else
		(void)printf("not provisioned (%s): %s\n", status,
		    output_member(provisioning, "message"));
}

static void
print_status(const json_t *document)
{
	static const struct output_column columns[] = {
	    {"DAEMON",  "name"   },
	    {"STATE",   "state"  },
	    {"PROCESS", "pid"    },
	    {"VERSION", "version"},
	    {NULL,      NULL     },
	};
	const json_t *daemons = json_object_get(document, "daemons");

	output_table(daemons, columns);
	(void)putchar('\n');
	for (size_t i = 0; i < json_array_size(daemons); i++) {
		const json_t *daemon = json_array_get(daemons, i);

		if (has_message(daemon))
			(void)printf("%s: %s\n", output_member(daemon, "name"),
			    output_member(daemon, "message"));
	}
	print_provisioning(json_object_get(document, "provisioning"));
	if (json_object_get(document, "interrupted"))
		(void)puts(output_member(document, "interrupted"));
}

int
cmd_system_status(int argc, char **argv)
{
	static const struct synopsis synopsis = {.command = "system status"};
	CLEANUP(json) json_t *document = NULL;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	document = system_status();
	if (!document) {
		(void)error_no_memory(&err);
		return output_failure(arguments.form, &err);
	}
	if (arguments.form == OUTPUT_JSON)
		output_json(document);
	else
		print_status(document);
	return json_is_true(json_object_get(document, "ok")) ? EXIT_SUCCESS
							     : EXIT_FAILURE;
}

/* --- reprovision ---------------------------------------------------------- */

static enum error_code
reprovision(json_t **ret_provisioning, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *provisiond = NULL;

	if (provisiond_client_create(0, &provisiond, err) ||
	    provisiond_reprovision(provisiond, err))
		return err->code;
	*ret_provisioning = provisioning_status();
	return *ret_provisioning ? ERROR_NONE : error_no_memory(err);
}

int
cmd_system_reprovision(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "system reprovision"};
	CLEANUP(json) json_t *provisioning = NULL;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	output_progress("the device is being provisioned again");
	if (reprovision(&provisioning, &err))
		return output_failure(arguments.form, &err);
	if (arguments.form == OUTPUT_JSON)
		output_json(provisioning);
	else
		print_provisioning(provisioning);
	return EXIT_SUCCESS;
}
