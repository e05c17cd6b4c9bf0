/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "check.h"
#include "check_lifetimes.h"
#include "check_secret.h"
#include "common/file.h"
#include "common/json.h"
#include "common/openssl.h"
#include "common/time.h"
#include "common/uri.h"
#include "pin.h"

#define PEM_MAX (1024 * 1024)
#define PAYLOAD_MAX ((size_t)64 * 1024) /* as provisiond reads it */

/* --- certificates --------------------------------------------------------- */

/*
 * Reads the certificates that a file URI names; an error is added under place,
 * which is freed. NULL if there are none, or the URI is for check_structure().
 */
static x509_stack *
load_certificates(const char *text, char *place, struct findings *findings)
{
	CLEANUP(string) char *owned = place;
	CLEANUP(uri) struct uri *uri = NULL;
	CLEANUP(string) char *pem = NULL;
	x509_stack *chain = NULL;
	struct error err;

	if (!text || uri_parse(text, &uri, &err) || uri_kind(uri) != URI_FILE)
		return NULL;
	if (file_read(uri_file_path(uri), PEM_MAX, &pem, NULL, &err))
		findings_error(findings, TAKE(owned), "%s", err.message);
	else if (certificates_from_pem(pem, &chain, &err))
		findings_error(findings, TAKE(owned), "'%s': %s",
		    uri_file_path(uri), err.message);
	return chain;
}

static void
check_dates(const X509 *certificate, const char *what, char *place,
    struct findings *findings)
{
	CLEANUP(string) char *owned = place;
	int64_t begin;
	int64_t end;
	struct error err;

	if (time_from_asn1(X509_get0_notBefore(certificate), &begin, &err) ||
	    time_from_asn1(X509_get0_notAfter(certificate), &end, &err))
		findings_warn(
		    findings, TAKE(owned), "the %s: %s", what, err.message);
	else if (begin > time_now())
		findings_warn(findings, TAKE(owned),
		    "the %s is not valid before %s", what,
		    time_format(begin).text);
	else if (end < time_now())
		findings_warn(findings, TAKE(owned), "the %s expired on %s",
		    what, time_format(end).text);
}

/* --- keys and PINs -------------------------------------------------------- */

/* True if uri names the token of the section 'token', whose PIN then counts. */
static bool
is_configured_token(const struct uri *uri, const struct super_config *config)
{
	CLEANUP(uri) struct uri *token = NULL;
	struct error ignored;

	return config->token.present &&
	       uri_parse(config->token.uri, &token, &ignored) == ERROR_NONE &&
	       uri_kind(token) == URI_PKCS11 &&
	       p11_kit_uri_match_token_info(uri_pkcs11(token),
		   p11_kit_uri_get_token_info(uri_pkcs11(uri))) == 1;
}

static void
check_pin(const struct uri *uri, const struct super_config *config, char *place,
    struct findings *findings)
{
	CLEANUP(string) char *owned = place;
	CLEANUP(string) char *lent = pin_is_lent(uri) ? pin_file(uri) : NULL;
	CLEANUP(secret) char *pin = NULL;
	struct error err;

	if (pin_is_lent(uri) && !lent)
		return; /* what a credential of a drop-in is made of we do not
			 * know */
	if (lent ? pin_read(lent, &pin, &err) : uri_read_pin(uri, &pin, &err))
		findings_error(findings, TAKE(owned), "%s", err.message);
	else if (!pin && !is_configured_token(uri, config))
		findings_warn(findings, TAKE(owned),
		    "the URI has no PIN; add '?pin-source=file:/path' if the "
		    "token needs one");
}

/* Those of a token are checked as far as the URI goes. */
static void
check_pair(const char *text, const struct super_config *config, char *place,
    struct findings *findings, EVP_PKEY **ret_key)
{
	CLEANUP(string) char *owned = place;
	CLEANUP(uri) struct uri *uri = NULL;
	CLEANUP(secret) char *pem = NULL;
	CLEANUP(pkey) EVP_PKEY *key = NULL;
	struct error err;

	if (!text || uri_parse(text, &uri, &err))
		return;
	if (uri_kind(uri) == URI_PKCS11)
		check_pin(uri, config, TAKE(owned), findings);
	else if (file_read(uri_file_path(uri), PEM_MAX, &pem, NULL, &err))
		findings_error(findings, TAKE(owned), "%s", err.message);
	else if (private_key_from_pem(pem, &key, &err))
		findings_error(findings, TAKE(owned), "'%s': %s",
		    uri_file_path(uri), err.message);
	*ret_key = TAKE(key);
}

/* A file is a pair for keyd, or, if that is not what is there, a secret. */
static void
check_key(const char *text, const struct super_config *config, char *place,
    struct findings *findings)
{
	CLEANUP(string) char *owned = place;
	CLEANUP(uri) struct uri *uri = NULL;
	CLEANUP(secret) char *bytes = NULL;
	CLEANUP(pkey) EVP_PKEY *key = NULL;
	size_t length;
	struct error err;

	if (!text || uri_parse(text, &uri, &err))
		return;
	if (uri_kind(uri) == URI_PKCS11)
		check_pin(uri, config, TAKE(owned), findings);
	else if (file_read(uri_file_path(uri), PEM_MAX, &bytes, &length, &err))
		findings_error(findings, TAKE(owned), "%s", err.message);
	else if (private_key_from_pem(bytes, &key, &err) &&
		 secret_check_bytes(bytes, length, &err))
		findings_error(findings, TAKE(owned),
		    "'%s' is neither an unencrypted PEM private key nor a "
		    "symmetric key: %s",
		    uri_file_path(uri), err.message);
}

