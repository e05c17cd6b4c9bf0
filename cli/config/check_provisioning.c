/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "check_provisioning.h"
#include "key_uri.h"

/* DPS takes no longer ones (its REST reference, Device Registration). */
#define REGISTRATION_ID_MAX 128

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

static char *
find_issuance(const struct findings *findings,
    const struct issuance_place *place, const char *key)
{
	return PLACE(
	    findings, place->steps[0], place->steps[1], place->steps[2], key);
}

/* The section that method needs and does not have, or NULL. */
static const char *
missing_section(const struct super_config *config, const char *method,
    const struct config_issuance *issuance)
{
	const struct super_cert_issuance *all = &config->cert_issuance;

	if (strcmp(method, "local_ca") == 0 && !all->local_ca.present &&
	    !(issuance && issuance->issuer.present))
		return "cert_issuance.local_ca";
	if (strcmp(method, "est") == 0 && !all->est.url &&
	    !(issuance && issuance->est.url))
		return "cert_issuance.est";
	return NULL;
}

void
check_issuance(const struct super_config *config, const char *method,
    unsigned expiry_days, const struct config_issuance *issuance,
    const struct issuance_place *place, struct findings *findings)
{
	const char *missing = missing_section(config, method, issuance);

	if (missing)
		findings_error(findings,
		    find_issuance(findings, place, "method"),
		    "method '%s' needs the section '%s'", method, missing);
	if (expiry_days == 0 &&
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
		check_issuance(config, attestation->identity_issued.method,
		    attestation->identity_issued.expiry_days,
		    super_config_issuance(config, ID_DEVICE), &issued,
		    findings);
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

void
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
