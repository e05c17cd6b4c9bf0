/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "check.h"
#include "common/acl.h"
#include "key_uri.h"

/* DPS takes no longer ones (its REST reference, Device Registration). */
#define REGISTRATION_ID_MAX 128

/* keyd's own; no configuration may name it. */
#define ID_RESERVED "handle-validation-key"

/* True if text has letters, digits and characters of others only. */
static bool
is_plain(const char *text, const char *others)
{
	for (; *text; text++)
		if (!isascii((unsigned char)*text) ||
		    (!isalnum((unsigned char)*text) && !strchr(others, *text)))
			return false;
	return true;
}

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
}

/* --- provisioning --------------------------------------------------------- */

/* The steps to the section that says how a certificate is issued. */
struct issuance_place {
	const char *steps[3];
};

static char *
find_issuance(const struct findings *findings,
    const struct issuance_place *place, const char *key)
{
	return PLACE(
	    findings, place->steps[0], place->steps[1], place->steps[2], key);
}

static void
check_issuance(const struct super_issuance *issuance,
    const struct super_local_ca *local_ca, const struct issuance_place *place,
    struct findings *findings)
{
	if (strcmp(issuance->method, "local_ca") != 0)
		findings_error(findings,
		    find_issuance(findings, place, "method"),
		    "method '%s' is not available yet in this version; "
		    "'local_ca' is",
		    issuance->method);
	else if (!local_ca->present)
		findings_error(findings,
		    find_issuance(findings, place, "method"),
		    "method 'local_ca' needs the section "
		    "'cert_issuance.local_ca'");
	if (issuance->expiry_days == 0 &&
	    places_has(findings->places, STEPS(place->steps[0], place->steps[1],
					     place->steps[2], "expiry_days")))
		findings_error(findings,
		    find_issuance(findings, place, "expiry_days"),
		    "'expiry_days' must be at least 1");
}

static void
check_registration_id(
    const struct super_config *config, struct findings *findings)
{
	const char *id = config->provisioning.attestation.registration_id;
	struct super_issuance issued = super_config_device_issuance(config);

	if (id && (strlen(id) > REGISTRATION_ID_MAX || !is_plain(id, "-._:")))
		findings_error(findings,
		    PLACE(findings, "provisioning", "attestation",
			"registration_id"),
		    "'registration_id' must be 1 to %d letters, digits, '-', "
		    "'.', '_' and ':'",
		    REGISTRATION_ID_MAX);
	if (!issued.present)
		return;
	if (!issued.common_name)
		findings_error(findings,
		    PLACE(findings, "provisioning", "attestation"),
		    "'registration_id' is missing: the certificate is yet to "
		    "be issued, so it cannot be read from it");
	else if (id && strcasecmp(id, issued.common_name) != 0)
		findings_error(findings,
		    PLACE(findings, "provisioning", "attestation",
			"registration_id"),
		    "'registration_id' is '%s' and 'common_name' is '%s'; DPS "
		    "demands that they are the same",
		    id, issued.common_name);
}

static void
check_identity_key(const struct super_config *config, struct findings *findings)
{
	const struct super_attestation *attestation =
	    &config->provisioning.attestation;
	const char *pk = attestation->identity_pk;
	bool issued = attestation->identity_issued.present;

	if (!pk && !issued)
		findings_error(findings,
		    PLACE(findings, "provisioning", "attestation"),
		    "'identity_pk' is missing: the URI of the key that belongs "
		    "to 'identity_cert'");
	else if (!pk && !config->token.present &&
		 !config_map_get(&config->preloaded_keys, ID_DEVICE))
		findings_error(findings,
		    PLACE(findings, "provisioning", "attestation",
			"identity_cert"),
		    "the certificate is issued for a key that is made in a "
		    "token; the section 'token' must say in which");
	else if (pk && !issued && key_uri_is(pk, URI_PKCS11) &&
		 !key_uri_names_object(pk))
		findings_error(findings,
		    PLACE(
			findings, "provisioning", "attestation", "identity_pk"),
		    "'identity_pk' names a token and no key in it; add "
		    "'object=' or 'id='");
}

static void
check_attestation(const struct super_config *config, struct findings *findings)
{
	static const struct issuance_place issued = {
	    {"provisioning", "attestation", "identity_cert"}
        };
	const struct super_attestation *attestation =
	    &config->provisioning.attestation;

	if (strcmp(attestation->method, "x509") != 0) {
		findings_error(findings,
		    PLACE(findings, "provisioning", "attestation", "method"),
		    "method '%s' is not available yet in this version; 'x509' "
		    "is",
		    attestation->method);
		return;
	}
	if (attestation->symmetric_key)
		findings_error(findings,
		    PLACE(findings, "provisioning", "attestation",
			"symmetric_key"),
		    "'symmetric_key' does not belong to method 'x509'");
	if (attestation->identity_issued.present)
		check_issuance(&attestation->identity_issued,
		    &config->cert_issuance.local_ca, &issued, findings);
	else if (!attestation->identity_cert)
		findings_error(findings,
		    PLACE(findings, "provisioning", "attestation"),
		    "'identity_cert' is missing: the file URI of the device's "
		    "certificate, or how to issue it");
	else if (!key_uri_is(attestation->identity_cert, URI_FILE))
		findings_error(findings,
		    PLACE(findings, "provisioning", "attestation",
			"identity_cert"),
		    "'identity_cert' must be a file URI: file:///path");
	check_registration_id(config, findings);
	check_identity_key(config, findings);
}

