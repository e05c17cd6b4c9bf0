/* SPDX-License-Identifier: MIT */
#include "document.h"

#include <string.h>

#include "aziot_names.h"
#include "common/file.h"
#include "common/paths.h"
#include "node_edit.h"
#include "toml.h"

#define FILE_MAX (1024 * 1024)

/* Modules and their runtime are not Signet's. The first ones tell 1.1's file.
 */
static const char *const foreign[] = {
    "agent",
    "connect",
    "listen",
    "moby_runtime",
    "homedir",
    "watchdog",
    "allow_elevated_docker_permissions",
    "additional_info",
    "manifest_trust_bundle_cert",
    "image_garbage_collection",
    "iotedge_max_requests",
    "aziot_max_requests",
    NULL,
};

const char *
document_foreign_section(size_t i)
{
	return foreign[i];
}

void
document_done(struct document *document)
{
	config_node_done(&document->root);
	free(document->path);
	free(document->from);
	mistakes_done(&document->mistakes);
	mistakes_done(&document->warnings);
	*document = (struct document){0};
}

static bool
is_toml(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && strcmp(dot, ".toml") == 0;
}

static enum flavour
flavour_of(const char *name, const struct config_node *root)
{
	if (is_toml(name))
		return FLAVOUR_AZIOT;
	if (config_node_find(root, "certificates"))
		return FLAVOUR_EDGE_1_1;
	for (size_t i = 0; foreign[i]; i++)
		if (config_node_find(root, foreign[i]))
			return FLAVOUR_EDGE_1_1;
	return FLAVOUR_SIGNET;
}

/* name is borrowed by the nodes. Mistakes and flavour go to document. */
static enum error_code
parse(const char *name, const char *text, size_t length,
    struct config_node *ret_root, struct document *document, struct error *err)
{
	CLEANUP_DONE(config_node) struct config_node root = {0};
	enum error_code code =
	    is_toml(name) ? toml_node_parse(name, text, length, &root, err)
			  : config_node_parse(name, text, length, &root, err);
	enum flavour flavour;

	if (code)
		return code;
	flavour = flavour_of(name, &root);
	if (aziot_names_change(&root, &document->mistakes, err))
		return err->code;
	*ret_root = TAKE_CONTENTS(root);
	document->flavour = flavour;
	return ERROR_NONE;
}

/* True for the file that is read where none is named. */
static bool
is_ours(const char *path)
{
	CLEANUP(string)
	char *ours = string_format("%s/config.yaml", paths_config_directory());

	return ours && strcmp(path, ours) == 0;
}

static enum error_code
parse_file(const char *path, struct config_node *ret_root,
    struct document *document, struct error *err)
{
	CLEANUP(secret) char *text = NULL;
	size_t length;

	if (file_read(path, FILE_MAX, &text, &length, err)) {
		if (err->code == ERROR_NOT_FOUND && is_ours(path))
			(void)error_set(err, ERROR_NOT_FOUND,
			    "there is no file '%s'; 'signetctl init' makes one",
			    path);
		return err->code;
	}
	return parse(path, text, length, ret_root, document, err);
}

enum error_code
document_parse(const char *name, const char *text, size_t length,
    struct document *ret_document, struct error *err)
{
	CLEANUP_DONE(document) struct document document = {0};

	document.path = strdup(name);
	if (!document.path)
		return error_no_memory(err);
	if (parse(document.path, text, length, &document.root, &document, err))
		return err->code;
	*ret_document = TAKE_CONTENTS(document);
	return ERROR_NONE;
}

/* Each section of over takes the place of the same section of base. */
static enum error_code
replace_sections(
    struct config_node *base, struct config_node *over, struct error *err)
{
	while (over->count > 0) {
		const char *key = over->items[0].text;

		node_remove(base, key);
		if (node_move(over, key, base, key, err))
			return err->code;
	}
	return ERROR_NONE;
}

/* Our own file, which may be missing if there is another. */
static enum error_code
load_own(struct document *document, struct error *err)
{
	if (parse_file(document->path, &document->root, document, err) ==
	    ERROR_NONE)
		return ERROR_NONE;
	if (!document->from || err->code != ERROR_NOT_FOUND)
		return err->code;
	document->root = (struct config_node){
	    .kind = CONFIG_MAPPING, .file = document->from};
	return ERROR_NONE;
}

enum error_code
document_load(const char *path, const char *from, struct document *ret_document,
    struct error *err)
{
	CLEANUP_DONE(document) struct document document = {0};
	CLEANUP_DONE(config_node) struct config_node over = {0};

	document.path = strdup(path);
	document.from = from ? strdup(from) : NULL;
	if (!document.path || (from && !document.from))
		return error_no_memory(err);
	if (load_own(&document, err))
		return err->code;
	if (from && (parse_file(document.from, &over, &document, err) ||
			replace_sections(&document.root, &over, err)))
		return err->code;
	*ret_document = TAKE_CONTENTS(document);
	return ERROR_NONE;
}

enum flavour
document_flavour_of(
    const struct document *document, const struct config_node *node)
{
	bool is_over = document->from && node->file == document->from;

	return is_over || !document->from ? document->flavour : FLAVOUR_SIGNET;
}
