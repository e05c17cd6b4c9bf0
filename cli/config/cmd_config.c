/* SPDX-License-Identifier: MIT */
/* signetctl config: the operator's file, checked and handed to the daemons. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply.h"
#include "apply_journal.h"
#include "arguments.h"
#include "candidate.h"
#include "commands.h"
#include "interrupt.h"
#include "rollout.h"

#define WAIT_MAX 3600 /* seconds */

/* --- check ---------------------------------------------------------------- */

int
cmd_config_check(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "config check",
	    .options = {{"from", "FILE", false}, {"strict", NULL, false}}
        };
	CLEANUP_DONE(candidate) struct candidate candidate = {0};
	CLEANUP(json) json_t *document = NULL;
	const char *interruption = apply_interruption();
	struct arguments arguments;
	struct error err;
	int status;
	bool ok;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	candidate.is_strict = arguments.values[1] != NULL;
	if (candidate_load(arguments.values[0], &candidate, &err) &&
	    candidate.findings.errors == 0)
		return output_failure(arguments.form, &err);

	if (interruption)
		findings_warn(&candidate.findings, apply_journal_path(), "%s",
		    interruption);
	ok = candidate.findings.errors + candidate.findings.warnings == 0;
	document = candidate_describe(&candidate);
	(void)json_object_set_new(document, "ok", json_boolean(ok));
	candidate_print(&candidate);
	if (arguments.form == OUTPUT_JSON)
		output_json(document);
	else if (ok)
		(void)puts("the configuration is good");
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* --- apply ---------------------------------------------------------------- */

static json_t *
describe_files(const struct apply *apply)
{
	json_t *files = json_array();

	for (size_t i = 0; i < apply->count; i++) {
		const struct apply_item *item = &apply->items[i];

		/* A key that is not there and was not is nothing to tell. */
		if (item->changed || item->text)
			(void)json_array_append_new(files,
			    json_pack("{s:s, s:s, s:b}", "daemon", item->daemon,
				"path", item->path, "changed", item->changed));
	}
	return files;
}

/* What could not be started again by an earlier apply is tried by this one. */
static void
take_over(const struct apply *left, struct apply *plan)
{
	for (size_t i = 0; i < left->count; i++)
		if (left->items[i].due)
			apply_set_due(plan, left->items[i].daemon, true);
}

struct way {
	bool is_rolled_out; /* else running daemons are left alone */
	int64_t device_ms;  /* as rollout() waits for it */
};

/* As apply(), with the lock. */
static enum error_code
apply_locked(const struct candidate *candidate, const struct way *way,
    struct apply *apply, struct rollout_result *result, struct error *err)
{
	CLEANUP_DONE(apply) struct apply left = {0};

	interrupt_hold();
	if (rollout_repair(way->is_rolled_out, &left, err))
		return err->code;
	if (apply_changes_any(&left))
		output_note("note: an earlier 'config apply' was interrupted; "
			    "what it had changed is taken back");
	if (apply_plan(&candidate->config, apply, err))
		return err->code;
	take_over(&left, apply);
	if (way->is_rolled_out)
		return rollout(apply, way->device_ms, result, err);
	result->restarted = json_array();
	result->waiting = json_array();
	return apply_at_once(apply, err);
}

static enum error_code
apply(const struct candidate *candidate, const struct way *way,
    struct apply *apply, struct rollout_result *result, struct error *err)
{
	enum error_code code;
	int lock;

	if (candidate_require_no_mistakes(candidate, err) ||
	    apply_lock(&lock, err))
		return err->code;
	code = apply_locked(candidate, way, apply, result, err);
	(void)close(lock);
	return code;
}

static void
print_waiting(const json_t *waiting)
{
	for (size_t i = 0; i < json_array_size(waiting); i++) {
		const json_t *daemon = json_array_get(waiting, i);

		(void)printf("%s: runs with the old file; it is to be "
			     "restarted by %s\n",
		    output_member(daemon, "name"),
		    output_member(daemon, "restarted_by"));
	}
}

static void
print_files(const struct apply *apply)
{
	for (size_t i = 0; i < apply->count; i++) {
		const struct apply_item *item = &apply->items[i];

		if (item->text || item->changed)
			(void)printf("%s: %s\n", item->path,
			    !item->changed ? "unchanged"
			    : item->text   ? "written"
					   : "removed");
	}
}

static void
print_applied(const struct apply *apply, const struct rollout_result *result,
    bool is_rolled_out)
{
	const json_t *restarted = result->restarted;

	print_files(apply);
	for (size_t i = 0; i < json_array_size(restarted); i++)
		(void)printf("%s: restarted\n",
		    json_string_value(json_array_get(restarted, i)));
	print_waiting(result->waiting);
	if (apply_changes_any(apply) && json_array_size(restarted) == 0 &&
	    json_array_size(result->waiting) == 0)
		(void)puts(is_rolled_out
			       ? "'signetctl system start' starts the daemons "
				 "with it"
			       : "'signetctl system restart' makes running "
				 "daemons use it");
}

/* text may be NULL: some seconds. */
static enum error_code
read_wait(const char *text, int64_t *ret_ms, struct error *err)
{
	char *end;
	unsigned long seconds;

	*ret_ms = ROLLOUT_GRACE_MS;
	if (!text)
		return ERROR_NONE;
	seconds = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || seconds > WAIT_MAX)
		return error_set(err, ERROR_INVALID,
		    "'--wait' is a number of seconds, 0 to %d", WAIT_MAX);
	*ret_ms = (int64_t)seconds * 1000;
	return ERROR_NONE;
}

int
cmd_config_apply(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "config apply",
	    .options = {{"from", "FILE", false}, {"strict", NULL, false},
			{"no-restart", NULL, false}, {"wait", "SECONDS", false}}
        };
	CLEANUP_DONE(candidate) struct candidate candidate = {0};
	CLEANUP_DONE(apply) struct apply plan = {0};
	CLEANUP(json) json_t *document = NULL;
	CLEANUP_DONE(rollout_result) struct rollout_result result = {0};
	struct way way;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	candidate.is_strict = arguments.values[1] != NULL;
	way.is_rolled_out = !arguments.values[2];
	if (read_wait(arguments.values[3], &way.device_ms, &err) ||
	    (candidate_load(arguments.values[0], &candidate, &err) &&
		candidate.findings.errors == 0))
		return output_failure(arguments.form, &err);
	document = candidate_describe(&candidate);
	candidate_print(&candidate);
	if (apply(&candidate, &way, &plan, &result, &err))
		return output_failure_details(arguments.form, &err, document);

	(void)json_object_set_new(document, "files", describe_files(&plan));
	(void)json_object_set(document, "restarted", result.restarted);
	(void)json_object_set(document, "waiting", result.waiting);
	if (arguments.form == OUTPUT_JSON)
		output_json(document);
	else
		print_applied(&plan, &result, !arguments.values[2]);
	return json_array_size(result.waiting) > 0 ? EXIT_WAITING
						   : EXIT_SUCCESS;
}
