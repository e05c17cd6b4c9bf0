/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "check_provisioning.h"
#include "check_secret.h"
#include "common/hub_id.h"
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

/* The section of the source that says what the device proves itself with. */
static const char *
credential_section(const struct super_config *config)
{
	return super_config_credential(config) ==
		       &config->provisioning.authentication
		   ? "authentication"
		   : "attestation";
}

/* The place of a key in that section. */
static char *
find_credential(const struct super_config *config,
    const struct findings *findings, const char *key)
{
	return PLACE(findings, "provisioning", credential_section(config), key);
}

/* Where a key of how the device's certificate is issued stands. */
static char *
find_issued(const struct super_config *config, const struct findings *findings,
    const char *key)
{
	return PLACE(findings, "provisioning", credential_section(config),
	    "identity_cert", key);
}

static void
check_issued(const struct super_config *config, struct findings *findings)
{
	const struct super_issuance *issued =
	    &super_config_credential(config)->identity_issued;
	const char *missing = missing_section(
	    config, issued->method, super_config_issuance(config, ID_DEVICE));

	if (missing)
		findings_error(findings,
		    find_issued(config, findings, "method"),
		    "method '%s' needs the section '%s'", issued->method,
		    missing);
	if (issued->expiry_days == 0 &&
	    places_has(findings->root,
		STEPS("provisioning", credential_section(config),
		    "identity_cert", "expiry_days")))
		findings_error(findings,
		    find_issued(config, findings, "expiry_days"),
		    "'expiry_days' must be at least 1");
}

/* --- x509 ----------------------------------------------------------------- */

/* As provisiond will have it, too. */
static bool
is_registration_id(const char *id)
{
	size_t length = strlen(id);

	return length > 0 && length <= REGISTRATION_ID_MAX &&
	       is_plain(id, "-._:") && !strchr("._:", id[length - 1]);
}

static void
check_registration_id(
    const struct super_config *config, struct findings *findings)
{
	const char *id = config->provisioning.attestation.registration_id;

	if (id && !is_registration_id(id))
		findings_error(findings,
		    find_credential(config, findings, "registration_id"),
		    "'registration_id' must be 1 to %d letters, digits, '-', "
		    "'.', '_' and ':', and end in a letter, a digit or '-'",
		    REGISTRATION_ID_MAX);
}

/* What is yet to be issued must be named, and named alike. */
static void
check_issued_name(const struct super_config *config, struct findings *findings)
{
	const struct super_issuance issued =
	    super_config_device_issuance(config);
	bool is_manual = super_config_credential(config) ==
			 &config->provisioning.authentication;
	const char *key = is_manual ? "device_id" : "registration_id";
	const char *id = is_manual
			     ? config->provisioning.device_id
			     : config->provisioning.attestation.registration_id;

	if (!issued.present)
		return;
	if (!issued.common_name)
		findings_error(findings,
		    PLACE(findings, "provisioning", "attestation"),
		    "'registration_id' is missing: the certificate is yet to "
		    "be issued, so it cannot be read from it");
	else if (id && strcasecmp(id, issued.common_name) != 0)
		findings_error(findings,
		    is_manual ? PLACE(findings, "provisioning", key)
			      : find_credential(config, findings, key),
		    "'%s' is '%s' and 'common_name' is '%s'; %s demands that "
		    "they are the same",
		    key, id, issued.common_name, is_manual ? "the hub" : "DPS");
}

static void
check_identity_key(const struct super_config *config, struct findings *findings)
{
	const struct super_attestation *credential =
	    super_config_credential(config);
	const char *pk = credential->identity_pk;
	bool issued = credential->identity_issued.present;

	if (!pk && !issued)
		findings_error(findings,
		    PLACE(findings, "provisioning", credential_section(config)),
		    "'identity_pk' is missing: the URI of the key that belongs "
		    "to 'identity_cert'");
	else if (!pk && !config->token.present &&
		 !config_map_get(&config->preloaded_keys, ID_DEVICE))
		findings_error(findings,
		    find_credential(config, findings, "identity_cert"),
		    "the certificate is issued for a key that is made in a "
		    "token; the section 'token' must say in which");
	else if (pk && !issued && key_uri_is(pk, URI_PKCS11) &&
		 !key_uri_names_object(pk))
		findings_error(findings,
		    find_credential(config, findings, "identity_pk"),
		    "'identity_pk' names a token and no key in it; add "
		    "'object=' or 'id='");
}

static void
check_x509(const struct super_config *config, struct findings *findings)
{
	const struct super_attestation *credential =
	    super_config_credential(config);

	if (credential->identity_issued.present)
		check_issued(config, findings);
	else if (!credential->identity_cert)
		findings_error(findings,
		    PLACE(findings, "provisioning", credential_section(config)),
		    "'identity_cert' is missing: the file URI of the device's "
		    "certificate, or how to issue it");
	else if (!key_uri_is(credential->identity_cert, URI_FILE))
		findings_error(findings,
		    find_credential(config, findings, "identity_cert"),
		    "'identity_cert' must be a file URI: file:///path");
	check_issued_name(config, findings);
	check_identity_key(config, findings);
}

/* --- all methods ---------------------------------------------------------- */

/* Which keys belong to which method. */
static const struct {
	const char *key;
	const char *method;
} belongings[] = {
    {"identity_cert", "x509"         },
    {"identity_pk",   "x509"         },
    {"symmetric_key", "symmetric_key"},
    {"group_key",     "symmetric_key"},
    {"device_id_pk",  "sas"          },
};

