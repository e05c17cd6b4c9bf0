/* SPDX-License-Identifier: MIT */
#include "aziot_names.h"

#include <ctype.h>
#include <openssl/objects.h>
#include <string.h>

#include "common/cleanup.h"

#include "certificates_1_1.h"
#include "connection_string.h"
#include "edge_ca.h"
#include "node_edit.h"

/* A key, and what it is called here. */
struct renaming {
	const char *key;
	const char *name;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Nothing if there is no mapping; a key whose name is there is left out. */
static enum error_code
rename_keys(struct config_node *mapping, const struct renaming *renamings,
    size_t count, struct mistakes *mistakes, struct error *err)
{
	for (size_t i = 0; mapping && i < count; i++) {
		if (mistakes_pass(mistakes,
			node_move(mapping, renamings[i].key, mapping,
			    renamings[i].name, err),
			err))
			return err->code;
		node_remove(mapping, renamings[i].key);
	}
	return ERROR_NONE;
}

/* Moves all that the mapping key has up into its parent. */
static enum error_code
flatten(struct config_node *parent, const char *key, struct error *err)
{
	struct config_node *inner;

	/* Each move may move the inner mapping, too. */
	while ((inner = node_mapping(parent, key)) && inner->count > 0) {
		CLEANUP_DONE(config_node)
		struct config_node single = {.kind = CONFIG_MAPPING};
		const char *name = inner->items[0].text;

		if (node_move(inner, name, &single, name, err) ||
		    node_move(&single, single.items[0].text, parent,
			single.items[0].text, err))
			return err->code;
	}
	node_remove(parent, key);
	return ERROR_NONE;
}

/* --- how a certificate is issued ------------------------------------------ */

static enum error_code
change_renewal(
    struct config_node *renewal, struct mistakes *mistakes, struct error *err)
{
	static const struct renaming renamings[] = {
	    {"threshold", "window"}
        };

	return rename_keys(renewal, renamings, COUNT(renamings), mistakes, err);
}

/* aziot takes the names of a subject's attributes in small letters, too. */
static void
change_subject(struct config_node *subject)
{
	for (size_t i = 0; subject && i < subject->count; i += 2) {
		char *name = subject->items[i].text;

		if (OBJ_txt2nid(name) != NID_undef)
			continue;
		for (char *c = name; *c; c++)
			*c = (char)toupper((unsigned char)*c);
	}
}

/*
 * How the EST server is reached, which is beside the rest or in auth, is what
 * we have in est; auto_renew is our renewal.
 */
static enum error_code
change_issuance(
    struct config_node *issuance, struct mistakes *mistakes, struct error *err)
{
	static const char *const keys[] = {"url", "auth", "username",
	    "password", "identity_cert", "identity_pk",
	    "bootstrap_identity_cert", "bootstrap_identity_pk"};
	struct config_node *est;

	if (!issuance)
		return ERROR_NONE;
	change_subject(node_mapping(issuance, "subject"));
	if (node_move(issuance, "auto_renew", issuance, "renewal", err) ||
	    change_renewal(node_mapping(issuance, "renewal"), mistakes, err))
		return err->code;
	for (size_t i = 0; i < COUNT(keys); i++) {
		CLEANUP_DONE(config_node)
		struct config_node single = {.kind = CONFIG_MAPPING};

		if (!config_node_find(issuance, keys[i]))
			continue;
		if (node_move(issuance, keys[i], &single, keys[i], err) ||
		    node_make_mapping(
			issuance, "est", &single.items[0], &est, err) ||
		    node_move(&single, keys[i], est, keys[i], err))
			return err->code;
	}
	est = node_mapping(issuance, "est");
	return est ? flatten(est, "auth", err) : ERROR_NONE;
}

/*
 * What aziot says of the renewal of the identity at the EST server is our
 * general rule: the identity is renewed as what it is used for.
 */
static enum error_code
change_cert_issuance(
    struct config_node *issuance, struct mistakes *mistakes, struct error *err)
{
	struct config_node *est = node_mapping(issuance, "est");
	struct config_node *local_ca = node_mapping(issuance, "local_ca");
	CLEANUP_DONE(config_node)
	struct config_node renewal = {.kind = CONFIG_MAPPING};

