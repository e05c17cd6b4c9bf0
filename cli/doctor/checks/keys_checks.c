/* SPDX-License-Identifier: MIT */
/* The doctor's checks of keys, and of keys with certificates. */
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "certd/client.h"
#include "common/file.h"
#include "common/openssl.h"
#include "est_ways.h"
#include "keyd/client.h"
#include "lookup.h"
#include "output.h"

#define RSA_BITS_LEAST 2048
#define PAIR_MS 30000

/* --- keys ----------------------------------------------------------------- */

static bool
is_preloaded(const struct doctor *doctor, const char *id)
{
	const struct config_map *map = &doctor->config.keyd.preloaded_keys;

	for (size_t i = 0; i < map->count; i++)
		if (strcmp(map->items[i].key, id) == 0)
			return true;
	return false;
}

/*
 * True if what is wrong with a key is its token, which keyd cannot use; error
 * NULL: if there is such a token.
 */
static bool
is_of_token(const struct doctor *doctor, const char *error)
{
	const json_t *tokens =
	    json_object_get(doctor->daemons[EFFECTIVE_KEYD].health, "tokens");

	for (size_t i = 0; i < json_array_size(tokens); i++) {
		const json_t *token = json_array_get(tokens, i);
		CLEANUP(string)
		char *name = string_format(
		    "token '%s': ", output_member(token, "label"));

		if (*output_member(token, "message") &&
		    (!error || (name && strstr(error, name))))
			return true;
	}
	return false;
}

static void
check_key(const struct doctor *doctor, const json_t *key, struct report *report)
{
	const char *id = output_member(key, "id");
	const char *error = json_string_value(json_object_get(key, "error"));
	json_int_t bits = json_integer_value(json_object_get(key, "size"));

	if (error)
		report_error(report,
		    FINDING(id, error,
			is_preloaded(doctor, id) && !is_of_token(doctor, error)
			    ? "see that its URI in 'preloaded_keys' names a "
			      "key that is there; 'signetctl key list' shows "
			      "those that are"
			    : "what it says has to be put right; see the "
			      "check token"));
	else if (strcmp(output_member(key, "algorithm"), "RSA") == 0 &&
		 bits < RSA_BITS_LEAST)
		report_warning(report,
		    FINDING(id, "RSA keys of less than 2048 bits are not safe",
			"make another one, with a certificate for it"));
}

/* Nor can it be told whether it is there. Root has no right by being root. */
static void
report_unseen(const char *id, struct report *report)
{
	CLEANUP(string)
	char *grant = string_format(
	    "'signetctl grant root %s use' lets root see whether its URI "
	    "names a key that is there; 'signetctl revoke root %s' ends that",
	    id, id);

	report_warning(
	    report, FINDING(id, "keyd does not show it to us",
			geteuid() == 0 && grant
			    ? grant
			    : "be root, or a user with a right to it"));
}

/* That keyd shows no key may mean that there is none, or something else. */
static void
report_empty(const struct doctor *doctor, struct report *report)
{
	if (json_array_size(doctor->keys) > 0)
		return;
	if (geteuid() != 0)
		report_skip(report, "keyd shows no key to a user who has no "
				    "right to one: be root");
	else if (is_of_token(doctor, NULL))
		report_skip(report, "which keys there are is in a token that "
				    "keyd cannot use: see the check token");
}

void
check_keys_read(const struct doctor *doctor, struct report *report)
{
	const struct config_map *preloaded =
	    &doctor->config.keyd.preloaded_keys;

	/* Which keys there have to be is in the configuration alone. */
	(void)report_unread(doctor, EFFECTIVE_KEYD, report);
	if (!doctor->keys) {
		report_skip(report, doctor->keys_error.message);
		return;
	}
	report_empty(doctor, report);
	for (size_t i = 0; i < json_array_size(doctor->keys); i++)
		check_key(doctor, json_array_get(doctor->keys, i), report);
	for (size_t i = 0; i < preloaded->count; i++)
		if (!lookup_id(doctor->keys, preloaded->items[i].key))
			report_unseen(preloaded->items[i].key, report);
}

/* --- pairs ---------------------------------------------------------------- */

/* What keyd and certd have under two ids. */
static enum error_code
load_pair(const char *certificate, const char *key, x509_stack **ret_chain,
    EVP_PKEY **ret_key, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *keyd = NULL;
	CLEANUP(unix_http) struct unix_http *certd = NULL;
	CLEANUP(string) char *certificate_pem = NULL;
	CLEANUP(string) char *key_pem = NULL;
	CLEANUP(bio) BIO *bio = NULL;

	if (keyd_client_create(PAIR_MS, &keyd, err) ||
	    certd_client_create(PAIR_MS, &certd, err) ||
	    certd_get(certd, certificate, &certificate_pem, err) ||
	    keyd_public_key(keyd, key, &key_pem, err))
		return err->code;
	bio = BIO_new_mem_buf(key_pem, -1);
	*ret_key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
	if (!*ret_key)
		return error_set_openssl(err, ERROR_INVALID, "reading the key");
	if (certificates_from_pem(certificate_pem, ret_chain, err)) {
		EVP_PKEY_free(*ret_key);
		*ret_key = NULL;
		return err->code;
	}
	return ERROR_NONE;
}

