/* SPDX-License-Identifier: MIT */
#include "est_credentials.h"

#include <string.h>
#include <strings.h>

#include "common/file.h"
#include "node_edit.h"
#include "preload.h"
#include "super_config.h"

/* --- the identities at them ----------------------------------------------- */

/* A section that says how to reach an EST server, and the id it is for. */
struct est_place {
	const char *const *path;
	const char *suffix; /* "", or "-" and the id of the certificate */
};

static enum error_code
name_identity(struct config_node *root, const struct est_place *where,
    const char *prefix, const char *kind, struct error *err)
{
	CLEANUP(string) char *id = string_format("%s%s", kind, where->suffix);
	CLEANUP(string) char *cert = string_format("%sidentity_cert", prefix);
	CLEANUP(string) char *pk = string_format("%sidentity_pk", prefix);

	if (!id || !cert || !pk)
		return error_no_memory(err);
	if (preload_named(root, where->path, cert, "preloaded_certs", id, err))
		return err->code;
	return preload_named(root, where->path, pk, "preloaded_keys", id, err);
}

/* Whose identity for the first time is a URI is given one for later, too. */
static enum error_code
add_identity(
    struct config_node *root, const struct est_place *where, struct error *err)
{
	CLEANUP(string) char *id = string_format("est-id%s", where->suffix);
	CLEANUP(string)
	char *first = string_format("est-bootstrap-id%s", where->suffix);
	struct config_node *est = node_find_path(root, where->path);
	const struct config_node *bootstrap =
	    config_node_find(est, "bootstrap_identity_cert");
	const struct config_node place = bootstrap ? *bootstrap : *est;

	if (!id || !first)
		return error_no_memory(err);
	if (!bootstrap || bootstrap->kind != CONFIG_SCALAR ||
	    strcmp(bootstrap->text, first) != 0)
		return ERROR_NONE;
	if (node_add_text(est, "identity_cert", &place, id, err))
		return err->code;
	return node_add_text(est, "identity_pk", &place, id, err);
}

static enum error_code
name_trusted(struct config_node *root, const struct est_place *where,
    unsigned *number, struct error *err)
{
	for (size_t i = 0;; i++) {
		struct config_node *est = node_find_path(root, where->path);
		struct config_node *list =
		    config_node_find(est, "trusted_certs");
		CLEANUP(string) char *id = NULL;

		if (!list || list->kind != CONFIG_SEQUENCE || i >= list->count)
			return ERROR_NONE;
		if (!preload_is_uri(list->items[i].text))
			continue;
		id = string_format("est-server-ca-%u", ++*number);
		if (!id)
			return error_no_memory(err);
		if (preload_uri(
			root, "preloaded_certs", id, &list->items[i], err))
			return err->code;
		est = node_find_path(root, where->path);
		list = config_node_find(est, "trusted_certs");
		if (node_change(&list->items[i], id, err))
			return err->code;
	}
}

/* IoT Edge asks whomever its file names, also over http. */
static enum error_code
allow_http(
    const struct document *document, struct config_node *est, struct error *err)
{
	static const char key[] = "allow_http";
	const struct config_node *url = config_node_find(est, "url");

	if (!url || url->kind != CONFIG_SCALAR ||
	    strncasecmp(url->text, "http:", strlen("http:")) != 0 ||
	    document_flavour_of(document, url) == FLAVOUR_SIGNET)
		return ERROR_NONE;
	if (node_add_text(est, key, url, "true", err))
		return err->code;
	config_node_find(est, key)->plain = true;
	return ERROR_NONE;
}

static enum error_code
name_est(struct document *document, const struct est_place *where,
    unsigned *number, struct error *err)
{
	struct config_node *root = &document->root;

	if (!node_find_path(root, where->path))
		return ERROR_NONE;
	if (allow_http(document, node_find_path(root, where->path), err))
		return err->code;
	if (name_identity(root, where, "", "est-id", err) ||
	    name_identity(root, where, "bootstrap_", "est-bootstrap-id", err) ||
	    add_identity(root, where, err))
		return err->code;
	return name_trusted(root, where, number, err);
}

/* --- which server issues what --------------------------------------------- */

static bool
are_texts(const struct config_node *mapping)
{
	for (size_t i = 1; i < mapping->count; i += 2)
		if (mapping->items[i].kind != CONFIG_SCALAR)
			return false;
	return true;
}

/*
 * The server of the certificates that have none: "default" is for the rest. One
 * for a certificate that is not issued here is for nobody, as with aziot.
 */
static enum error_code
spread(struct config_node *root, struct error *err)
{
	static const char *const est_path[] = {"cert_issuance", "est", NULL};
	struct config_node *est = node_find_path(root, est_path);
	struct config_node *urls = est ? node_mapping(est, "urls") : NULL;
	struct config_node *certs;

	if (!urls)
		return ERROR_NONE;
	if (!config_node_find(est, "url") &&
	    node_move(urls, "default", est, "url", err))
		return err->code;
	certs = node_find_path(root, CERTS_PATH);
	for (size_t i = 0; certs && i < certs->count; i += 2) {
		struct config_node *issued = &certs->items[i + 1];
		struct config_node *own;

		urls = node_mapping(node_find_path(root, est_path), "urls");
		if (!config_node_find(urls, certs->items[i].text) ||
		    issued->kind != CONFIG_MAPPING)
			continue;
		if (node_make_mapping(issued, "est", issued, &own, err) ||
		    node_move(urls, certs->items[i].text, own, "url", err))
			return err->code;
	}
	urls = node_mapping(node_find_path(root, est_path), "urls");
	if (are_texts(urls))
		node_remove(node_find_path(root, est_path), "urls");
	return ERROR_NONE;
}

/* The device's certificate must be in the list for a URL to find it. */
static enum error_code
list_device(struct config_node *root, const char *section, struct error *err)
{
	const char *const path[] = {
	    "provisioning", section, "identity_cert", NULL};
	const struct config_node *issuance = node_find_path(root, path);
	const struct config_node *urls =
	    node_find_path(root, STEPS("cert_issuance", "est", "urls"));
	const char *method = issuance ? node_text(issuance, "method") : NULL;
	struct config_node *to;

	if (!method || strcmp(method, "est") != 0 || !urls ||
	    !config_node_find(urls, ID_DEVICE))
		return ERROR_NONE;
	if (node_make_path(root, STEPS("cert_issuance", "certs", ID_DEVICE),
		issuance, &to, err))
		return err->code;
	return node_add_text(to, "method", to, "est", err);
}

enum error_code
est_credentials_name(struct document *document, struct error *err)
{
	struct config_node *root = &document->root;
	const struct est_place general = {STEPS("cert_issuance", "est"), ""};
	const struct config_node *certs;
	unsigned number = 0;

	if (name_est(document, &general, &number, err))
		return err->code;
	for (size_t i = 0;
	     (certs = node_find_path(root, CERTS_PATH)) && i < certs->count;
	     i += 2) {
		CLEANUP(string) char *id = strdup(certs->items[i].text);
		CLEANUP(string)
		char *suffix = id ? string_format("-%s", id) : NULL;
		const struct est_place special = {
		    STEPS("cert_issuance", "certs", id, "est"), suffix};

		if (!suffix)
			return error_no_memory(err);
		if (name_est(document, &special, &number, err))
			return err->code;
	}
	return ERROR_NONE;
}

enum error_code
est_credentials_spread(struct config_node *root, struct error *err)
{
	if (list_device(root, "attestation", err) ||
	    list_device(root, "authentication", err))
		return err->code;
	return spread(root, err);
}
