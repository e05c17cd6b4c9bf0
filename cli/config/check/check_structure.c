/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "check_cloud.h"
#include "check_provisioning.h"
#include "check_secret.h"
#include "common/acl.h"
#include "key_uri.h"
#include "keyd/limits.h"

/* keyd's own; no configuration may name it. */
#define ID_RESERVED "handle-validation-key"

/* --- token ---------------------------------------------------------------- */

static void
check_token(const struct super_token *token, struct findings *findings)
{
	if (!token->present)
		return;
	if (!key_uri_is(token->uri, URI_PKCS11))
		findings_error(findings, PLACE(findings, "token", "uri"),
		    "'uri' must name a token: pkcs11:token=...");
	else if (key_uri_names_object(token->uri))
		findings_error(findings, PLACE(findings, "token", "uri"),
		    "'uri' must name a token and no object in it");
	if (token->module_args && !token->module)
		findings_error(findings,
		    PLACE(findings, "token", "module_args"),
		    "'module_args' needs 'module'; a registered module has "
		    "x-init-reserved in its p11-kit file");
}

/* --- keyd ------------------------------------------------------------------
 */

static void
check_number(const char *key, unsigned value, unsigned least, unsigned most,
    struct findings *findings)
{
	if (value != 0 && (value < least || value > most))
		findings_error(findings, PLACE(findings, "keyd", key),
		    "'%s' is %u; it can be %u to %u", key, value, least, most);
}

static void
check_keyd(const struct super_keyd *keyd, struct findings *findings)
{
	check_number(
	    "sessions", keyd->sessions, 1, KEYD_SESSIONS_MAX, findings);
	check_number("token_timeout", keyd->token_timeout, 1, KEYD_TIMEOUT_MAX,
	    findings);
	check_number("generation_timeout", keyd->generation_timeout, 1,
	    KEYD_TIMEOUT_MAX, findings);
	check_number("audit_max_size", keyd->audit_max_size,
	    KEYD_AUDIT_SIZE_MIN, UINT_MAX, findings);
	check_number("audit_files", keyd->audit_files, 1, KEYD_AUDIT_FILES_MAX,
	    findings);
}

/* --- what is preloaded, and issued ---------------------------------------- */

/* True if provisioning or local_ca already says what id is. */
static bool
is_taken(const struct super_config *config, const char *id, bool is_key)
{
	const struct super_attestation *credential =
	    super_config_credential(config);
	const struct super_local_ca *local_ca = &config->cert_issuance.local_ca;

	if (strcmp(id, ID_LOCAL_CA) == 0)
		return (is_key ? local_ca->pk : local_ca->cert) != NULL;
	if (strcmp(id, ID_DEVICE) == 0)
		return is_key ? credential->identity_pk ||
				    secret_is_given(&credential->symmetric_key)
			      : credential->identity_cert ||
				    credential->identity_issued.present;
	if (strcmp(id, ID_DEVICE_GROUP) == 0)
		return is_key && secret_is_given(&credential->group_key);
	return false;
}

static void
check_preloaded_keys(
    const struct super_config *config, struct findings *findings)
{
	for (size_t i = 0; i < config->preloaded_keys.count; i++) {
		const struct config_pair *pair =
		    &config->preloaded_keys.items[i];
		char *place = PLACE(findings, "preloaded_keys", pair->key);

		if (strcmp(pair->key, ID_RESERVED) == 0)
			findings_error(findings, place,
			    "the id '%s' is reserved", pair->key);
		else if (is_taken(config, pair->key, true))
			findings_error(findings, place,
			    "the key '%s' is already given by %s", pair->key,
			    strcmp(pair->key, ID_DEVICE) == 0 ? "'identity_pk'"
							      : "'local_ca'");
		else if (key_uri_is(pair->value, URI_PKCS11)
			     ? !key_uri_names_object(pair->value)
			     : !key_uri_is(pair->value, URI_FILE))
			findings_error(findings, place,
			    "the key '%s' must be a URI: file:///path or "
			    "pkcs11:token=...;object=...",
			    pair->key);
		else
			free(place);
	}
}

static bool
is_preloaded_cert(const struct super_config *config, const char *id)
{
	for (size_t i = 0; i < config->preloaded_certs.count; i++)
		if (strcmp(config->preloaded_certs.items[i].key, id) == 0)
			return true;
	return false;
}

static void
check_bundle(const struct super_config *config, const struct config_pair *pair,
    struct findings *findings)
{
	for (size_t i = 0; i < pair->list.count; i++) {
		const char *id = pair->list.items[i];

		if (!is_preloaded_cert(config, id) &&
		    !super_config_issuance(config, id) &&
		    !is_taken(config, id, false))
			findings_error(findings,
			    PLACE(findings, "preloaded_certs", pair->key),
			    "there is no certificate '%s'", id);
	}
}

