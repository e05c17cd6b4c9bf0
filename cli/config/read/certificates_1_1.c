/* SPDX-License-Identifier: MIT */
#include "certificates_1_1.h"

#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "file_uri.h"
#include "node_edit.h"

/* The three that belong together, and what they are called here. */
static const struct {
	const char *key;
	const char *name;
} files[] = {
    {"device_ca_cert",   "cert"             },
    {"device_ca_pk",     "pk"               },
    {"trusted_ca_certs", "trust_bundle_cert"},
};
#define FILES (sizeof(files) / sizeof(files[0]))
#define TRUSTED 2

static enum error_code
check_all_or_none(const struct config_node *certificates,
    const struct config_node *place, size_t *ret_count, struct error *err)
{
	const char *missing = NULL;
	size_t count = 0;

	for (size_t i = 0; i < FILES; i++) {
		if (config_node_find(certificates, files[i].key))
			count++;
		else
			missing = files[i].key;
	}
	if (count > 0 && missing)
		return config_node_error(place, err,
		    "'%s' is missing: 'device_ca_cert', 'device_ca_pk' and "
		    "'trusted_ca_certs' go together",
		    missing);
	*ret_count = count;
	return ERROR_NONE;
}

/* Moves the file called key into to, as a URI. */
static enum error_code
move_file(struct config_node *certificates, size_t i, struct config_node *to,
    struct error *err)
{
	CLEANUP(string) char *uri = NULL;
	struct config_node *value;

	if (node_move(certificates, files[i].key, to, files[i].name, err))
		return err->code;
	value = config_node_find(to, files[i].name);
	if (value->kind != CONFIG_SCALAR)
		return ERROR_NONE; /* what reads it complains */
	uri = file_uri(value->text);
	return uri ? node_change(value, uri, err) : error_no_memory(err);
}

static enum error_code
take_files(struct config_node *root, struct config_node *certificates,
    const struct config_node *place, struct error *err)
{
	struct config_node *edge_ca;

	if (move_file(certificates, TRUSTED, root, err) ||
	    node_make_mapping(root, "edge_ca", place, &edge_ca, err))
		return err->code;
	for (size_t i = 0; i < TRUSTED; i++)
		if (move_file(certificates, i, edge_ca, err))
			return err->code;
	return ERROR_NONE;
}

/* The quick start's CA, which lives for so many days. */
static enum error_code
take_lifetime(struct config_node *root, struct config_node *certificates,
    const struct config_node *place, struct error *err)
{
	static const char key[] = "auto_generated_ca_lifetime_days";
	struct config_node *edge_ca;

	if (!config_node_find(certificates, key))
		return ERROR_NONE;
	if (node_make_mapping(root, "edge_ca", place, &edge_ca, err) ||
	    node_set_text(edge_ca, "method", place, "self_signed", err))
		return err->code;
	return node_move(certificates, key, edge_ca, "expiry_days", err);
}

/* What is left is known to nobody, and found in edge_ca. */
static enum error_code
take_rest(struct config_node *root, struct config_node *certificates,
    const struct config_node *place, struct error *err)
{
	struct config_node *edge_ca;

	while (certificates->count > 0) {
		const char *key = certificates->items[0].text;

		if (node_make_mapping(root, "edge_ca", place, &edge_ca, err) ||
		    node_move(certificates, key, edge_ca, key, err))
			return err->code;
	}
	return ERROR_NONE;
}

enum error_code
certificates_1_1_change(struct config_node *root, struct error *err)
{
	CLEANUP_DONE(config_node)
	struct config_node single = {.kind = CONFIG_MAPPING};
	struct config_node *certificates;
	struct config_node place;
	size_t count;

	if (!node_mapping(root, "certificates"))
		return ERROR_NONE;
	if (node_move(root, "certificates", &single, "certificates", err))
		return err->code;
	place = single.items[0];
	certificates = &single.items[1];
	if (check_all_or_none(certificates, &place, &count, err))
		return err->code;
	if (count > 0) {
		node_remove(certificates, "auto_generated_ca_lifetime_days");
		if (take_files(root, certificates, &place, err))
			return err->code;
	} else if (take_lifetime(root, certificates, &place, err)) {
		return err->code;
	}
	return take_rest(root, certificates, &place, err);
}
