/* SPDX-License-Identifier: MIT */
#include "rollout.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "apply_journal.h"
#include "common/time.h"
#include "health.h"
#include "interrupt.h"
#include "output.h"
#include "provisiond/client.h"
#include "service.h"
#include "verdict.h"

/* How long a daemon is given to answer when the old service is to be back. */
#define HEALTH_MS 2000
/*
 * And before anything is switched: nobody's service waits, and one that is slow
 * must not be taken for one that was not well, whom nothing is taken back for.
 */
#define BEFORE_MS 15000
#define POLL_MS 50

/*
 * Within these the old service is promised to answer again, unless somebody
 * wants to wait for DPS; what is left is for the daemons to end and to start.
 */
#define PROMISE_MS 5000
_Static_assert(ROLLOUT_GRACE_MS + POLL_MS <= PROMISE_MS * 6 / 10,
    "what is waited for leaves no time to restart the daemons");

#define DEVICES_DAEMON "provisiond"

/* The daemons that are to be restarted, in the order of starting them. */
struct concerned {
	size_t count;
	const char *names[SERVICE_COUNT];
	bool was_degraded[SERVICE_COUNT];
	bool had_device;   /* it was provisioned ... */
	int64_t device_ms; /* ... and is waited for so long */
	json_t *waiting;   /* those that are for others to restart */
};

static void
concerned_done(struct concerned *concerned)
{
	json_decref(concerned->waiting);
}

void
rollout_result_done(struct rollout_result *result)
{
	json_decref(result->restarted);
	json_decref(result->waiting);
}

/*
 * Why the daemon is no more than that is in message. That a renewal is late,
 * say, is no configuration's fault, and hides none.
 */
static enum condition
condition_of(const char *name, unsigned timeout_ms,
    char message[static ERROR_MESSAGE_MAX])
{
	CLEANUP(json) json_t *health = NULL;
	const char *status;
	struct error err;

	if (health_get(name, timeout_ms, &health, &err)) {
		(void)snprintf(message, ERROR_MESSAGE_MAX, "%s", err.message);
		return CONDITION_DEGRADED;
	}
	status = output_member(health, "status");
	(void)snprintf(
	    message, ERROR_MESSAGE_MAX, "%s", output_member(health, "message"));
	if (strcmp(status, "starting") == 0)
		return CONDITION_STARTING;
	return strcmp(status, "ok") == 0 ||
		       json_is_true(json_object_get(health, "passing"))
		   ? CONDITION_WELL
		   : CONDITION_DEGRADED;
}

/* True if provisiond says that this became of the device. */
static bool
device_is(const char *status, unsigned timeout_ms)
{
	CLEANUP(unix_http) struct unix_http *provisiond = NULL;
	CLEANUP(json) json_t *device = NULL;
	struct error ignored;

	return provisiond_client_create(timeout_ms, &provisiond, &ignored) ==
		   ERROR_NONE &&
	       provisiond_get_provisioning(provisiond, &device, &ignored) ==
		   ERROR_NONE &&
	       strcmp(output_member(device, "status"), status) == 0;
}

static void
note_running(struct apply *plan, const char *name)
{
	for (size_t i = 0; i < plan->count; i++)
		if (strcmp(plan->items[i].daemon, name) == 0)
			plan->items[i].runs = true;
}

static enum error_code
add_waiting(const char *name, const struct service_process *process,
    struct concerned *all, struct error *err)
{
	CLEANUP(string) char *keeper = service_keeper(process);
	json_t *daemon = json_pack("{s:s, s:i, s:s}", "name", name, "pid",
	    (int)process->pid, "restarted_by", keeper ? keeper : "");

	if (!keeper || json_array_append_new(all->waiting, daemon))
		return error_no_memory(err);
	if (process->pid == 0)
		(void)json_object_del(daemon, "pid");
	return ERROR_NONE;
}

/* Adds daemon name, if it runs or is due, and notes in the plan which. */
static enum error_code
add_concerned(struct apply *plan, const char *name, struct concerned *all,
    struct error *err)
{
	char ignored[ERROR_MESSAGE_MAX];
	const bool is_concerned = apply_concerns(plan, name);
	struct service_process process;
	bool runs;