static void
check_belongings(const struct super_config *config, struct findings *findings)
{
	const char *section = credential_section(config);
	const char *method = super_config_credential(config)->method;

	for (size_t i = 0; i < sizeof(belongings) / sizeof(belongings[0]);
	     i++) {
		const char *key = belongings[i].key;

		if (strcmp(belongings[i].method, method) != 0 &&
		    places_has(
			findings->root, STEPS("provisioning", section, key)))
			findings_stray(findings,
			    PLACE(findings, "provisioning", section, key),
			    "'%s' does not belong to method '%s'", key, method);
	}
}

static void
check_symmetric_key(
    const struct super_config *config, struct findings *findings)
{
	const struct super_attestation *credential =
	    super_config_credential(config);
	const struct super_secret *device = &credential->symmetric_key;
	const struct super_secret *group = &credential->group_key;
	bool is_manual = credential == &config->provisioning.authentication;
	const char *key = is_manual ? "device_id_pk" : "symmetric_key";

	if (!secret_is_given(device) && !secret_is_given(group))
		findings_error(findings,
		    PLACE(findings, "provisioning", credential_section(config)),
		    "'%s' is missing: { value: the key in base64 } or "
		    "{ uri: where it is }",
		    key);
	if (secret_is_given(device) && secret_is_given(group))
		findings_error(findings,
		    find_credential(config, findings, "group_key"),
		    "'group_key' and 'symmetric_key' are both given: the key "
		    "of the device is derived from that of its group, or it is "
		    "its own");
	check_secret(device, find_credential(config, findings, key), findings);
	check_secret(
	    group, find_credential(config, findings, "group_key"), findings);
}

static void
check_credential(const struct super_config *config, struct findings *findings)
{
	const struct super_attestation *credential =
	    super_config_credential(config);
	bool is_x509 = strcmp(credential->method, "x509") == 0;

	check_belongings(config, findings);
	check_registration_id(config, findings);
	if (is_x509)
		check_x509(config, findings);
	else if (strcmp(credential->method, "tpm") != 0)
		check_symmetric_key(config, findings);
	if (!is_x509 && credential == &config->provisioning.attestation &&
	    !credential->registration_id)
		findings_error(findings,
		    PLACE(findings, "provisioning", "attestation"),
		    "'registration_id' is missing: method '%s' needs it",
		    credential->method);
}

/* --- source dps ----------------------------------------------------------- */

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

static void
check_dps(const struct super_config *config, struct findings *findings)
{
	const struct super_provisioning *provisioning = &config->provisioning;

	if (config->local_gateway_hostname)
		findings_error(findings,
		    PLACE(findings, "local_gateway_hostname"),
		    "'local_gateway_hostname' needs source 'manual': DPS "
		    "cannot be reached through a parent");
	check_endpoint(provisioning->global_endpoint, findings);
	check_scope_id(provisioning->scope_id, findings);
	if (provisioning->payload.uri &&
	    !key_uri_is(provisioning->payload.uri, URI_FILE))
		findings_error(findings,
		    PLACE(findings, "provisioning", "payload", "uri"),
		    "'uri' must be a file URI: file:///path");
	if (provisioning->attestation.present)
		check_credential(config, findings);
	else
		findings_error(findings, PLACE(findings, "provisioning"),
		    "'attestation' is missing: how the device proves itself");
}

/* --- source manual -------------------------------------------------------- */

static void
check_manual(const struct super_config *config, struct findings *findings)
{
	const struct super_provisioning *provisioning = &config->provisioning;
	struct error err;

	if (!provisioning->authentication.present) {
		findings_error(findings, PLACE(findings, "provisioning"),
		    "'device_connection_string' is missing, or "
		    "'iothub_hostname', 'device_id' and 'authentication'");
		return;
	}
	if (!provisioning->iothub_hostname)
		findings_error(findings, PLACE(findings, "provisioning"),
		    "'iothub_hostname' is missing, e.g. "
		    "\"contoso.azure-devices.net\"");
	else if (!is_plain(provisioning->iothub_hostname, "-._"))
		findings_error(findings,
		    PLACE(findings, "provisioning", "iothub_hostname"),
		    "'iothub_hostname' must be a host name");
	if (!provisioning->device_id)
		findings_error(findings, PLACE(findings, "provisioning"),
		    "'device_id' is missing: the device's name at the hub");
	else if (hub_device_id_check(provisioning->device_id, &err))
		findings_error(findings,
		    PLACE(findings, "provisioning", "device_id"), "%s",
		    err.message);
	check_credential(config, findings);
}

/* --- all sources ---------------------------------------------------------- */

/* What belongs to another source than that which is given. */
static void
check_foreign_keys(const char *source, struct findings *findings)
{
	static const struct {
		const char *key;
		const char *source;
	} keys[] = {
	    {"authentication",  "manual"  },
	    {"iothub_hostname", "manual"  },
	    {"device_id",       "manual"  },
	    {"endpoint",        "external"},
	    {"attestation",     "dps"     },
	    {"global_endpoint", "dps"     },
	    {"scope_id",        "dps"     },
	    {"payload",         "dps"     },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i].source, source) != 0 &&
		    places_has(
			findings->root, STEPS("provisioning", keys[i].key)))
			findings_stray(findings,
			    PLACE(findings, "provisioning", keys[i].key),
			    "'%s' belongs to source '%s'", keys[i].key,
			    keys[i].source);
	if (places_has(
		findings->root, STEPS("provisioning", "registration_id")))
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
	if (strcmp(provisioning->source, "external") == 0) {
		findings_error(findings,
		    PLACE(findings, "provisioning", "source"),
		    "source 'external' is none of Signet's, as it is none of "
		    "aziot's; 'dps', 'manual' and 'none' are");
		return;
	}
	check_foreign_keys(provisioning->source, findings);
	if (strcmp(provisioning->source, "dps") == 0)
		check_dps(config, findings);
	else if (strcmp(provisioning->source, "manual") == 0)
		check_manual(config, findings);
}
