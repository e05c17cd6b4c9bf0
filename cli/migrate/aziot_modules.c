/* SPDX-License-Identifier: MIT */
/*
 * The modules that aziot's daemon has made at the hub. Without them a module of
 * a principal would be taken for one that others made, and be made anew.
 */
#include <string.h>

#include "aziot_state.h"
#include "common/file.h"
#include "common/paths.h"
#include "folder.h"
#include "node_edit.h"
#include "toml.h"

/* "<SHA-256 of the hub>-<SHA-256 of the device>" */
#define HASH_LENGTH 64
#define FOLDER_LENGTH (2 * HASH_LENGTH + 1)

/* What visits of folders of modules have in common. */
struct modules_visitor {
	struct folder_visitor visitor; /* must be first */
	const char *folder;            /* the name of the one that is visited */
	const struct config_node *settings; /* that it has last made them by */
};

static bool
has_module(const struct config_node *principal)
{
	const struct config_node *types = config_node_find(principal, "idtype");

	for (size_t i = 0;
	     types && types->kind == CONFIG_SEQUENCE && i < types->count; i++)
		if (types->items[i].kind == CONFIG_SCALAR &&
		    strcmp(types->items[i].text, "module") == 0)
			return true;
	return false;
}

/* True if the daemon has made module id because of a principal. */
static bool
is_of_principal(const struct config_node *settings, const char *id)
{
	const struct config_node *all = config_node_find(settings, "principal");

	for (size_t i = 0;
	     all && all->kind == CONFIG_SEQUENCE && i < all->count; i++) {
		const struct config_node *name;

		if (all->items[i].kind != CONFIG_MAPPING)
			continue;
		name = config_node_find(&all->items[i], "name");
		if (name && name->kind == CONFIG_SCALAR &&
		    strcmp(name->text, id) == 0 && has_module(&all->items[i]))
			return true;
	}
	return false;
}

/* The hub's module becomes our record of it. */
static enum error_code
convert(const struct modules_visitor *modules, struct takeover_file *file,
    struct error *err)
{
	CLEANUP(json) json_t *module = NULL;
	CLEANUP(json) json_t *record = NULL;
	CLEANUP(string) char *name = NULL;
	const char *id, *generation;

	if (json_parse(file->data, file->length, &module, err) ||
	    json_get_string(module, "moduleId", &id, err) ||
	    json_get_string(module, "generationId", &generation, err))
		return err->code;
	record = json_pack("{s:s, s:s, s:s, s:b}", "module_id", id,
	    "generation_id", generation, "state", "ours", "of_principal",
	    is_of_principal(modules->settings, id));
	name = file_name_of_id(id, "json");
	free(file->data);
	file->data = record ? json_text(record) : NULL;
	file->length = file->data ? strlen(file->data) : 0;
	if (!file->data || !name)
		return error_no_memory(err);
	file->daemon = "provisiond";
	file->to = string_format("%s/provisiond/modules/%s/%s",
	    paths_state_directory(), modules->folder, name);
	return ERROR_NONE;
}

static enum error_code
visit_module(const struct folder_visitor *visitor, const char *path,
    const char *name, struct error *err)
{
	const struct modules_visitor *modules =
	    (const struct modules_visitor *)visitor;
	struct takeover_file file;

	(void)name;
	if (takeover_read(path, &file, err))
		return err->code;
	if (convert(modules, &file, err) == ERROR_NONE)
		return takeover_add(visitor->takeover, &file, err);
	takeover_note(visitor->takeover, path,
	    "holds no module; if a principal wants it, it is made anew");
	takeover_file_done(&file);
	return ERROR_NONE;
}

static enum error_code
visit_folder(const struct folder_visitor *visitor, const char *path,
    const char *name, struct error *err)
{
	struct modules_visitor modules =
	    *(const struct modules_visitor *)visitor;

	if (strlen(name) != FOLDER_LENGTH || name[HASH_LENGTH] != '-' ||
	    strspn(name, "0123456789abcdef-") != FOLDER_LENGTH)
		return ERROR_NONE;
	modules.visitor.visit = visit_module;
	modules.folder = name;
	return folder_visit(path, &modules.visitor, err);
}

enum error_code
takeover_modules(const char *var, struct takeover *takeover, struct error *err)
{
	CLEANUP(string)
	char *folder = string_format("%s/identityd/modules", var);
	CLEANUP(string)
	char *path = string_format("%s/identityd/prev_state", var);
	CLEANUP_DONE(config_node) struct config_node settings = {0};
	struct takeover_file file;
	struct modules_visitor modules = {
	    .visitor = {visit_folder, NULL, takeover},
              .settings = &settings
        };
	enum error_code code;

	if (!folder || !path)
		return error_no_memory(err);
	if (!file_exists(folder))
		return ERROR_NONE;
	if (takeover_read(path, &file, err)) {
		if (err->code != ERROR_NOT_FOUND)
			return err->code;
		takeover_note(takeover, path,
		    "is not there; modules of principals are made anew");
		return folder_visit(folder, &modules.visitor, err);
	}
	if (toml_node_parse(path, file.data, file.length, &settings, err))
		takeover_note(takeover, path,
		    "cannot be read; modules of principals are made anew");
	code = folder_visit(folder, &modules.visitor, err);
	takeover_file_done(&file);
	return code;
}
