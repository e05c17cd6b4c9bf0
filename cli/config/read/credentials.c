/* SPDX-License-Identifier: MIT */
#include "credentials.h"

#include <string.h>
#include <strings.h>

#include "common/file.h"
#include "edge_ca.h"
#include "file_uri.h"
#include "node_edit.h"
#include "super_config.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool
is_uri(const char *text)
{
	return text && (strncmp(text, "file:", 5) == 0 ||
			   strncmp(text, "pkcs11:", 7) == 0);
}

/* Adds id to preloaded_keys or preloaded_certs. */
static enum error_code
preload(struct config_node *root, const char *section, const char *id,
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

/* The section at the end of path, which is made if there is none. */
static enum error_code
make_path(struct config_node *root, const char *const *path,
    const struct config_node *place, struct config_node **ret_node,
    struct error *err)
{
	for (; *path; path++)
		if (node_make_mapping(root, *path, place, &root, err))
			return err->code;
	*ret_node = root;
	return ERROR_NONE;
}

static struct config_node *
find_path(struct config_node *root, const char *const *path)
{
	for (; root && *path; path++)
		root = node_mapping(root, *path);
	return root;
}

/* --- the identities at EST servers ---------------------------------------- */

/* A section that says how to reach an EST server, and the id it is for. */
struct est_place {
	const char *const *path;
	const char *suffix; /* "", or "-" and the id of the certificate */
};

/*
 * A URI called key is preloaded under the id, which takes its place. Where
 * there is none nothing happens.
 */
static enum error_code
name_one(struct config_node *root, const struct est_place *where,
    const char *key, const char *section, const char *id, struct error *err)
{
	struct config_node *est = find_path(root, where->path);
	struct config_node *value = est ? config_node_find(est, key) : NULL;

	if (!value || value->kind != CONFIG_SCALAR || !is_uri(value->text))
		return ERROR_NONE;
	if (preload(root, section, id, value, err))
		return err->code;
	est = find_path(root, where->path);
	return node_change(config_node_find(est, key), id, err);
}

static enum error_code
name_identity(struct config_node *root, const struct est_place *where,
    const char *prefix, const char *kind, struct error *err)
{
	CLEANUP(string) char *id = string_format("%s%s", kind, where->suffix);
	CLEANUP(string) char *cert = string_format("%sidentity_cert", prefix);
	CLEANUP(string) char *pk = string_format("%sidentity_pk", prefix);

	if (!id || !cert || !pk)
		return error_no_memory(err);
	if (name_one(root, where, cert, "preloaded_certs", id, err))
		return err->code;
	return name_one(root, where, pk, "preloaded_keys", id, err);
}

/* Whose identity for the first time is a URI is given one for later, too. */
static enum error_code
add_identity(
    struct config_node *root, const struct est_place *where, struct error *err)
{
	CLEANUP(string) char *id = string_format("est-id%s", where->suffix);
	CLEANUP(string)
	char *first = string_format("est-bootstrap-id%s", where->suffix);
	struct config_node *est = find_path(root, where->path);
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
		struct config_node *est = find_path(root, where->path);
		struct config_node *list =
		    config_node_find(est, "trusted_certs");
		CLEANUP(string) char *id = NULL;

		if (!list || list->kind != CONFIG_SEQUENCE || i >= list->count)
			return ERROR_NONE;
		if (!is_uri(list->items[i].text))
			continue;
		id = string_format("est-server-ca-%u", ++*number);
		if (!id)
			return error_no_memory(err);
		if (preload(root, "preloaded_certs", id, &list->items[i], err))
			return err->code;
		est = find_path(root, where->path);
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

	if (!find_path(root, where->path))
		return ERROR_NONE;
	if (allow_http(document, find_path(root, where->path), err))
		return err->code;
	if (name_identity(root, where, "", "est-id", err) ||
	    name_identity(root, where, "bootstrap_", "est-bootstrap-id", err) ||
	    add_identity(root, where, err))
		return err->code;
	return name_trusted(root, where, number, err);
}

/* --- where it is said how something is issued ----------------------------- */

static const char *const certs_path[] = {"cert_issuance", "certs", NULL};

/* All but these are said of the certificate in cert_issuance.certs only. */
static bool
stays(const char *key, const char *const *staying)
{
	for (; *staying; staying++)
		if (strcmp(*staying, key) == 0)
			return true;
	return false;
}

/* Moves what the section at path says to cert_issuance.certs, as id. */
static enum error_code
move_issuance(struct config_node *root, const char *const *path, const char *id,
    const char *const *staying, struct error *err)
{
	struct config_node *from = find_path(root, path);
	CLEANUP_DONE(config_node)
	struct config_node moved = {.kind = CONFIG_MAPPING};
	struct config_node *certs;
	struct config_node *to;

	for (size_t i = 0; i < from->count;) {
		const char *key = from->items[i].text;

		if (stays(key, staying))
			i += 2;
		else if (node_move(from, key, &moved, key, err))
			return err->code;
	}
	if (moved.count == 0)
		return ERROR_NONE;
	if (make_path(root, certs_path, &moved.items[0], &certs, err) ||
	    node_make_mapping(certs, id, &moved.items[0], &to, err))
		return err->code;
	while (moved.count > 0)
		if (node_move(&moved, moved.items[0].text, to,
			moved.items[0].text, err))
			return err->code;
	return ERROR_NONE;
}

/* A subject of aziot is beside the name, which we want in it. */
static enum error_code
add_common_name(const struct config_node *provisioning, const char *id_key,
    const struct config_node *credential, struct error *err)
{
	struct config_node *issuance =
	    node_mapping(credential, "identity_cert");
	struct config_node *subject = node_mapping(issuance, "subject");
	const char *name = node_text(issuance, "common_name");

	if (!subject)
		return ERROR_NONE;
	for (size_t i = 0; i < subject->count; i += 2)
		if (strcasecmp(subject->items[i].text, "CN") == 0)
			return ERROR_NONE;
	if (!name)
		name = node_text(credential, id_key);
	if (!name)
		name = node_text(provisioning, id_key);
	return name ? node_add_text(subject, "CN", subject, name, err)
		    : ERROR_NONE;
}

static enum error_code
move_device(struct config_node *root, const char *section, const char *id_key,
    struct error *err)
{
	static const char *const staying[] = {
	    "method", "common_name", "expiry_days", NULL};
	const char *const path[] = {
	    "provisioning", section, "identity_cert", NULL};
	struct config_node *provisioning = node_mapping(root, "provisioning");
	const struct config_node *issuance = find_path(root, path);
	static const char *const to[] = {
	    "cert_issuance", "certs", ID_DEVICE, NULL};
	CLEANUP(string) char *method = NULL;
	struct config_node place;

	if (!issuance)
		return ERROR_NONE;
	place = *issuance;
	method = strdup(
	    node_text(issuance, "method") ? node_text(issuance, "method") : "");
	if (!method)
		return error_no_memory(err);
	if (add_common_name(provisioning, id_key,
		node_mapping(provisioning, section), err) ||
	    move_issuance(root, path, ID_DEVICE, staying, err))
		return err->code;
	/* Its table wants to know the method, too. */
	return *method && find_path(root, to)
		   ? node_add_text(
			 find_path(root, to), "method", &place, method, err)
		   : ERROR_NONE;
}

/* Edge's own daemon renews it; what it is told of that is not ours. */
static enum error_code
move_edge_ca(struct config_node *root, struct error *err)
{
	static const char *const path[] = {"edge_ca", NULL};
	static const char *const staying[] = {"cert", "pk", NULL};
	static const char *const to[] = {
	    "cert_issuance", "certs", ID_EDGE_CA, NULL};
	struct config_node *edge_ca = node_mapping(root, "edge_ca");
	const struct est_place where = {path, ""};
	struct config_node *issued;
	struct config_node *renewal;
	struct config_node place;

	if (!edge_ca)
		return ERROR_NONE;
	place = *edge_ca;
	if (name_one(
		root, &where, "cert", "preloaded_certs", ID_EDGE_CA, err) ||
	    name_one(root, &where, "pk", "preloaded_keys", ID_EDGE_CA, err))
		return err->code;
	node_remove(node_mapping(root, "edge_ca"), "renewal");
	if (move_issuance(root, path, ID_EDGE_CA, staying, err))
		return err->code;
	issued = find_path(root, to);
	if (!issued)
		return ERROR_NONE;
	if (node_add_text(issued, "profile", &place, "ca", err) ||
	    node_make_mapping(issued, "renewal", &place, &renewal, err))
		return err->code;
	return node_add_text(renewal, "automatic", &place, "false", err);
}

/* A local CA that is issued is one of cert_issuance.certs. */
static enum error_code
move_local_ca(struct config_node *root, struct error *err)
{
	static const char *const path[] = {
	    "cert_issuance", "local_ca", "cert", NULL};
	static const char *const to[] = {
	    "cert_issuance", "certs", ID_LOCAL_CA, NULL};
	static const char *const none[] = {NULL};
	const struct config_node *issuance = find_path(root, path);
	struct config_node place;

	if (!issuance)
		return ERROR_NONE;
	place = *issuance;
	if (move_issuance(root, path, ID_LOCAL_CA, none, err))
		return err->code;
	node_remove(
	    find_path(root, STEPS("cert_issuance", "local_ca")), "cert");
	return find_path(root, to) ? node_add_text(find_path(root, to),
					 "profile", &place, "ca", err)
				   : ERROR_NONE;
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
spread_urls(struct config_node *root, struct error *err)
{
	static const char *const est_path[] = {"cert_issuance", "est", NULL};
	struct config_node *est = find_path(root, est_path);
	struct config_node *urls = est ? node_mapping(est, "urls") : NULL;
	struct config_node *certs;

	if (!urls)
		return ERROR_NONE;
	if (!config_node_find(est, "url") &&
	    node_move(urls, "default", est, "url", err))
		return err->code;
	certs = find_path(root, certs_path);
	for (size_t i = 0; certs && i < certs->count; i += 2) {
		struct config_node *issued = &certs->items[i + 1];
		struct config_node *own;

		urls = node_mapping(find_path(root, est_path), "urls");
		if (!config_node_find(urls, certs->items[i].text) ||
		    issued->kind != CONFIG_MAPPING)
			continue;
		if (node_make_mapping(issued, "est", issued, &own, err) ||
		    node_move(urls, certs->items[i].text, own, "url", err))
			return err->code;
	}
	urls = node_mapping(find_path(root, est_path), "urls");
	if (are_texts(urls))
		node_remove(find_path(root, est_path), "urls");
	return ERROR_NONE;
}

/* The device's certificate must be in the list for a URL to find it. */
static enum error_code
list_device(struct config_node *root, const char *section, struct error *err)
{
	const char *const path[] = {
	    "provisioning", section, "identity_cert", NULL};
	const struct config_node *issuance = find_path(root, path);
	const struct config_node *urls =
	    find_path(root, STEPS("cert_issuance", "est", "urls"));
	const char *method = issuance ? node_text(issuance, "method") : NULL;
	struct config_node *to;

	if (!method || strcmp(method, "est") != 0 || !urls ||
	    !config_node_find(urls, ID_DEVICE))
		return ERROR_NONE;
	if (make_path(root, STEPS("cert_issuance", "certs", ID_DEVICE),
		issuance, &to, err))
		return err->code;
	return node_add_text(to, "method", to, "est", err);
}

/* --- all of it ------------------------------------------------------------ */

static enum error_code
name_all_est(struct document *document, struct error *err)
{
	struct config_node *root = &document->root;
	const struct est_place general = {STEPS("cert_issuance", "est"), ""};
	const struct config_node *certs;
	unsigned number = 0;

	if (name_est(document, &general, &number, err))
		return err->code;
	for (size_t i = 0;
	     (certs = find_path(root, certs_path)) && i < certs->count;
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

static enum error_code
import_master_key(struct config_node *root, struct error *err)
{
	static const char key[] = "imported_master_encryption_key";
	struct config_node *value = config_node_find(root, key);
	CLEANUP(string) char *uri = NULL;

	if (!value || value->kind != CONFIG_SCALAR)
		return ERROR_NONE;
	uri = file_uri(value->text);
	if (!uri)
		return error_no_memory(err);
	if (node_change(value, uri, err) ||
	    preload(root, "preloaded_keys", ID_EDGE_MASTER, value, err))
		return err->code;
	node_remove(root, key);
	return ERROR_NONE;
}

/* Edge's modules trust it. In our own file it says whom the device trusts. */
static enum error_code
move_trust_bundle(struct document *document, struct error *err)
{
	static const char key[] = "trust_bundle_cert";
	struct config_node *root = &document->root;
	const struct config_node *value = config_node_find(root, key);

	if (!value || value->kind != CONFIG_SCALAR ||
	    document_flavour_of(document, value) == FLAVOUR_SIGNET)
		return ERROR_NONE;
	if (preload(root, "preloaded_certs", ID_EDGE_BUNDLE, value, err))
		return err->code;
	node_remove(root, key);
	return ERROR_NONE;
}

enum error_code
credentials_name(struct document *document, struct error *err)
{
	struct config_node *root = &document->root;

	if (move_trust_bundle(document, err) || import_master_key(root, err) ||
	    move_edge_ca(root, err) || move_local_ca(root, err) ||
	    move_device(root, "attestation", "registration_id", err) ||
	    move_device(root, "authentication", "device_id", err) ||
	    list_device(root, "attestation", err) ||
	    list_device(root, "authentication", err) || spread_urls(root, err))
		return err->code;
	if (name_all_est(document, err))
		return err->code;
	return edge_ca_add_next(root, err);
}
