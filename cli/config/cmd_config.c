/* SPDX-License-Identifier: MIT */
/* signetctl config: the operator's file, checked and handed to the daemons. */
#include <stdio.h>
#include <string.h>

#include "apply.h"
#include "arguments.h"
#include "check.h"
#include "commands.h"
#include "common/file.h"
#include "common/paths.h"

/* A configuration, as it stands, and what is wrong with it. */
struct candidate {
	struct document document;
	struct super_config config;
	struct findings findings;
	bool is_foreign; /* it says compat by being one of IoT Edge */
	bool is_strict;  /* unknown keys of IoT Edge's files are errors */
};

static void
candidate_done(struct candidate *candidate)
{
	super_config_done(&candidate->config);
	findings_done(&candidate->findings);
	document_done(&candidate->document);
}

/* The sections that are read and not used: a JSON array of their names. */
static json_t *
foreign_sections(const struct config_node *root)
{
	json_t *names = json_array();
	const char *name;

	for (size_t i = 0; (name = document_foreign_section(i)); i++)
		if (config_node_find(root, name))
			(void)json_array_append_new(names, json_string(name));
	return names;
}

/* In IoT Edge's files such keys went unnoticed: they may have been there long.
 */
static void
note_unknown(void *context, const struct config_node *key, const char *message)
{
	struct candidate *candidate = context;
	char *place =
	    string_format("%s:%u:%u", key->file, key->line, key->column);

	bool is_lenient = candidate->findings.is_lenient;

	if (document_flavour_of(&candidate->document, key) == FLAVOUR_SIGNET)
		candidate->findings.is_lenient = false;
	findings_stray(&candidate->findings, place, "%s", message);
	candidate->findings.is_lenient = is_lenient;
}

/* What comes from IoT Edge is served as it was there, unless it says else. */
static enum error_code
infer_compatibility(struct candidate *candidate, struct error *err)
{
	if (candidate->config.compat ||
	    candidate->document.flavour == FLAVOUR_SIGNET)
		return ERROR_NONE;
	candidate->is_foreign = true;
	candidate->config.compat = strdup("aziot");
	return candidate->config.compat ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
load_and_check(const char *from, struct candidate *candidate, struct error *err)
{
	const struct config_unknown unknown = {note_unknown, candidate};
	CLEANUP(string)
	char *path = string_format("%s/config.yaml", paths_config_directory());

	if (!path)
		return error_no_memory(err);
	if (document_load(path, from, &candidate->document, err) ||
	    findings_init(&candidate->findings, &candidate->document.root, err))
		return err->code;
	candidate->findings.is_lenient =
	    candidate->document.flavour != FLAVOUR_SIGNET &&
	    !candidate->is_strict;
	if (super_config_read(
		&candidate->document, &unknown, &candidate->config, err) ||
	    infer_compatibility(candidate, err))
		return err->code;
	check_structure(&candidate->config, &candidate->findings);
	check_files(&candidate->config, &candidate->findings);
	return ERROR_NONE;
}

/* What is no mistake, but may surprise. */
static void
print_notes(const struct candidate *candidate, const json_t *foreign)
{
	for (size_t i = 0; i < json_array_size(foreign); i++)
		output_note("note: the section '%s' is not Signet's; it is "
			    "not used",
		    json_string_value(json_array_get(foreign, i)));
	if (candidate->is_foreign)
		output_note(
		    "note: this is a file of IoT Edge, so compat is aziot: "
		    "root may use every key, who has a handle may use its key, "
		    "and symmetric keys may be in files; 'compat: none' "
		    "prevents that");
	if (!candidate->config.provisioning.present)
		output_note("note: there is no section 'provisioning'; the "
			    "device will not be provisioned");
}

/* {"findings","unused_sections"}; NULL: no memory. */
static json_t *
describe(const struct candidate *candidate)
{
	return json_pack("{s:O, s:o}", "findings", candidate->findings.list,
	    "unused_sections", foreign_sections(&candidate->document.root));
}

/* --- check ---------------------------------------------------------------- */

int
cmd_config_check(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "config check",
	    .options = {{"from", "FILE"}, {"strict", NULL}}
        };
	CLEANUP_DONE(candidate) struct candidate candidate = {0};
	CLEANUP(json) json_t *document = NULL;
	struct arguments arguments;
	struct error err;
	int status;
	bool ok;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	candidate.is_strict = arguments.values[1] != NULL;
	if (load_and_check(arguments.values[0], &candidate, &err))
		return output_failure(arguments.form, &err);

	ok = candidate.findings.errors + candidate.findings.warnings == 0;
	document = describe(&candidate);
	(void)json_object_set_new(document, "ok", json_boolean(ok));
	findings_print(&candidate.findings);
	print_notes(&candidate, json_object_get(document, "unused_sections"));
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

static enum error_code
apply(const struct candidate *candidate, struct apply *apply, struct error *err)
{
	if (candidate->findings.errors > 0)
		return error_set(err, ERROR_INVALID,
		    "nothing is changed: the configuration has %zu mistake%s",
		    candidate->findings.errors,
		    candidate->findings.errors == 1 ? "" : "s");
	if (apply_plan(&candidate->config, apply, err))
		return err->code;
	return apply_switch(apply, err);
}

static void
print_applied(const struct apply *apply)
{
	bool changed = false;

	for (size_t i = 0; i < apply->count; i++) {
		const struct apply_item *item = &apply->items[i];

		changed = changed || item->changed;
		if (item->text || item->changed)
			(void)printf("%s: %s\n", item->path,
			    !item->changed ? "unchanged"
			    : item->text   ? "written"
					   : "removed");
	}
	if (changed)
		(void)puts("'signetctl system restart' makes running daemons "
			   "use it");
}

int
cmd_config_apply(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "config apply",
	    .options = {{"from", "FILE"}, {"strict", NULL}}
        };
	CLEANUP_DONE(candidate) struct candidate candidate = {0};
	CLEANUP_DONE(apply) struct apply plan = {0};
	CLEANUP(json) json_t *document = NULL;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	candidate.is_strict = arguments.values[1] != NULL;
	if (load_and_check(arguments.values[0], &candidate, &err))
		return output_failure(arguments.form, &err);
	document = describe(&candidate);
	findings_print(&candidate.findings);
	print_notes(&candidate, json_object_get(document, "unused_sections"));
	if (apply(&candidate, &plan, &err))
		return output_failure_details(arguments.form, &err, document);

	(void)json_object_set_new(document, "files", describe_files(&plan));
	if (arguments.form == OUTPUT_JSON)
		output_json(document);
	else
		print_applied(&plan);
	return EXIT_SUCCESS;
}
