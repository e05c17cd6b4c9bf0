/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "check_cloud.h"
#include "check_issuing.h"
#include "check_provisioning.h"
#include "common/acl.h"
#include "key_uri.h"
#include "keyd/limits.h"
#include "known_ids.h"

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

/* --- what is preloaded ---------------------------------------------------- */

/* What gives the key id already, as the file calls it. */
static const char *
giver_of(const struct super_config *config, const struct findings *findings,
    const char *id)
{
	const struct super_attestation *credential =
	    super_config_credential(config);
	const char *name;

	if (strcmp(id, ID_LOCAL_CA) == 0)
		return "local_ca";
	if (strcmp(id, ID_DEVICE_GROUP) == 0)
		return "group_key";
	if (credential->identity_pk)
		return "identity_pk";
	name =
	    credential == &config->provisioning.attestation
		? places_name(findings->root,
		      STEPS("provisioning", "attestation", "symmetric_key"))
		: places_name(findings->root,
		      STEPS("provisioning", "authentication", "device_id_pk"));
	return name ? name : "provisioning";
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
		else if (known_ids_is_taken(config, pair->key, true))
			findings_error(findings, place,
			    "the key '%s' is already given by '%s'", pair->key,
			    giver_of(config, findings, pair->key));
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

static void
check_bundle(const struct super_config *config, const struct config_pair *pair,
    struct findings *findings)
{
	for (size_t i = 0; i < pair->list.count; i++) {
		const char *id = pair->list.items[i];

		if (!known_ids_has_cert(config, id))
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

		if (known_ids_is_taken(config, pair->key, false)) {
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
	check_issuing(config, findings);
	check_principals(config, findings);
	check_cloud(config, findings);
	check_bearers(&config->bearer, findings);
}