static void
report_gone(const char *certificate, const char *key, struct report *report)
{
	CLEANUP(string)
	char *text = string_format("keyd does not have its key '%s'", key);

	report_error(report,
	    FINDING(certificate, text ? text : "keyd does not have its key",
		"if the key is lost, have the certificate issued anew for "
		"another one ('signetctl key create', 'signetctl cert renew'); "
		"one by which EST is asked certd renews by itself, if there is "
		"something to begin with"));
}

static void
check_pair(const char *certificate, const char *key, struct report *report)
{
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	CLEANUP(pkey) EVP_PKEY *public = NULL;
	struct error err;
	enum error_code code =
	    load_pair(certificate, key, &chain, &public, &err);

	if (code == ERROR_NOT_FOUND)
		report_gone(certificate, key, report);
	else if (code)
		report_warning(
		    report, FINDING(certificate, err.message,
				"what it says has to be put right before the "
				"two can be compared; see the checks keys-read "
				"and certs-read"));
	else if (!certificate_matches_key(sk_X509_value(chain, 0), public))
		report_error(report,
		    FINDING(certificate,
			"the certificate is for another key than keyd has",
			"install the certificate that was issued for this key, "
			"or the key that belongs to the certificate"));
}

/* One that is not shown to us may be there all the same. */
static void
check_presence(const char *id, struct report *report)
{
	CLEANUP(unix_http) struct unix_http *keyd = NULL;
	CLEANUP(string) char *pem = NULL;
	struct error err;

	if (!keyd_client_create(PAIR_MS, &keyd, &err) &&
	    keyd_public_key(keyd, id, &pem, &err) == ERROR_NOT_FOUND)
		report_gone(id, id, report);
}

/*
 * A certificate and its key, by the ids that the configuration has for them.
 * Neither need be there yet, but not the one without the other.
 */
static void
check_named_pair(const struct doctor *doctor, const char *certificate,
    const char *key, json_t *seen, struct report *report)
{
	if (!certificate || !key ||
	    !lookup_id(doctor->certificates, certificate) ||
	    !is_first(seen, certificate))
		return;
	if (strcmp(certificate, key) != 0)
		check_pair(certificate, key, report);
	else if (!lookup_id(doctor->keys, key)) /* else it was compared */
		check_presence(key, report);
}

static void
check_named_pairs(const struct doctor *doctor, struct report *report)
{
	const struct effective_attestation *attestation =
	    &doctor->config.provisiond.provisioning.attestation;
	const struct config_local_ca *local_ca =
	    &doctor->config.certd.cert_issuance.local_ca;
	CLEANUP(json) json_t *seen = json_object();
	struct est_way way;
	size_t place = 0;

	if (attestation->identity_cert && attestation->identity_pk &&
	    strcmp(attestation->identity_cert, attestation->identity_pk) != 0)
		check_pair(attestation->identity_cert, attestation->identity_pk,
		    report);
	else
		check_named_pair(doctor, attestation->identity_cert,
		    attestation->identity_pk, seen, report);
	check_named_pair(doctor, local_ca->cert, local_ca->pk, seen, report);
	while (est_next(doctor, &place, &way)) {
		check_named_pair(doctor, way.est.identity_cert,
		    way.est.identity_pk, seen, report);
		check_named_pair(doctor, way.est.bootstrap_identity_cert,
		    way.est.bootstrap_identity_pk, seen, report);
	}
}

/* The pair of one id, if keyd shows its key. */
static void
check_own_pair(const struct doctor *doctor, const json_t *certificate,
    struct report *report)
{
	const char *id = output_member(certificate, "id");
	const json_t *key = lookup_id(doctor->keys, id);

	if (!key && is_preloaded(doctor, id))
		report_skip(report, "keyd does not show us each key: see the "
				    "check keys-read");
	else if (key && !json_object_get(key, "error") &&
		 !json_object_get(certificate, "error"))
		check_pair(id, id, report);
}

void
check_certs_match_keys(const struct doctor *doctor, struct report *report)
{
	/* What belongs together is said there. */
	for (size_t i = 0; i < EFFECTIVE_COUNT; i++)
		(void)report_unread(doctor, (enum effective_daemon)i, report);
	if (!doctor->keys || !doctor->certificates) {
		report_skip(report, "keyd or certd does not answer");
		return;
	}
	report_empty(doctor, report);
	for (size_t i = 0; i < json_array_size(doctor->certificates); i++)
		check_own_pair(
		    doctor, json_array_get(doctor->certificates, i), report);
	check_named_pairs(doctor, report);
}