	if (service_find(name, &process, err))
		return err->code;
	runs = process.state == SERVICE_RUNS;
	if (process.state == SERVICE_FOREIGN || (runs && !is_concerned))
		apply_set_due(plan, name, false); /* others have started it */
	if (process.state == SERVICE_STOPPED ? !apply_is_due(plan, name)
					     : !is_concerned)
		return ERROR_NONE;
	if (process.state == SERVICE_FOREIGN)
		return add_waiting(name, &process, all, err);
	if (runs)
		note_running(plan, name);
	all->names[all->count] = name;
	all->was_degraded[all->count] =
	    runs &&
	    condition_of(name, BEFORE_MS, ignored) == CONDITION_DEGRADED;
	if (runs && strcmp(name, DEVICES_DAEMON) == 0)
		all->had_device = device_is("provisioned", BEFORE_MS);
	all->count++;
	return ERROR_NONE;
}

/* With with_due also those whose files do not change. */
static enum error_code
find_concerned(struct apply *plan, bool with_due,
    struct concerned *ret_concerned, struct error *err)
{
	*ret_concerned = (struct concerned){.waiting = json_array()};
	for (size_t i = 0; i < SERVICE_COUNT; i++) {
		const char *name = service_names[i];

		if ((apply_concerns(plan, name) ||
			(with_due && apply_is_due(plan, name))) &&
		    add_concerned(plan, name, ret_concerned, err))
			return err->code;
	}
	return ERROR_NONE;
}

/* True if it is provisiond, and there will be no device by itself. */
static bool
has_failed(const char *name)
{
	return strcmp(name, DEVICES_DAEMON) == 0 &&
	       device_is("failed", HEALTH_MS);
}

/* Fails with ERROR_UNAVAILABLE if it is degraded, and stays it. */
static enum error_code
wait_until_well(
    const struct concerned *concerned, const char *name, struct error *err)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
	struct verdict_watch watch = verdict_begin(
	    concerned->had_device, concerned->device_ms, time_monotonic_ms());
	enum verdict verdict;
	char message[ERROR_MESSAGE_MAX];

	for (;;) {
		const int64_t now_ms = time_monotonic_ms();
		const enum condition condition =
		    condition_of(name, HEALTH_MS, message);

		verdict = verdict_look(&watch, now_ms, condition,
		    condition == CONDITION_DEGRADED && has_failed(name));
		if (verdict != VERDICT_NONE)
			break;
		if (interrupt_check(err))
			return err->code;
		(void)nanosleep(&pause, NULL);
	}
	if (verdict == VERDICT_BAD)
		return error_set(err, ERROR_UNAVAILABLE,
		    "%s cannot work with it: %s", name, message);
	if (verdict == VERDICT_UNKNOWN)
		output_note("note: whether the device can be provisioned with "
			    "it is not known yet%s%s",
		    *message ? ": " : "", message);
	return ERROR_NONE;
}

/* One that is well, or was not; *ret_count is how many were restarted. */
static enum error_code
restart_new(struct apply *plan, const struct concerned *concerned,
    size_t *ret_count, struct error *err)
{
	for (size_t i = 0; i < concerned->count; i++) {
		const char *name = concerned->names[i];
		pid_t pid;

		*ret_count = i + 1;
		output_progress(name);
		if (service_restart(name, &pid, err))
			return error_wrap(err, "cannot restart %s", name);
		if ((!concerned->was_degraded[i] &&
			wait_until_well(concerned, name, err)) ||
		    interrupt_check(err))
			return err->code;
		apply_set_due(plan, name, false);
	}
	return ERROR_NONE;
}

/* --- back to the old files ------------------------------------------------ */

/* What failed: all names first, and then as much of the reasons as fits. */
struct failures {
	char names[64];
	char reasons[ERROR_MESSAGE_MAX];
};

__attribute__((format(printf, 3, 4))) static void
append(char *text, size_t size, const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text + used, size - used, format, args);
	va_end(args);
}

/* One that does not start stops no other; it is due from then on. */
static enum error_code
restart_old(struct apply *plan, const struct concerned *concerned, size_t count,
    struct error *err)
{
	struct failures failures = {0};
	enum error_code code = ERROR_NONE;