static void
check_endpoint(const char *endpoint, struct findings *findings)
{
	static const char scheme[] = "https://";

	if (!endpoint)
		findings_error(findings, PLACE(findings, "provisioning"),
		    "'global_endpoint' is missing, e.g. "
		    "\"https://global.azure-devices-provisioning.net\"");
	else if (strncmp(endpoint, scheme, strlen(scheme)) != 0 ||
		 !isalnum((unsigned char)endpoint[strlen(scheme)]) ||
		 !is_plain(endpoint, "-._:/[]"))
		findings_error(findings,
		    PLACE(findings, "provisioning", "global_endpoint"),
		    "'global_endpoint' must be a URL: https://host");
}

static void
check_scope_id(const char *scope_id, struct findings *findings)
{
	if (!scope_id)
		findings_error(findings, PLACE(findings, "provisioning"),
		    "'scope_id' is missing: the ID scope of your DPS, e.g. "
		    "\"0ne00000001\"");
	else if (!is_plain(scope_id, "-._"))
		findings_error(findings,
		    PLACE(findings, "provisioning", "scope_id"),
		    "'scope_id' must be the ID scope of your DPS, e.g. "
		    "\"0ne00000001\"");
}

/* What belongs to the sources that are not there yet. */
static void
check_foreign_keys(struct findings *findings)
{
	static const struct {
		const char *key;
		const char *source;
	} keys[] = {
	    {"device_connection_string", "manual"  },
	    {"authentication",           "manual"  },
	    {"endpoint",                 "external"},
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (places_has(
			findings->places, STEPS("provisioning", keys[i].key)))
			findings_error(findings,
			    PLACE(findings, "provisioning", keys[i].key),
			    "'%s' belongs to source '%s'", keys[i].key,
			    keys[i].source);
	if (places_has(
		findings->places, STEPS("provisioning", "registration_id")))
		findings_error(findings,
		    PLACE(findings, "provisioning", "registration_id"),
		    "'registration_id' belongs into 'attestation'");
}

static void
check_provisioning(const struct super_config *config, struct findings *findings)
{
	const struct super_provisioning *provisioning = &config->provisioning;

	if (!provisioning->present)
		return;
	if (strcmp(provisioning->source, "dps") != 0) {
		findings_error(findings,
		    PLACE(findings, "provisioning", "source"),
		    "source '%s' is not available yet in this version; 'dps' "
		    "is",
		    provisioning->source);
		return;
	}
	check_foreign_keys(findings);
	check_endpoint(provisioning->global_endpoint, findings);
	check_scope_id(provisioning->scope_id, findings);
	if (provisioning->attestation.present)
		check_attestation(config, findings);
	else
		findings_error(findings, PLACE(findings, "provisioning"),
		    "'attestation' is missing: how the device proves itself");
}

/* --- what is preloaded, and issued ---------------------------------------- */

/* True if provisioning or local_ca already says what id is. */
static bool
is_taken(const struct super_config *config, const char *id, bool is_key)
{
	const struct super_attestation *attestation =
	    &config->provisioning.attestation;

	if (strcmp(id, ID_LOCAL_CA) == 0)
		return config->cert_issuance.local_ca.present;
	if (strcmp(id, ID_DEVICE) == 0)
		return is_key ? attestation->identity_pk != NULL
			      : attestation->identity_cert ||
				    attestation->identity_issued.present;
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

static const struct super_issuance *
find_issued(const struct super_config *config, const char *id)
{
	const struct super_issuance *issued = config->cert_issuance.certs.items;

	for (size_t i = 0; i < config->cert_issuance.certs.count; i++)
		if (strcmp(issued[i].id, id) == 0)
			return &issued[i];
	return NULL;
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
		    !find_issued(config, id) && !is_taken(config, id, false))
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

static void
check_issued(const struct super_config *config, struct findings *findings)
{
	const struct super_cert_issuance *issuance = &config->cert_issuance;
	const struct super_issuance *issued = issuance->certs.items;

	if (issuance->local_ca.present &&
	    !key_uri_is(issuance->local_ca.cert, URI_FILE))
		findings_error(findings,
		    PLACE(findings, "cert_issuance", "local_ca", "cert"),
		    "'cert' must be a file URI: file:///path");
	for (size_t i = 0; i < issuance->certs.count; i++) {
		const struct issuance_place place = {
		    {"cert_issuance", "certs", issued[i].id}
                };

		check_issuance(
		    &issued[i], &issuance->local_ca, &place, findings);
		if (is_preloaded_cert(config, issued[i].id) ||
		    (strcmp(issued[i].id, ID_DEVICE) == 0 &&
			config->provisioning.attestation.identity_cert))
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
check_principals(const struct super_config *config, struct findings *findings)
{
	const struct super_principal *principals = config->principals.items;

	for (size_t i = 0; i < config->principals.count; i++) {
		const struct config_strings *identity = &principals[i].identity;
		char position[24];
		struct error err;
		uid_t uid;

		(void)snprintf(position, sizeof(position), "%zu", i);
		if (user_lookup(principals[i].user, &uid, &err))
			findings_error(findings,
			    PLACE(findings, "principals", position, "user"),
			    "%s", err.message);
		for (size_t j = 0; j < identity->count; j++)
			if (strcmp(identity->items[j], "device") != 0)
				findings_error(findings,
				    PLACE(findings, "principals", position,
					"identity"),
				    "identity '%s' is not available yet in "
				    "this version; 'device' is",
				    identity->items[j]);
	}
}

void
check_structure(const struct super_config *config, struct findings *findings)
{
	check_token(&config->token, findings);
	check_provisioning(config, findings);
	check_preloaded_keys(config, findings);
	check_preloaded_certs(config, findings);
	check_issued(config, findings);
	check_principals(config, findings);
}
