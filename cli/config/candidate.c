/* SPDX-License-Identifier: MIT */
#include "candidate.h"

#include <string.h>

#include "common/file.h"
#include "node_edit.h"
#include "operator_file.h"
#include "output.h"
#include "yaml_document.h"

#define EDGE_RENEWAL "edge_ca.auto_renew"

void
candidate_done(struct candidate *candidate)
{
	super_config_done(&candidate->config);
	findings_done(&candidate->findings);
	document_done(&candidate->document);
}

/* The sections that are read and not used: a JSON array of their names. */
static json_t *
foreign_sections(const struct document *document)
{
	json_t *names = json_array();
	const char *name;

	for (size_t i = 0; (name = document_foreign_section(i)); i++)
		if (config_node_find(&document->root, name))
			(void)json_array_append_new(names, json_string(name));
	if (document->renews_edge_ca)
		(void)json_array_append_new(names, json_string(EDGE_RENEWAL));
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

/* Where the place ends that message begins with: "file:1:2", or NULL. */
static const char *
end_of_place(const char *message)
{
	static const char digits[] = "0123456789";

	for (; (message = strchr(message, ':')); message++) {
		const char *line = message + 1;
		const char *colon = line + strspn(line, digits);
		const char *end;

		if (colon == line || *colon != ':')
			continue;
		end = colon + 1 + strspn(colon + 1, digits);
		if (end > colon + 1 && *end == ':')
			return end;
	}
	return NULL;
}

/* Parts a message; the place is the caller's, NULL if there is none. */
static const char *
part(const struct error *said, char **ret_place)
{
	const char *end = end_of_place(said->message);

	*ret_place = end ? string_format("%.*s", (int)(end - said->message),
			       said->message)
			 : NULL;
	return end ? end + 2 : said->message;
}

static void
note_mistake(void *context, const struct error *mistake)
{
	struct candidate *candidate = context;
	char *place;
	const char *message = part(mistake, &place);

	findings_error(&candidate->findings, place, "%s", message);
}

static void
note_warnings(struct candidate *candidate)
{
	const struct mistakes *warnings = &candidate->document.warnings;

	for (size_t i = 0; i < warnings->count; i++) {
		char *place;
		const char *message = part(&warnings->items[i], &place);

		findings_warn(&candidate->findings, place, "%s", message);
	}
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
count_mistakes(const struct findings *findings, struct error *err)
{
	return error_set(err, ERROR_INVALID,
	    "the configuration has %zu mistake%s", findings->errors,
	    findings->errors == 1 ? "" : "s");
}

enum error_code
candidate_understand(struct candidate *candidate, struct error *err)
{
	const struct config_listener listener = {
	    note_unknown, note_mistake, candidate};

	if (findings_init(&candidate->findings, &candidate->document.root, err))
		return err->code;
	candidate->findings.is_lenient =
	    candidate->document.flavour != FLAVOUR_SIGNET &&
	    !candidate->is_strict;
	if (super_config_read(
		&candidate->document, &listener, &candidate->config, err))
		return candidate->findings.errors == 0
			   ? err->code
			   : count_mistakes(&candidate->findings, err);
	candidate->is_read = true;
	note_warnings(candidate);
	if (infer_compatibility(candidate, err))
		return err->code;
	check_structure(&candidate->config, &candidate->findings);
	if (!candidate->is_draft)
		check_files(&candidate->config, &candidate->findings);
	return ERROR_NONE;
}

static enum error_code
load(const char *path, const char *from, struct candidate *candidate,
    struct error *err)
{
	if (document_load(path, from, &candidate->document, err))
		return err->code;
	return candidate_understand(candidate, err);
}

enum error_code
candidate_load(const char *from, struct candidate *candidate, struct error *err)
{
	CLEANUP(string) char *path = operator_file_path();

	return path ? load(path, from, candidate, err) : error_no_memory(err);
}

enum error_code
candidate_load_alone(
    const char *from, struct candidate *candidate, struct error *err)
{
	return load(from, NULL, candidate, err);
}

void
candidate_print(const struct candidate *candidate)
{
	const char *name;

	findings_print(&candidate->findings);
	if (!candidate->is_read)
		return;
	for (size_t i = 0; (name = document_foreign_section(i)); i++)
		if (config_node_find(&candidate->document.root, name))
			output_note("note: the section '%s' is not Signet's; "
				    "it is not used",
			    name);
	if (candidate->document.renews_edge_ca)
		output_note("note: '" EDGE_RENEWAL "' is not Signet's: "
			    "aziot-edged renews its CA itself, and has that in "
			    "a file of its own; it is not used");
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

json_t *
candidate_describe(const struct candidate *candidate)
{
	return json_pack("{s:O, s:o}", "findings", candidate->findings.list,
	    "unused_sections", foreign_sections(&candidate->document));
}

enum error_code
candidate_require_no_mistakes(
    const struct candidate *candidate, struct error *err)
{
	if (candidate->findings.errors == 0)
		return ERROR_NONE;
	(void)count_mistakes(&candidate->findings, err);
	return error_wrap(err, "nothing is changed");
}

/* Says what follows from being a file of IoT Edge, as ours would not. */
static enum error_code
state_defaults(struct candidate *candidate, struct error *err)
{
	struct config_node *root = &candidate->document.root;
	const struct config_node place = *root;

	if (candidate->is_foreign &&
	    node_set_text(root, "compat", &place, "aziot", err))
		return err->code;
	if (candidate->document.flavour == FLAVOUR_AZIOT &&
	    !places_has(
		root, STEPS("provisioning", "always_reprovision_on_startup")) &&
	    !places_has(root, STEPS("provisioning", "dynamic_reprovisioning")))
		return node_add_text(
		    root, "auto_reprovisioning_mode", &place, "Dynamic", err);
	return ERROR_NONE;
}

enum error_code
candidate_text(struct candidate *candidate, const char *from, char **ret_text,
    struct error *err)
{
	CLEANUP(string)
	char *comment = string_format("Imported from %s. signet-config(5) "
				      "describes every key.",
	    from);

	if (!comment)
		return error_no_memory(err);
	if (state_defaults(candidate, err))
		return err->code;
	return yaml_document(&candidate->document.root, &super_config_table,
	    comment, ret_text, err);
}