	for (size_t i = 0; i < count; i++) {
		const char *name = concerned->names[i];
		struct error reason;
		bool is_due;
		pid_t pid;

		output_progress(name);
		is_due = service_restart(name, &pid, &reason) != ERROR_NONE;
		apply_set_due(plan, name, is_due);
		if (!is_due)
			continue;
		append(failures.names, sizeof(failures.names), "%s%s",
		    code ? ", " : "", name);
		append(failures.reasons, sizeof(failures.reasons), "; %s: %s",
		    name, reason.message);
		code = reason.code;
	}
	return code ? error_set(err, code, "not running: %s%s", failures.names,
			  failures.reasons)
		    : ERROR_NONE;
}

/* The first count of the daemons are restarted; the journal goes last. */
static enum error_code
take_back(struct apply *plan, const struct concerned *concerned, size_t count,
    bool *ret_files_are_back, struct error *err)
{
	struct error trouble;
	enum error_code code;

	*ret_files_are_back = false;
	if (apply_bring_back(plan, err))
		return err->code;
	code = restart_old(plan, concerned, count, &trouble);
	if (apply_forget(plan, err))
		return err->code;
	*ret_files_are_back = true;
	if (code)
		*err = trouble;
	return code;
}

/* It may have been restarted while the files were others. */
static void
note_waiting(const json_t *waiting)
{
	for (size_t i = 0; i < json_array_size(waiting); i++) {
		const json_t *daemon = json_array_get(waiting, i);

		output_note("note: %s may run with what is taken back; it is "
			    "to be restarted by %s",
		    output_member(daemon, "name"),
		    output_member(daemon, "restarted_by"));
	}
}

/* Brings back files and daemons; err has why, and gets how that went. */
static enum error_code
roll_back(struct apply *plan, const struct concerned *concerned, size_t count,
    struct error *err)
{
	const struct error cause = *err;
	const bool is_refused =
	    concerned->had_device && has_failed(DEVICES_DAEMON);
	bool files_are_back;
	enum error_code code =
	    take_back(plan, concerned, count, &files_are_back, err);

	note_waiting(concerned->waiting);
	if (is_refused)
		output_note("note: the device is provisioned anew, which is "
			    "not waited for: see 'signetctl system status'");
	if (code)
		return error_wrap(err,
		    files_are_back
			? "%.200s; the files are as they were, but not all "
			  "daemons run"
			: "%.200s; some files are new now, others old: apply "
			  "again",
		    cause.message);
	*err = cause;
	return error_wrap(err, "the configuration is as it was");
}

enum error_code
rollout(struct apply *plan, int64_t device_ms,
    struct rollout_result *ret_result, struct error *err)
{
	CLEANUP_DONE(concerned) struct concerned concerned = {0};
	size_t count = 0;

	if (find_concerned(plan, false, &concerned, err) ||
	    apply_switch(plan, err))
		return err->code;
	concerned.device_ms = device_ms;
	if (restart_new(plan, &concerned, &count, err) ||
	    apply_commit(plan, err))
		return roll_back(plan, &concerned, count, err);
	ret_result->restarted = json_array();
	for (size_t i = 0; i < concerned.count; i++)
		(void)json_array_append_new(
		    ret_result->restarted, json_string(concerned.names[i]));
	ret_result->waiting = json_incref(concerned.waiting);
	return ERROR_NONE;
}

/* A file that does not work with the old files either is to be replaced. */
enum error_code
rollout_repair(bool is_rolled_out, struct apply *ret_left, struct error *err)
{
	CLEANUP_DONE(apply) struct apply left = {0};
	CLEANUP_DONE(concerned) struct concerned concerned = {0};
	bool files_are_back;

	if (apply_journal_read(&left, err) ||
	    (is_rolled_out && find_concerned(&left, true, &concerned, err)))
		return err->code;
	if (left.count > 0 && take_back(&left, &concerned, concerned.count,
				  &files_are_back, err)) {
		if (!files_are_back)
			return error_wrap(err, "cannot take back what an "
					       "earlier 'config apply' has "
					       "left");
		output_note("note: with the files of before, %s", err->message);
	}
	note_waiting(concerned.waiting);
	*ret_left = TAKE_CONTENTS(left);
	return ERROR_NONE;
}