static void
check_token(const struct super_config *config, struct findings *findings)
{
	const struct super_token *token = &config->token;

	if (!token->present)
		return;
	if (token->module && !file_exists(token->module))
		findings_error(findings, PLACE(findings, "token", "module"),
		    "there is no file '%s'", token->module);
	check_key(token->uri, &(struct super_config){0},
	    PLACE(findings, "token", "uri"), findings);
}

/* --- the device's identity, the CA, and the rest -------------------------- */

static void
check_leaf(const X509 *leaf, const struct super_attestation *attestation,
    const char *section, struct findings *findings)
{
	CLEANUP(string) char *common_name = NULL;
	struct error err;

	check_dates(leaf, "device's certificate",
	    PLACE(findings, "provisioning", section, "identity_cert"),
	    findings);
	if (certificate_is_ca(leaf))
		findings_error(findings,
		    PLACE(findings, "provisioning", section, "identity_cert"),
		    "the first certificate is one of a CA; a device is "
		    "identified by a leaf");
	if (name_common_name(X509_get_subject_name(leaf), &common_name, &err))
		findings_error(findings,
		    PLACE(findings, "provisioning", section, "identity_cert"),
		    "the device's certificate: %s", err.message);
	else if (attestation->registration_id &&
		 strcasecmp(attestation->registration_id, common_name) != 0)
		findings_error(findings,
		    PLACE(findings, "provisioning", section, "registration_id"),
		    "'registration_id' is '%s', but the certificate's common "
		    "name is '%s'; DPS demands that they are the same",
		    attestation->registration_id, common_name);
}

static void
check_identity(const struct super_config *config, struct findings *findings)
{
	const struct super_attestation *credential =
	    super_config_credential(config);
	const char *section = credential == &config->provisioning.attestation
				  ? "attestation"
				  : "authentication";
	CLEANUP(x509_stack)
	x509_stack *chain = load_certificates(credential->identity_cert,
	    PLACE(findings, "provisioning", section, "identity_cert"),
	    findings);
	CLEANUP(pkey) EVP_PKEY *key = NULL;

	check_pair(credential->identity_pk, config,
	    PLACE(findings, "provisioning", section, "identity_pk"), findings,
	    &key);
	if (!chain)
		return;
	check_leaf(sk_X509_value(chain, 0), credential, section, findings);
	if (key && !certificate_matches_key(sk_X509_value(chain, 0), key))
		findings_error(findings,
		    PLACE(findings, "provisioning", section, "identity_pk"),
		    "the key does not belong to the certificate of "
		    "'identity_cert'");
}

static void
check_local_ca(const struct super_config *config, struct findings *findings)
{
	const struct super_local_ca *local_ca = &config->cert_issuance.local_ca;
	CLEANUP(x509_stack)
	x509_stack *chain = load_certificates(local_ca->cert,
	    PLACE(findings, "cert_issuance", "local_ca", "cert"), findings);
	CLEANUP(pkey) EVP_PKEY *key = NULL;

	check_pair(local_ca->pk, config,
	    PLACE(findings, "cert_issuance", "local_ca", "pk"), findings, &key);
	if (!chain)
		return;
	check_dates(sk_X509_value(chain, 0), "CA's certificate",
	    PLACE(findings, "cert_issuance", "local_ca", "cert"), findings);
	if (!certificate_is_ca(sk_X509_value(chain, 0)))
		findings_error(findings,
		    PLACE(findings, "cert_issuance", "local_ca", "cert"),
		    "the certificate is not one of a CA");
	if (key && !certificate_matches_key(sk_X509_value(chain, 0), key))
		findings_error(findings,
		    PLACE(findings, "cert_issuance", "local_ca", "pk"),
		    "the key does not belong to the certificate of 'cert'");
}

static void
check_preloaded(const struct super_config *config, struct findings *findings)
{
	const struct config_map *keys = &config->preloaded_keys;
	const struct config_map *certs = &config->preloaded_certs;

	for (size_t i = 0; i < keys->count; i++)
		check_key(keys->items[i].value, config,
		    PLACE(findings, "preloaded_keys", keys->items[i].key),
		    findings);
	for (size_t i = 0; i < certs->count; i++)
		x509_stack_free(load_certificates(certs->items[i].value,
		    PLACE(findings, "preloaded_certs", certs->items[i].key),
		    findings));
	x509_stack_free(load_certificates(config->trust_bundle_cert,
	    PLACE(findings, "trust_bundle_cert"), findings));
}

/* What DPS is sent with each registration. */
static void
check_payload(const struct super_config *config, struct findings *findings)
{
	const char *text = config->provisioning.payload.uri;
	CLEANUP(string)
	char *place = PLACE(findings, "provisioning", "payload", "uri");
	CLEANUP(uri) struct uri *uri = NULL;
	CLEANUP(string) char *payload = NULL;
	CLEANUP(json) json_t *json = NULL;
	size_t length;
	struct error err;

	if (!text || uri_parse(text, &uri, &err) || uri_kind(uri) != URI_FILE)
		return;
	if (file_read(uri_file_path(uri), PAYLOAD_MAX, &payload, &length, &err))
		findings_error(findings, TAKE(place), "%s", err.message);
	else if (json_parse(payload, length, &json, &err))
		findings_error(findings, TAKE(place), "'%s': %s",
		    uri_file_path(uri), err.message);
}

void
check_files(const struct super_config *config, struct findings *findings)
{
	check_payload(config, findings);
	check_token(config, findings);
	check_identity(config, findings);
	check_local_ca(config, findings);
	check_preloaded(config, findings);
	check_lifetimes(config, findings);
}
