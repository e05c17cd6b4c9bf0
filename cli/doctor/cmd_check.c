/* SPDX-License-Identifier: MIT */
/* signetctl check: the doctor. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "commands.h"
#include "doctor.h"

#define RESULTS (DOCTOR_ERROR + 1)
#define ID_MAX 64
#define INDENT "          "

static const struct synopsis synopsis = {
    .command = "check",
    .options = {{"only", "IDS", false}, {"skip", "IDS", false},
		{"list", NULL, false}, {"warnings-as-errors", NULL, false},
		{"json", NULL, false}}
};

/* --- for people ----------------------------------------------------------- */

/* The name of a result, in its colour if stdout is a terminal. */
static void
print_result(const char *result)
{
	static const struct {
		const char *result;
		const char *colour;
	} colours[] = {
	    {"ok",      "\033[32m"},
	    {"warning", "\033[33m"},
	    {"error",   "\033[31m"},
	};
	const char *colour = "";

	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
		if (strcmp(colours[i].result, result) == 0 &&
		    output_has_colours())
			colour = colours[i].colour;
	(void)printf("%s%-9s%s ", colour, result, *colour ? "\033[0m" : "");
}

static void
print_finding(const json_t *finding)
{
	const char *object =
	    json_string_value(json_object_get(finding, "object"));
	const char *fix = json_string_value(json_object_get(finding, "fix"));
	const json_t *uid = json_object_get(finding, "uid");

	(void)fputs(INDENT, stdout);
	if (object)
		(void)printf("%s", object);
	if (uid)
		(void)printf(" (for uid %" JSON_INTEGER_FORMAT ")",
		    json_integer_value(uid));
	(void)printf(
	    "%s%s\n", object ? ": " : "", output_member(finding, "reason"));
	if (fix)
		(void)printf(INDENT "-> %s\n", fix);
}

static void
print_check(const json_t *check)
{
	const json_t *findings = json_object_get(check, "findings");

	print_result(output_member(check, "result"));
	(void)printf("%-30s %s\n", output_member(check, "id"),
	    output_member(check, "title"));
	for (size_t i = 0; i < json_array_size(findings); i++)
		print_finding(json_array_get(findings, i));
	(void)fflush(stdout);
}

static void
print_counts(const size_t counts[static RESULTS])
{
	size_t total = 0;

	for (int i = 0; i < RESULTS; i++)
		total += counts[i];
	(void)printf("\n%zu check%s:", total, total == 1 ? "" : "s");
	for (int i = 0; i < RESULTS; i++)
		if (counts[i] > 0)
			(void)printf(" %zu %s", counts[i],
			    doctor_result_name((enum doctor_result)i));
	(void)putchar('\n');
}

static void
list_checks(enum output_form form)
{
	static const struct output_column columns[] = {
	    {"CHECK", "id"   },
	    {"LAYER", "layer"},
	    {"WHAT",  "title"},
	    {NULL,    NULL   },
	};
	CLEANUP(json) json_t *list = json_array();
	CLEANUP(json) json_t *document = json_pack("{s:O}", "checks", list);

	for (size_t i = 0; i < doctor_check_count; i++)
		(void)json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s}", "id", doctor_checks[i].id,
			"layer", doctor_checks[i].layer, "title",
			doctor_checks[i].title));
	if (form == OUTPUT_JSON)
		output_json(document);
	else
		output_table(list, columns);
}

/* --- all of them ---------------------------------------------------------- */

static bool
is_chosen(const char *id, const char *only, const char *skip)
{
	return (!only || doctor_list_has(only, id)) &&
	       !doctor_list_has(skip, id);
}

/* Makes the checks that are wanted; the results are counted. */
static void
run_checks(const char *only, const char *skip, bool print, json_t *list,
    size_t counts[static RESULTS])
{
	struct doctor doctor;
	const char *layer = "";

	output_progress("the device is looked at");
	doctor_examine(&doctor);
	for (size_t i = 0; i < doctor_check_count; i++) {
		const char *id = doctor_checks[i].id;
		enum doctor_result result;
		json_t *check;

		if (!is_chosen(id, only, skip))
			continue;
		if (!print)
			output_progress(id);
		else if (strcmp(layer, doctor_checks[i].layer) != 0)
			output_progress(doctor_checks[i].layer);
		layer = doctor_checks[i].layer;
		check = doctor_run(&doctor_checks[i], &doctor, &result);
		counts[result]++;
		if (print)
			print_check(check);
		(void)json_array_append_new(list, check);
	}
	doctor_done(&doctor);
}

static int
check(const struct arguments *arguments, const char *only, const char *skip)
{
	enum output_form form = arguments->form;
	bool strict =
	    arguments_value(&synopsis, arguments, "warnings-as-errors");
	size_t counts[RESULTS] = {0};
	CLEANUP(json) json_t *list = json_array();
	CLEANUP(json) json_t *document = NULL;
	bool ok;

	if (arguments_value(&synopsis, arguments, "list")) {
		list_checks(form);
		return EXIT_SUCCESS;
	}
	/* A peer that goes is a result. */
	(void)signal(SIGPIPE, SIG_IGN);
	run_checks(only, skip, form == OUTPUT_TEXT, list, counts);
	ok = counts[DOCTOR_ERROR] == 0 &&
	     !(strict && counts[DOCTOR_WARNING] > 0);
	document = json_pack("{s:b, s:I, s:I, s:O}", "ok", ok, "errors",
	    (json_int_t)counts[DOCTOR_ERROR], "warnings",
	    (json_int_t)counts[DOCTOR_WARNING], "checks", list);
	if (form == OUTPUT_JSON)
		output_json(document);
	else
		print_counts(counts);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Fails unless there are the checks that are named, and one to be made. */
static enum error_code
validate_choice(const char *only, const char *skip, struct error *err)
{
	char unknown[ID_MAX];

	if (doctor_list_unknown(only, unknown, sizeof(unknown)) ||
	    doctor_list_unknown(skip, unknown, sizeof(unknown)))
		return error_set(err, ERROR_INVALID,
		    "check: there is no check '%s'; --list shows all", unknown);
	for (size_t i = 0; i < doctor_check_count; i++)
		if (is_chosen(doctor_checks[i].id, only, skip))
			return ERROR_NONE;
	return error_set(err, ERROR_INVALID,
	    "check: --only and --skip leave nothing to check");
}

int
cmd_check(int argc, char **argv)
{
	struct arguments arguments;
	const char *only;
	const char *skip;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	if (arguments_value(&synopsis, &arguments, "json"))
		arguments.form = OUTPUT_JSON;
	only = arguments_value(&synopsis, &arguments, "only");
	skip = arguments_value(&synopsis, &arguments, "skip");
	if (validate_choice(only, skip, &err)) {
		(void)output_failure(arguments.form, &err);
		return EXIT_USAGE;
	}
	return check(&arguments, only, skip);
}
