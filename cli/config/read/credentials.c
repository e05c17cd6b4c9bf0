/* SPDX-License-Identifier: MIT */
#include "credentials.h"

#include <string.h>
#include <strings.h>

#include "common/file.h"
#include "edge_ca.h"
#include "est_credentials.h"
#include "file_uri.h"
#include "lifetimes.h"
#include "node_edit.h"
#include "preload.h"
#include "super_config.h"

/* --- where it is said how something is issued ----------------------------- */

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
	struct config_node *from = node_find_path(root, path);
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
	if (node_make_path(root, CERTS_PATH, &moved.items[0], &certs, err) ||
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
	const struct config_node *issuance = node_find_path(root, path);
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
	return *method && node_find_path(root, to)
		   ? node_add_text(node_find_path(root, to), "method", &place,
			 method, err)
		   : ERROR_NONE;
}

/* Edge's own daemon renews it; what IoT Edge's files say of that is not ours.
 */
static void
drop_edge_renewal(struct document *document, struct config_node *edge_ca)
{
	const struct config_node *renewal =
	    config_node_find(edge_ca, "renewal");

	if (!renewal ||
	    document_flavour_of(document, renewal) == FLAVOUR_SIGNET)
		return;
	node_remove(edge_ca, "renewal");
	document->renews_edge_ca = true;
}

static enum error_code
move_edge_ca(struct document *document, struct error *err)
{
	static const char *const path[] = {"edge_ca", NULL};
	static const char *const staying[] = {"cert", "pk", "renewal", NULL};
	static const char *const to[] = {
	    "cert_issuance", "certs", ID_EDGE_CA, NULL};
	struct config_node *root = &document->root;
	struct config_node *edge_ca = node_mapping(root, "edge_ca");
	struct config_node *issued;
	struct config_node *renewal;
	struct config_node place;

	if (!edge_ca)
		return ERROR_NONE;
	place = *edge_ca;
	if (preload_named(
		root, path, "cert", "preloaded_certs", ID_EDGE_CA, err) ||
	    preload_named(root, path, "pk", "preloaded_keys", ID_EDGE_CA, err))
		return err->code;
	drop_edge_renewal(document, node_mapping(root, "edge_ca"));
	if (move_issuance(root, path, ID_EDGE_CA, staying, err))
		return err->code;
	issued = node_find_path(root, to);
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
	const struct config_node *issuance = node_find_path(root, path);
	struct config_node place;

	if (!issuance)
		return ERROR_NONE;
	place = *issuance;
	if (move_issuance(root, path, ID_LOCAL_CA, none, err))
		return err->code;
	node_remove(
	    node_find_path(root, STEPS("cert_issuance", "local_ca")), "cert");
	return node_find_path(root, to)
		   ? node_add_text(
			 node_find_path(root, to), "profile", &place, "ca", err)
		   : ERROR_NONE;
}

/* --- all of it ------------------------------------------------------------ */

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
	    preload_uri(root, "preloaded_keys", ID_EDGE_MASTER, value, err))
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
	if (preload_uri(root, "preloaded_certs", ID_EDGE_BUNDLE, value, err))
		return err->code;
	node_remove(root, key);
	return ERROR_NONE;
}

enum error_code
credentials_name(struct document *document, struct error *err)
{
	struct config_node *root = &document->root;
	struct mistakes *mistakes = &document->mistakes;

	if (mistakes_pass(mistakes, move_trust_bundle(document, err), err) ||
	    mistakes_pass(mistakes, import_master_key(root, err), err) ||
	    mistakes_pass(mistakes, move_edge_ca(document, err), err) ||
	    mistakes_pass(mistakes, move_local_ca(root, err), err) ||
	    mistakes_pass(mistakes,
		move_device(root, "attestation", "registration_id", err),
		err) ||
	    mistakes_pass(mistakes,
		move_device(root, "authentication", "device_id", err), err) ||
	    mistakes_pass(mistakes, est_credentials_spread(root, err), err) ||
	    mistakes_pass(mistakes, est_credentials_name(document, err), err))
		return err->code;
	if (mistakes_pass(mistakes, lifetimes_lower(document, err), err))
		return err->code;
	return mistakes_pass(mistakes, edge_ca_add_next(root, err), err);
}
