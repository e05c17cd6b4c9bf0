/* SPDX-License-Identifier: MIT */
#include "pair_id.h"

#include <string.h>

#include "common/file.h"
#include "node_edit.h"

/* Those that end in -temp are of renewals that were not finished. */
static const char *const ids_of_aziot[] = {
    "device-id",
    "est-id",
    "est-bootstrap-id",
    "local-ca",
    "aziot-edged-ca",
    "est-id-device-id",
    "est-id-local-ca",
    "est-id-aziot-edged-ca",
    "est-bootstrap-id-device-id",
    "est-bootstrap-id-local-ca",
    "est-bootstrap-id-aziot-edged-ca",
};

static char *
id_if(const char *id, const char *name)
{
	CLEANUP(string) char *expected = file_name_of_id(id, "key");

	return expected && strcmp(expected, name) == 0 ? strdup(id) : NULL;
}

static char *
id_among_keys(const struct config_node *mapping, const char *name)
{
	char *id = NULL;

	for (size_t i = 0; !id && mapping && i < mapping->count; i += 2)
		id = id_if(mapping->items[i].text, name);
	return id;
}

/* What a principal may use; a pattern is the id of nothing. */
static char *
id_among_used(const struct config_node *root, const char *name)
{
	const struct config_node *principals =
	    config_node_find(root, "principals");
	char *id = NULL;

	for (size_t i = 0; !id && principals && i < principals->count; i++) {
		const struct config_node *item = &principals->items[i];
		const struct config_node *keys =
		    item->kind == CONFIG_MAPPING
			? config_node_find(item, "keys")
			: NULL;

		for (size_t j = 0;
		     !id && keys && keys->kind == CONFIG_SEQUENCE &&
		     j < keys->count;
		     j++)
			if (keys->items[j].kind == CONFIG_SCALAR)
				id = id_if(keys->items[j].text, name);
	}
	return id;
}

/* What stands before the hash is the id, if the id has nothing else. */
static char *
id_before_hash(const char *name)
{
	CLEANUP(string) char *id = strndup(name, strcspn(name, "-"));

	return id ? id_if(id, name) : NULL;
}

char *
pair_id(const char *name, const struct config_node *root)
{
	char *id = id_before_hash(name);

	for (size_t i = 0;
	     !id && i < sizeof(ids_of_aziot) / sizeof(ids_of_aziot[0]); i++)
		id = id_if(ids_of_aziot[i], name);
	if (!id)
		id = id_among_keys(node_mapping(root, "preloaded_certs"), name);
	return id ? id : id_among_used(root, name);
}
