/* SPDX-License-Identifier: MIT */
#include "preload.h"

#include <string.h>

#include "common/file.h"
#include "node_edit.h"

bool
preload_is_uri(const char *text)
{
	return text && (strncmp(text, "file:", 5) == 0 ||
			   strncmp(text, "pkcs11:", 7) == 0);
}

enum error_code
preload_uri(struct config_node *root, const char *section, const char *id,
    const struct config_node *uri, struct error *err)
{
	const struct config_node place = *uri; /* adding may move it */
	CLEANUP(secret) char *text = strdup(uri->text);
	struct config_node *map;

	if (!text)
		return error_no_memory(err);
	if (node_make_mapping(root, section, &place, &map, err))
		return err->code;
	if (node_text(map, id) && strcmp(node_text(map, id), text) == 0)
		return ERROR_NONE;
	if (config_node_find(map, id))
		return config_node_error(
		    &place, err, "'%s' is given here and in %s", id, section);
	return node_set_text(map, id, &place, text, err);
}

enum error_code
preload_named(struct config_node *root, const char *const *path,
    const char *key, const char *section, const char *id, struct error *err)
{
	struct config_node *est = node_find_path(root, path);
	struct config_node *value = est ? config_node_find(est, key) : NULL;

	if (!value || value->kind != CONFIG_SCALAR ||
	    !preload_is_uri(value->text))
		return ERROR_NONE;
	if (preload_uri(root, section, id, value, err))
		return err->code;
	est = node_find_path(root, path);
	return node_change(config_node_find(est, key), id, err);
}
