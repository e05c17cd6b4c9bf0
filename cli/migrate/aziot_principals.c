/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "aziot_state.h"
#include "common/file.h"
#include "folder.h"
#include "node_edit.h"
#include "toml.h"

#define FILE_MAX (1024 * 1024)

/* One of aziot's, in our names. Without idtype it is a daemon. */
static enum error_code
change_principal(
    struct config_node *principal, bool is_identity, struct error *err)
{
	struct config_node text = {.kind = CONFIG_SCALAR,
	    .file = principal->file,
	    .line = principal->line,
	    .column = principal->column};

	if (node_move(principal, "uid", principal, "user", err) ||
	    node_move(principal, "idtype", principal, "identity", err))
		return err->code;
	if (!is_identity || config_node_find(principal, "identity"))
		return ERROR_NONE;
	text.text = strdup(IDENTITY_DAEMON);
	if (!text.text)
		return error_no_memory(err);
	return node_append(principal, "identity", &text, err);
}

/* name is borrowed by the nodes: it is a literal. */
static enum error_code
visit_principals(const struct folder_visitor *visitor, const char *path,
    const char *name, struct error *err)
{
	CLEANUP_DONE(config_node) struct config_node file = {0};
	CLEANUP(secret) char *text = NULL;
	struct config_node *principals;
	size_t length;

	if (!folder_ends_in(name, ".toml") ||
	    strcmp(name, "00-super.toml") == 0)
		return ERROR_NONE;
	if (file_read(path, FILE_MAX, &text, &length, err) ||
	    toml_node_parse("config.d", text, length, &file, err))
		return error_wrap(err, "'%s'", path);
	principals = config_node_find(&file, "principal");
	for (size_t i = 0; principals && principals->kind == CONFIG_SEQUENCE &&
			   i < principals->count;
	     i++) {
		struct config_node *item = &principals->items[i];
		bool is_identity = config_node_find(item, "name") != NULL;

		if (item->kind != CONFIG_MAPPING)
			continue;
		if (change_principal(item, is_identity, err) ||
		    node_append(visitor->root, "principals", item, err))
			return err->code;
	}
	return ERROR_NONE;
}

enum error_code
takeover_principals(
    const char *etc, struct config_node *root, struct error *err)
{
	static const char *const daemons[] = {"keyd", "certd", "identityd"};
	const struct folder_visitor visitor = {visit_principals, root, NULL};

	for (size_t i = 0; i < sizeof(daemons) / sizeof(daemons[0]); i++) {
		CLEANUP(string)
		char *folder = string_format("%s/%s/config.d", etc, daemons[i]);

		if (!folder)
			return error_no_memory(err);
		if (folder_visit(folder, &visitor, err))
			return err->code;
	}
	return ERROR_NONE;
}
