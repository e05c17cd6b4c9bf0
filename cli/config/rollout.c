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
#include "service.h"

#define HEALTH_MS 2000
/*
 * A daemon that is still degraded so long after its start is. The token has
 * been opened or refused by then; and who waits for the old service wants it
 * back within seconds.
 */
#define GRACE_MS 2500
#define POLL_MS 50

/* The daemons that are to be restarted, in the order of starting them. */
struct concerned {
	size_t count;
	const char *names[SERVICE_COUNT];
	bool was_degraded[SERVICE_COUNT];
	json_t *waiting; /* those that are for others to restart */
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
 * True if the daemon says of itself that it cannot work; why is in message.
 * That a renewal is late, say, is no configuration's fault, and hides none.
 */
static bool
is_degraded(const char *name, char message[static ERROR_MESSAGE_MAX])
{
	CLEANUP(json) json_t *health = NULL;
	const char *status;
	struct error err;

	if (health_get(name, HEALTH_MS, &health, &err)) {
		(void)snprintf(message, ERROR_MESSAGE_MAX, "%s", err.message);
		return true;
	}
	status = json_string_value(json_object_get(health, "status"));
	if (status && (strcmp(status, "degraded") != 0 ||
			  json_is_true(json_object_get(health, "passing"))))
		return false;
	(void)snprintf(message, ERROR_MESSAGE_MAX, "%s",
	    json_string_value(json_object_get(health, "message")));
	return true;
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
	all->was_degraded[all->count] = runs && is_degraded(name, ignored);
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

/* Fails with ERROR_UNAVAILABLE if it is degraded, and stays it. */
static enum error_code
wait_until_well(const char *name, struct error *err)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
	int64_t end = time_monotonic_ms() + GRACE_MS;
	char message[ERROR_MESSAGE_MAX];

	while (is_degraded(name, message)) {
		if (interrupt_check(err))
			return err->code;
		if (time_monotonic_ms() > end)
			return error_set(err, ERROR_UNAVAILABLE,
			    "%s cannot work with it: %s", name, message);
		(void)nanosleep(&pause, NULL);
	}
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
			wait_until_well(name, err)) ||
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

/* Brings back files and daemons; err has why, and gets how that went. */
static enum error_code
roll_back(struct apply *plan, const struct concerned *concerned, size_t count,
    struct error *err)
{
	const struct error cause = *err;
	bool files_are_back;

	if (take_back(plan, concerned, count, &files_are_back, err))
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
rollout(
    struct apply *plan, struct rollout_result *ret_result, struct error *err)
{
	CLEANUP_DONE(concerned) struct concerned concerned = {0};
	size_t count = 0;

	if (find_concerned(plan, false, &concerned, err) ||
	    apply_switch(plan, err))
		return err->code;
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