static void
check_preloaded_certs(
    const struct super_config *config, struct findings *findings)
{
	for (size_t i = 0; i < config->preloaded_certs.count; i++) {
		const struct config_pair *pair =
		    &config->preloaded_certs.items[i];
		char *place = PLACE(findings, "preloaded_certs", pair->key);

		if (is_taken(config, pair->key, false)) {
			findings_error(findings, place,
			    "the certificate '%s' is already given by %s",
			    pair->key,
			    strcmp(pair->key, ID_DEVICE) == 0
				? "'identity_cert'"
				: "'local_ca'");
		} else if (pair->value && !key_uri_is(pair->value, URI_FILE)) {
			findings_error(findings, place,
			    "the certificate '%s' must be a file URI "
			    "(file:///path) or a list of ids",
			    pair->key);
		} else {
			free(place);
			check_bundle(config, pair, findings);
		}
	}
}

/* It is given, both halves, or it is issued. */
static void
check_local_ca(
    const struct super_cert_issuance *issuance, struct findings *findings)
{
	const struct super_local_ca *local_ca = &issuance->local_ca;
	const struct config_issuance *issued = issuance->certs.items;
	bool is_issued = false;

	for (size_t i = 0; i < issuance->certs.count; i++)
		if (strcmp(issued[i].id, ID_LOCAL_CA) == 0)
			is_issued = true;
	if (!local_ca->present || is_issued)
		return;
	if (!local_ca->cert || !local_ca->pk)
		findings_error(findings,
		    PLACE(findings, "cert_issuance", "local_ca"),
		    "'%s' is missing in cert_issuance.local_ca",
		    local_ca->cert ? "pk" : "cert");
}

static void
check_issued(const struct super_config *config, struct findings *findings)
{
	const struct super_cert_issuance *issuance = &config->cert_issuance;
	const struct config_issuance *issued = issuance->certs.items;

	check_local_ca(issuance, findings);
	if (issuance->local_ca.cert &&
	    !key_uri_is(issuance->local_ca.cert, URI_FILE))
		findings_error(findings,
		    PLACE(findings, "cert_issuance", "local_ca", "cert"),
		    "'cert' must be a file URI: file:///path");
	for (size_t i = 0; i < issuance->certs.count; i++) {
		const struct issuance_place place = {
		    {"cert_issuance", "certs", issued[i].id}
                };

		check_issuance(config, issued[i].method, issued[i].expiry_days,
		    &issued[i], &place, findings);
		if (is_preloaded_cert(config, issued[i].id) ||
		    (strcmp(issued[i].id, ID_DEVICE) == 0 &&
			super_config_credential(config)->identity_cert))
			findings_error(findings,
			    PLACE(findings, "cert_issuance", "certs",
				issued[i].id),
			    "the certificate '%s' is both issued and given as "
			    "a file",
			    issued[i].id);
	}
	if (config->trust_bundle_cert &&
	    !key_uri_is(config->trust_bundle_cert, URI_FILE))
		findings_error(findings, PLACE(findings, "trust_bundle_cert"),
		    "'trust_bundle_cert' must be a file URI: file:///path");
}

/* --- principals ----------------------------------------------------------- */

static void
check_identity(const struct config_strings *identity, const char *position,
    struct findings *findings)
{
	for (size_t i = 0; i < identity->count; i++)
		if (strcmp(identity->items[i], "device") != 0 &&
		    strcmp(identity->items[i], "module") != 0 &&
		    strcmp(identity->items[i], "local") != 0 &&
		    (strcmp(identity->items[i], IDENTITY_DAEMON) != 0 ||
			identity->count > 1))
			findings_error(findings,
			    PLACE(findings, "principals", position, "identity"),
			    "there is no identity '%s' here; 'device', "
			    "'module' and 'local' are, or 'daemon' alone",
			    identity->items[i]);
}

static void
check_rights(const struct config_strings *rights, const char *position,
    struct findings *findings)
{
	struct error err;
	unsigned right;

	for (size_t i = 0; i < rights->count; i++)
		if (acl_right_parse(rights->items[i], &right, &err))
			findings_error(findings,
			    PLACE(findings, "principals", position, "rights"),
			    "%s", err.message);
}

static void
check_principals(const struct super_config *config, struct findings *findings)
{
	const struct super_principal *principals = config->principals.items;

	for (size_t i = 0; i < config->principals.count; i++) {
		char position[24];
		struct error err;
		uid_t uid;

		(void)snprintf(position, sizeof(position), "%zu", i);
		if (user_lookup(principals[i].user, &uid, &err))
			findings_error(findings,
			    PLACE(findings, "principals", position, "user"),
			    "%s", err.message);
		check_rights(&principals[i].rights, position, findings);
		check_identity(&principals[i].identity, position, findings);
	}
}

static void
check_bearers(const struct config_strings *users, struct findings *findings)
{
	struct error err;
	uid_t uid;

	for (size_t i = 0; i < users->count; i++)
		if (user_lookup(users->items[i], &uid, &err))
			findings_error(findings, PLACE(findings, "bearer"),
			    "%s", err.message);
}

void
check_structure(const struct super_config *config, struct findings *findings)
{
	check_token(&config->token, findings);
	check_keyd(&config->keyd, findings);
	check_provisioning(config, findings);
	check_preloaded_keys(config, findings);
	check_preloaded_certs(config, findings);
	check_issued(config, findings);
	check_principals(config, findings);
	check_cloud(config, findings);
	check_bearers(&config->bearer, findings);
}