	if (local_ca &&
	    change_issuance(node_mapping(local_ca, "cert"), mistakes, err))
		return err->code;
	if (!est)
		return ERROR_NONE;
	if (flatten(est, "auth", err) ||
	    node_move(est, "identity_auto_renew", &renewal, "renewal", err))
		return err->code;
	if (renewal.count == 0)
		return ERROR_NONE;
	if (node_move(&renewal, "renewal", issuance, "renewal", err))
		return err->code;
	return change_renewal(node_mapping(issuance, "renewal"), mistakes, err);
}

/* --- provisioning --------------------------------------------------------- */

/* In 1.1 the method names the connection string, which is then split. */
static enum error_code
change_authentication(struct config_node *provisioning, struct error *err)
{
	static const char *const outer[] = {
	    "iothub_hostname", "device_id", "device_connection_string"};
	const char *method;

	for (size_t i = 0; i < COUNT(outer); i++) {
		struct config_node *authentication =
		    node_mapping(provisioning, "authentication");
		CLEANUP_DONE(config_node)
		struct config_node single = {.kind = CONFIG_MAPPING};

		if (!authentication ||
		    !config_node_find(authentication, outer[i]))
			continue;
		if (node_move(
			authentication, outer[i], &single, outer[i], err) ||
		    node_move(&single, outer[i], provisioning, outer[i], err))
			return err->code;
	}
	if (!node_mapping(provisioning, "authentication"))
		return ERROR_NONE;
	method =
	    node_text(node_mapping(provisioning, "authentication"), "method");
	if (method && strcmp(method, "device_connection_string") == 0)
		node_remove(provisioning, "authentication");
	return ERROR_NONE;
}

/* Of 1.1: a registration id alone is one of a TPM. */
static enum error_code
change_registration_id(struct config_node *provisioning, struct error *err)
{
	const struct config_node *id =
	    config_node_find(provisioning, "registration_id");
	const struct config_node place =
	    id ? *id : (struct config_node){.file = NULL};
	const char *source = node_text(provisioning, "source");
	struct config_node *attestation;
	CLEANUP_DONE(config_node)
	struct config_node single = {.kind = CONFIG_MAPPING};

	if (!id || config_node_find(provisioning, "attestation") || !source ||
	    strcmp(source, "dps") != 0)
		return ERROR_NONE;
	if (node_move(provisioning, "registration_id", &single,
		"registration_id", err) ||
	    node_make_mapping(
		provisioning, "attestation", &place, &attestation, err) ||
	    node_set_text(attestation, "method", &place, "tpm", err))
		return err->code;
	return node_move(
	    &single, "registration_id", attestation, "registration_id", err);
}

static enum error_code
change_provisioning(struct config_node *provisioning, struct mistakes *mistakes,
    struct error *err)
{
	static const struct renaming renamings[] = {
	    {"id_scope",          "scope_id"                },
	    {"connection_string", "device_connection_string"},
	};
	static const char *const credentials[] = {
	    "attestation", "authentication"};

	if (!provisioning)
		return ERROR_NONE;
	if (rename_keys(
		provisioning, renamings, COUNT(renamings), mistakes, err) ||
	    mistakes_pass(
		mistakes, change_authentication(provisioning, err), err) ||
	    mistakes_pass(
		mistakes, change_registration_id(provisioning, err), err) ||
	    mistakes_pass(
		mistakes, connection_string_split(provisioning, err), err))
		return err->code;
	for (size_t i = 0; i < COUNT(credentials); i++) {
		const struct config_node *credential =
		    node_mapping(provisioning, credentials[i]);

		if (credential &&
		    change_issuance(node_mapping(credential, "identity_cert"),
			mistakes, err))
			return err->code;
	}
	return ERROR_NONE;
}

/* --- the rest ------------------------------------------------------------- */

/* keyd has a place of its own for what aziot keeps in homedir_path. */
static enum error_code
change_token(
    struct config_node *root, struct mistakes *mistakes, struct error *err)
{
	static const struct renaming renamings[] = {
	    {"pkcs11_lib_path",  "module"},
	    {"pkcs11_base_slot", "uri"   },
	};
	struct config_node *token;

	if (node_move(root, "aziot_keys", root, "token", err))
		return err->code;
	token = node_mapping(root, "token");
	if (!token)
		return ERROR_NONE;
	node_remove(token, "homedir_path");
	if (rename_keys(token, renamings, COUNT(renamings), mistakes, err))
		return err->code;
	if (token->count == 0)
		node_remove(root, "token");
	return ERROR_NONE;
}

/* An authorization that is empty is none. */
static void
change_tpm(const struct config_node *tpm)
{
	static const char *const keys[] = {"endorsement", "owner"};
	struct config_node *authorization =
	    tpm ? node_mapping(tpm, "hierarchy_authorization") : NULL;

	for (size_t i = 0; authorization && i < COUNT(keys); i++) {
		const char *text = node_text(authorization, keys[i]);

		if (text && !*text)
			node_remove(authorization, keys[i]);
	}
}

enum error_code
aziot_names_change(
    struct config_node *root, struct mistakes *mistakes, struct error *err)
{
	static const struct renaming renamings[] = {
	    {"parent_hostname", "local_gateway_hostname"}
        };
	struct config_node *issuance;

	if (rename_keys(root, renamings, COUNT(renamings), mistakes, err) ||
	    mistakes_pass(mistakes, change_token(root, mistakes, err), err) ||
	    mistakes_pass(mistakes,
		change_provisioning(
		    node_mapping(root, "provisioning"), mistakes, err),
		err) ||
	    mistakes_pass(mistakes, edge_ca_change(root, err), err) ||
	    mistakes_pass(mistakes,
		change_issuance(node_mapping(root, "edge_ca"), mistakes, err),
		err) ||
	    mistakes_pass(mistakes, certificates_1_1_change(root, err), err))
		return err->code;
	change_tpm(node_mapping(root, "tpm"));
	issuance = node_mapping(root, "cert_issuance");
	return issuance
		   ? mistakes_pass(mistakes,
			 change_cert_issuance(issuance, mistakes, err), err)
		   : ERROR_NONE;
}
