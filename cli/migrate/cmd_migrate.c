/* SPDX-License-Identifier: MIT */
/* signetctl migrate aziot: what aziot's daemons have becomes ours. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "aziot_state.h"
#include "candidate.h"
#include "commands.h"
#include "common/file.h"
#include "operator_file.h"
#include "service.h"

struct migration {
	char *etc; /* "/etc/aziot" */
	char *var; /* "/var/lib/aziot" */
	char *toml;
	char *path; /* of our own configuration */
	char *text; /* what it shall hold */
	bool is_forced;
	struct candidate candidate;
	struct takeover takeover;
};

static void
migration_done(struct migration *migration)
{
	free(migration->etc);
	free(migration->var);
	free(migration->toml);
	free(migration->path);
	secret_free(migration->text);
	candidate_done(&migration->candidate);
	takeover_done(&migration->takeover);
}

/* Daemons that run would not notice, or write over it. */
static enum error_code
require_that_nothing_runs(struct error *err)
{
	for (size_t i = 0; i < SERVICE_COUNT; i++) {
		struct service_process process;

		if (service_find(service_names[i], &process, err))
			return err->code;
		if (process.state != SERVICE_STOPPED)
			return error_set(err, ERROR_INVALID,
			    "%s runs; 'signetctl system stop' ends it first",
			    service_names[i]);
	}
	return ERROR_NONE;
}

static enum error_code
find_paths(const char *root, struct migration *migration, struct error *err)
{
	migration->etc = string_format("%s/etc/aziot", root);
	migration->var = string_format("%s/var/lib/aziot", root);
	migration->toml = string_format("%s/etc/aziot/config.toml", root);
	migration->path = operator_file_path();
	if (!migration->etc || !migration->var || !migration->toml ||
	    !migration->path)
		return error_no_memory(err);
	return ERROR_NONE;
}

static enum error_code
require_that_aziot_was_here(
    const struct migration *migration, struct error *err)
{
	if (access(migration->toml, F_OK) == 0 || errno != ENOENT)
		return ERROR_NONE;
	return error_set(err, ERROR_NOT_FOUND,
	    "there is no '%s': was aziot configured here? '--root FOLDER' "
	    "names another place for /etc and /var",
	    migration->toml);
}

/* All that can be found out before anything is written. */
static enum error_code
prepare(const char *root, struct migration *migration, struct error *err)
{
	struct candidate *candidate = &migration->candidate;
	enum error_code code;

	if (find_paths(root, migration, err) ||
	    require_that_aziot_was_here(migration, err) ||
	    require_that_nothing_runs(err) ||
	    document_load(migration->toml, NULL, &candidate->document, err) ||
	    takeover_init(&migration->takeover, err) ||
	    takeover_settings(migration->etc, &candidate->document.root,
		&migration->takeover, err) ||
	    takeover_plan(migration->var, &candidate->document.root,
		&migration->takeover, err))
		return err->code;
	code = candidate_understand(candidate, err);
	candidate_print(candidate);
	if (code || candidate_require_no_mistakes(candidate, err) ||
	    takeover_assignment(migration->var, &candidate->config,
		&migration->takeover, err) ||
	    takeover_modules(migration->var, &migration->takeover, err) ||
	    takeover_settle(
		&migration->takeover, &candidate->document.root, err) ||
	    candidate_text(candidate, migration->toml, &migration->text, err) ||
	    operator_file_check(
		migration->path, migration->text, migration->is_forced, err))
		return err->code;
	return migration->is_forced ? ERROR_NONE
				    : takeover_check(&migration->takeover, err);
}

/* The configuration last: it is there when all that it names is. */
static enum error_code
carry_out(const struct migration *migration, struct error *err)
{
	if (takeover_write(&migration->takeover, err))
		return err->code;
	return operator_file_write(migration->path, migration->text, err);
}

static json_t *
describe(const struct migration *migration)
{
	json_t *files = json_array();

	for (size_t i = 0; i < migration->takeover.count; i++) {
		const struct takeover_file *file =
		    &migration->takeover.files[i];

		(void)json_array_append_new(
		    files, json_pack("{s:s, s:s, s:s}", "daemon", file->daemon,
			       "from", file->from, "to", file->to));
	}
	return json_pack("{s:s, s:o, s:O}", "path", migration->path, "files",
	    files, "notes", migration->takeover.notes);
}

static void
print(const struct migration *migration)
{
	for (size_t i = 0; i < migration->takeover.count; i++)
		(void)printf("%s: from %s\n", migration->takeover.files[i].to,
		    migration->takeover.files[i].from);
	operator_file_print_written(migration->path);
}

int
cmd_migrate_aziot(int argc, char **argv)
{
	static const struct synopsis synopsis = {
	    .command = "migrate aziot",
	    .options = {{"root", "FOLDER", false}, {"force", NULL, false}}
        };
	CLEANUP_DONE(migration) struct migration migration = {0};
	CLEANUP(json) json_t *document = NULL;
	struct arguments arguments;
	const char *root;
	struct error err;
	size_t i;
	json_t *note;
	int status;

	if (!arguments_read(&synopsis, argc, argv, &arguments, &status))
		return status;
	root = arguments.values[0] ? arguments.values[0] : "";
	migration.is_forced = arguments.values[1] != NULL;
	output_progress("aziot's state is taken over");
	if (prepare(root, &migration, &err) || carry_out(&migration, &err))
		return output_failure(arguments.form, &err);
	json_array_foreach(migration.takeover.notes, i, note)
	    output_note("note: %s", json_string_value(note));
	document = describe(&migration);
	if (arguments.form == OUTPUT_JSON)
		output_json(document);
	else
		print(&migration);
	return EXIT_SUCCESS;
}
