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

/* --- one file of config.d --------------------------------------------------
 */

static void
drop_item(struct config_node *list, size_t i)
{
	config_node_done(&list->items[i]);
	list->count--;
	memmove(&list->items[i], &list->items[i + 1],
	    (list->count - i) * sizeof(*list->items));
}

/* Of the entries for a uid the last counts with aziot. */
static void
drop_identity_of(const char *user, const struct folder_visitor *visitor)
{
	struct config_node *principals =
	    config_node_find(visitor->root, "principals");

	for (size_t i = 0; principals && i < principals->count; i++) {
		const struct config_node *item = &principals->items[i];
		const char *other = item->kind == CONFIG_MAPPING
					? node_text(item, "user")
					: NULL;

		if (!other || strcmp(other, user) != 0 ||
		    !config_node_find(item, "identity"))
			continue;
		takeover_note(visitor->takeover, user,
		    "is the uid of two principals, of which the last counts");
		drop_item(principals, i);
		return;
	}
}

static enum error_code
add_principal(const struct folder_visitor *visitor,
    struct config_node *principal, struct error *err)
{
	bool is_identity = config_node_find(principal, "name") != NULL;
	const char *user;

	if (change_principal(principal, is_identity, err))
		return err->code;
	user = node_text(principal, "user");
	if (is_identity && user)
		drop_identity_of(user, visitor);
	return node_append(visitor->root, "principals", principal, err);
}

static bool
is_taken_over(const char *key)
{
	static const char *const keys[] = {"principal", "preloaded_keys",
	    "preloaded_certs", "prefer_module_identity_cache"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(key, keys[i]) == 0)
			return true;
	return false;
}

/* What we read under another name, or not at all, is for the operator. */
static void
leave_the_rest(
    struct config_node *file, const char *path, struct takeover *takeover)
{
	size_t i = 0;

	while (i < file->count) {
		const char *key = file->items[i].text;
		CLEANUP(string) char *why = NULL;

		if (is_taken_over(key)) {
			i += 2;
			continue;
		}
		why = string_format("has '%s', which is not taken over; write "
				    "it into the configuration",
		    key);
		takeover_note(takeover, path, why ? why : "");
		node_remove(file, key);
	}
}

/* The name is borrowed by the nodes: it is a literal. */
static enum error_code
visit_file(const struct folder_visitor *visitor, const char *path,
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
	leave_the_rest(&file, path, visitor->takeover);
	principals = config_node_find(&file, "principal");
	for (size_t i = 0; principals && principals->kind == CONFIG_SEQUENCE &&
			   i < principals->count;
	     i++)
		if (principals->items[i].kind == CONFIG_MAPPING &&
		    add_principal(visitor, &principals->items[i], err))
			return err->code;
	node_remove(&file, "principal");
	return config_node_merge(visitor->root, &file, err);
}

enum error_code
takeover_settings(const char *etc, struct config_node *root,
    struct takeover *takeover, struct error *err)
{
	static const char *const daemons[] = {"keyd", "certd", "identityd"};
	const struct folder_visitor visitor = {visit_file, root, takeover};

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
