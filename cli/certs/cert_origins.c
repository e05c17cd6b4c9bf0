/* SPDX-License-Identifier: MIT */
#include "cert_origins.h"

#include <string.h>

#include "common/file.h"
#include "common/paths.h"
#include "document.h"

/* Where a setting stands if not in the section of the certificate. */
static const struct {
	const char *prefix;
	const char *section; /* of cert_issuance */
} general[] = {
    {"est.",     "est"     },
    {"issuer.",  "local_ca"},
    {"renewal.", "renewal" },
};

/* The node at path, "a.b", below node; NULL: there is none. */
static const struct config_node *
find_below(const struct config_node *node, const char *path)
{
	CLEANUP(string) char *copy = strdup(path);
	char *rest = copy;

	while (node && rest) {
		const char *name = strsep(&rest, ".");

		node = node->kind == CONFIG_MAPPING
			   ? config_node_find(node, name)
			   : NULL;
	}
	return node;
}

static const struct config_node *
find_setting(
    const struct config_node *issuance, const char *id, const char *key)
{
	const struct config_node *certs = find_below(issuance, "certs");
	const struct config_node *own = certs && certs->kind == CONFIG_MAPPING
					    ? config_node_find(certs, id)
					    : NULL;
	const struct config_node *found = own ? find_below(own, key) : NULL;

	for (size_t i = 0; !found && i < sizeof(general) / sizeof(general[0]);
	     i++) {
		size_t length = strlen(general[i].prefix);
		const struct config_node *section =
		    strncmp(key, general[i].prefix, length) == 0
			? find_below(issuance, general[i].section)
			: NULL;

		if (section)
			found = find_below(section, key + length);
	}
	return found;
}

/*
 * Whether node says value. Of the issuer certd has the ids of what the operator
 * has the files of, and a password is not shown: there the place has to do.
 */
static bool
says(const struct config_node *node, const char *key, const char *value)
{
	return node->kind != CONFIG_SCALAR ||
	       strncmp(key, "issuer.", strlen("issuer.")) == 0 ||
	       strcmp(key, "est.password") == 0 ||
	       strcmp(node->text, value) == 0;
}

static void
resolve(json_t *setting, const char *id, const struct config_node *issuance)
{
	const char *key = json_string_value(json_object_get(setting, "key"));
	const char *value =
	    json_string_value(json_object_get(setting, "value"));
	const struct config_node *node =
	    key && value ? find_setting(issuance, id, key) : NULL;
	CLEANUP(string) char *place = NULL;

	if (!node || !says(node, key, value))
		return;
	place = string_format("%s:%u", node->file, node->line);
	if (place)
		(void)json_object_set_new(
		    setting, "origin", json_string(place));
}

static bool
is_in(const json_t *setting, const char *file)
{
	const char *origin =
	    json_string_value(json_object_get(setting, "origin"));
	size_t length = strlen(file);

	return origin && strncmp(origin, file, length) == 0 &&
	       origin[length] == ':';
}

void
cert_origins_resolve(json_t *settings, const char *id)
{
	CLEANUP(string)
	char *path = string_format("%s/config.yaml", paths_config_directory());
	CLEANUP(string) char *generated = paths_config_file("certd");
	CLEANUP_DONE(document) struct document document = {.path = NULL};
	const struct config_node *issuance;
	struct error ignored;

	if (!path || !generated ||
	    document_load(path, NULL, &document, &ignored))
		return;
	issuance = find_below(&document.root, "cert_issuance");
	for (size_t i = 0; issuance && i < json_array_size(settings); i++) {
		json_t *setting = json_array_get(settings, i);

		if (is_in(setting, generated))
			resolve(setting, id, issuance);
	}
}
