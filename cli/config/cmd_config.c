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

/* A configuration, where it stands, and what is wrong with it. */
struct candidate {
	char *path;
	struct places *places;
	struct super_config config;
	struct findings findings;
	bool is_foreign; /* it says compat by being one of IoT Edge */
};

static void
candidate_done(struct candidate *candidate)
{
	free(candidate->path);
	places_free(candidate->places);
	super_config_done(&candidate->config);
	findings_done(&candidate->findings);
}

/* The sections that are read and not used: a JSON array of their names. */
static json_t *
foreign_sections(const struct places *places)
{
	json_t *names = json_array();
	const char *name;

	for (size_t i = 0; (name = super_config_foreign(i)); i++)
		if (places_has(places, STEPS(name)))
			(void)json_array_append_new(names, json_string(name));
	return names;
}

/* What comes from IoT Edge is served as it was there, unless it says else. */
static enum error_code
infer_compatibility(struct candidate *candidate, struct error *err)
{
	CLEANUP(json) json_t *foreign = foreign_sections(candidate->places);

	if (candidate->config.compat || json_array_size(foreign) == 0)
		return ERROR_NONE;
	candidate->is_foreign = true;
	candidate->config.compat = strdup("aziot");
	return candidate->config.compat ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
load_and_check(const char *from, struct candidate *candidate, struct error *err)
{
	candidate->path =
	    string_format("%s/config.yaml", paths_config_directory());
	if (!candidate->path)
		return error_no_memory(err);
	if (places_create(&candidate->places, err) ||
	    super_config_load(candidate->path, from, &candidate->config,
		candidate->places, err) ||
	    infer_compatibility(candidate, err) ||
	    findings_init(&candidate->findings, candidate->places, err))
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
	    "unused_sections", foreign_sections(candidate->places));
}

/* --- check ---------------------------------------------------------------- */

int
cmd_config_check(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "config check", .options = {{"from", "FILE"}}};
	CLEANUP_DONE(candidate) struct candidate candidate = {0};
	CLEANUP(json) json_t *document = NULL;
	struct arguments arguments;
	struct error err;
	int status;
	bool ok;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
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

static enum error_code
apply(const struct candidate *candidate, json_t **ret_files, struct error *err)
{
	struct applied applied[APPLY_COUNT];
	CLEANUP(json) json_t *files = json_array();

	if (candidate->findings.errors > 0)
		return error_set(err, ERROR_INVALID,
		    "nothing is changed: the configuration has %zu mistake%s",
		    candidate->findings.errors,
		    candidate->findings.errors == 1 ? "" : "s");
	if (apply_config(&candidate->config, applied, err))
		return err->code;
	for (size_t i = 0; i < APPLY_COUNT; i++)
		(void)json_array_append_new(
		    files, json_pack("{s:s, s:s, s:b}", "daemon",
			       applied[i].daemon, "path", applied[i].path,
			       "changed", applied[i].changed));
	applied_done(applied);
	*ret_files = TAKE(files);
	return ERROR_NONE;
}

static void
print_applied(const json_t *files)
{
	bool changed = false;

	for (size_t i = 0; i < json_array_size(files); i++) {
		const json_t *file = json_array_get(files, i);
		bool is_new = json_is_true(json_object_get(file, "changed"));

		changed = changed || is_new;
		(void)printf("%s: %s\n",
		    json_string_value(json_object_get(file, "path")),
		    is_new ? "written" : "unchanged");
	}
	if (changed)
		(void)puts("'signetctl system restart' makes running daemons "
			   "use it");
}

int
cmd_config_apply(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "config apply", .options = {{"from", "FILE"}}};
	CLEANUP_DONE(candidate) struct candidate candidate = {0};
	CLEANUP(json) json_t *document = NULL;
	json_t *files;
	struct arguments arguments;
	struct error err;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	if (load_and_check(arguments.values[0], &candidate, &err))
		return output_failure(arguments.form, &err);
	document = describe(&candidate);
	findings_print(&candidate.findings);
	print_notes(&candidate, json_object_get(document, "unused_sections"));
	if (apply(&candidate, &files, &err))
		return output_failure_details(arguments.form, &err, document);

	(void)json_object_set_new(document, "files", files);
	if (arguments.form == OUTPUT_JSON)
		output_json(document);
	else
		print_applied(files);
	return EXIT_SUCCESS;
}
