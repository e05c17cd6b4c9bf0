/* SPDX-License-Identifier: MIT */
/* signetctl config show, diff and import: what a configuration amounts to. */
#include <stdio.h>
#include <string.h>

#include "apply.h"
#include "arguments.h"
#include "candidate.h"
#include "commands.h"
#include "common/file.h"
#include "common/paths.h"
#include "line_diff.h"
#include "operator_file.h"
#include "redact.h"
#include "yaml_document.h"
#include "yaml_hide.h"

/* The daemons' files, which plan has first. */
static enum error_code
load_and_plan(const char *from, struct candidate *candidate,
    struct apply *ret_plan, struct error *err)
{
	enum error_code code = candidate_load(from, candidate, err);

	candidate_print(candidate);
	if (code)
		return code;
	if (candidate->findings.errors > 0)
		return error_set(
		    err, ERROR_INVALID, "the configuration has mistakes");
	return apply_plan(&candidate->config, ret_plan, err);
}

/* --- show ----------------------------------------------------------------- */

/* {"daemons":[{"daemon","path","text"}]} */
static enum error_code
show_effective(const char *from, struct candidate *candidate,
    json_t **ret_document, struct error *err)
{
	CLEANUP_DONE(apply) struct apply plan = {0};
	CLEANUP(json) json_t *files = json_array();

	if (load_and_plan(from, candidate, &plan, err))
		return err->code;
	for (size_t i = 0; i < APPLY_DAEMONS; i++) {
		CLEANUP(string) char *text = NULL;

		if (yaml_hide(plan.items[i].text, &text, err))
			return err->code;
		(void)json_array_append_new(files,
		    json_pack("{s:s, s:s, s:s}", "daemon", plan.items[i].daemon,
			"path", plan.items[i].path, "text", text));
	}
	*ret_document = json_pack("{s:O}", "daemons", files);
	return ERROR_NONE;
}

/* {"text"}: the configuration in our own names. */
static enum error_code
show_own(const char *from, struct candidate *candidate, json_t **ret_document,
    struct error *err)
{
	enum error_code code = candidate_load(from, candidate, err);
	CLEANUP(secret) char *text = NULL;
	CLEANUP(string) char *hidden = NULL;

	candidate_print(candidate);
	if (code)
		return code;
	if (yaml_document(&candidate->document.root, &super_config_table,
		"The configuration, without its secrets.", &text, err) ||
	    yaml_hide(text, &hidden, err))
		return err->code;
	*ret_document = json_pack("{s:s}", "text", hidden);
	return ERROR_NONE;
}

static void
print_shown(const json_t *document)
{
	const json_t *daemons = json_object_get(document, "daemons");

	if (!daemons)
		(void)fputs(output_member(document, "text"), stdout);
	for (size_t i = 0; i < json_array_size(daemons); i++) {
		const json_t *file = json_array_get(daemons, i);

		(void)printf("%s==> %s <==\n%s", i ? "\n" : "",
		    output_member(file, "path"), output_member(file, "text"));
	}
}

int
cmd_config_show(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "config show",
	    .options = {{"from", "FILE", false}, {"effective", NULL, false}}
        };
	CLEANUP_DONE(candidate) struct candidate candidate = {0};
	CLEANUP(json) json_t *document = NULL;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	if (arguments.values[1]
		? show_effective(
		      arguments.values[0], &candidate, &document, &err)
		: show_own(arguments.values[0], &candidate, &document, &err))
		return output_failure(arguments.form, &err);
	if (arguments.form == OUTPUT_JSON)
		output_json(document);
	else
		print_shown(document);
	return EXIT_SUCCESS;
}

/* --- diff ----------------------------------------------------------------- */

/* What would change in a file; of a key only that it would. */
static enum error_code
describe_change(
    const struct apply_item *item, json_t *changes, struct error *err)
{
	CLEANUP(string) char *old = NULL;
	CLEANUP(string) char *new = NULL;
	CLEANUP(string) char *diff = NULL;

	if (!item->changed)
		return ERROR_NONE;
	if (!item->is_secret) {
		if (yaml_hide(item->old ? item->old : "", &old, err) ||
		    yaml_hide(item->text, &new, err))
			return err->code;
		diff = line_diff(old, new);
		if (diff && !*diff) {
			free(diff);
			diff = strdup("~ " REDACTED "\n");
		}
	} else {
		diff = strdup(item->text ? "@@ 1\n+ " REDACTED "\n"
					 : "@@ 1\n- " REDACTED "\n");
	}
	if (!diff)
		return error_no_memory(err);
	(void)json_array_append_new(
	    changes, json_pack("{s:s, s:s, s:s}", "daemon", item->daemon,
			 "path", item->path, "diff", diff));
	return ERROR_NONE;
}

int
cmd_config_diff(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "config diff", .options = {{"from", "FILE", false}}};
	CLEANUP_DONE(candidate) struct candidate candidate = {0};
	CLEANUP_DONE(apply) struct apply plan = {0};
	CLEANUP(json) json_t *changes = json_array();
	CLEANUP(json) json_t *document = NULL;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	if (load_and_plan(arguments.values[0], &candidate, &plan, &err))
		return output_failure(arguments.form, &err);
	for (size_t i = 0; i < plan.count; i++)
		if (describe_change(&plan.items[i], changes, &err))
			return output_failure(arguments.form, &err);
	document = json_pack("{s:O}", "changes", changes);
	if (arguments.form == OUTPUT_JSON)
		output_json(document);
	for (size_t i = 0;
	     arguments.form == OUTPUT_TEXT && i < json_array_size(changes); i++)
		(void)printf("%s\n%s",
		    output_member(json_array_get(changes, i), "path"),
		    output_member(json_array_get(changes, i), "diff"));
	return json_array_size(changes) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* --- import --------------------------------------------------------------- */

static enum error_code
import(const char *from, bool is_forced, struct candidate *candidate,
    const char *path, struct error *err)
{
	enum error_code code = candidate_load_alone(from, candidate, err);
	CLEANUP(secret) char *text = NULL;

	candidate_print(candidate);
	if (code || candidate_require_no_mistakes(candidate, err) ||
	    candidate_text(candidate, from, &text, err) ||
	    operator_file_check(path, text, is_forced, err))
		return err->code;
	return operator_file_write(path, text, err);
}

int
cmd_config_import(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "config import",
	    .options = {{"from", "FILE", true}, {"strict", NULL, false},
			{"force", NULL, false}}
        };
	CLEANUP_DONE(candidate) struct candidate candidate = {0};
	CLEANUP(string) char *path = operator_file_path();
	CLEANUP(json) json_t *document = NULL;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	candidate.is_strict = arguments.values[1] != NULL;
	if (!path)
		(void)error_no_memory(&err);
	if (!path || import(arguments.values[0], arguments.values[2] != NULL,
			 &candidate, path, &err))
		return output_failure(arguments.form, &err);
	document = json_pack("{s:s}", "path", path);
	if (arguments.form == OUTPUT_JSON)
		output_json(document);
	else
		operator_file_print_written(path);
	return EXIT_SUCCESS;
}
