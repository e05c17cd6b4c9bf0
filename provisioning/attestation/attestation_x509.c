/* SPDX-License-Identifier: MIT */
/* A certificate of certd's and its key, which is keyd's. */
#include "attestation_inside.h"

#include <string.h>
#include <strings.h>

#include "cert_request.h"
#include "certd/client.h"
#include "common/openssl_key.h"
#include "common/time.h"
#include "keyd/client.h"

static enum error_code
get_chain(const char *id, x509_stack **ret_chain, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(string) char *pem = NULL;

	if (certd_client_create(0, &client, err) ||
	    certd_get(client, id, &pem, err) ||
	    certificates_from_pem(pem, ret_chain, err))
		return error_wrap(err, "identity_cert '%s'", id);
	return ERROR_NONE;
}

/* keyd keeps a key that is there. */
static enum error_code
make_key(const char *id, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(string) char *handle = NULL;

	if (keyd_client_create(0, &client, err))
		return err->code;
	return keyd_create_key_pair(
	    client, id, CERT_REQUEST_ALGORITHMS, &handle, err);
}

static enum error_code
issue(const struct attestation_settings *attestation, const char *name,
    EVP_PKEY *key, x509_stack **ret_chain, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(string) char *request = NULL;
	CLEANUP(string) char *pem = NULL;

	if (cert_request_make(key, name, NULL, &request, err) ||
	    certd_client_create(0, &client, err) ||
	    certd_create(
		client, attestation->identity_cert, request, &pem, err) ||
	    certificates_from_pem(pem, ret_chain, err))
		return error_wrap(err, "issuing the device certificate");
	return ERROR_NONE;
}

static bool
is_for(const X509 *leaf, const char *common_name)
{
	CLEANUP(string) char *name = NULL;
	struct error ignored;

	return !name_common_name(
		   X509_get_subject_name(leaf), &name, &ignored) &&
	       strcasecmp(name, common_name) == 0;
}

static bool
is_expired(const X509 *leaf)
{
	int64_t until;
	struct error ignored;

	return time_from_asn1(X509_get0_notAfter(leaf), &until, &ignored) ||
	       time_now() > until;
}

/* Fails to tell: then it is taken for one that has begun. */
static bool
is_early(const X509 *certificate)
{
	int64_t since;
	struct error ignored;

	return time_from_asn1(X509_get0_notBefore(certificate), &since,
		   &ignored) == ERROR_NONE &&
	       time_now() < since;
}

/*
 * True if it begins in the future because this device issued it while its clock
 * was ahead. A server's clock may be right, and ours behind; and where the
 * issuers are early, too, another one would be no better.
 */
static bool
was_issued_early(
    const struct attestation_settings *attestation, const x509_stack *chain)
{
	if (!attestation->issuance.present ||
	    strcmp(attestation->issuance.method, "est") == 0 ||
	    !is_early(sk_X509_value(chain, 0)))
		return false;
	for (int i = 1; i < sk_X509_num(chain); i++)
		if (is_early(sk_X509_value(chain, i)))
			return false;
	return true;
}

static bool
is_usable(const struct attestation_settings *attestation,
    const x509_stack *chain, const EVP_PKEY *key, const char *common_name)
{
	const X509 *leaf = sk_X509_value(chain, 0);

	return certificate_matches_key(leaf, key) &&
	       is_for(leaf, common_name) && !is_expired(leaf) &&
	       !was_issued_early(attestation, chain);
}

static enum error_code
obtain_issued(const struct attestation_settings *attestation, const char *name,
    struct credentials *credentials, struct error *err)
{
	struct error missing;

	if (make_key(attestation->identity_pk, err) ||
	    openssl_key_load(attestation->identity_pk, &credentials->key, err))
		return error_wrap(
		    err, "device key '%s'", attestation->identity_pk);
	if (get_chain(
		attestation->identity_cert, &credentials->chain, &missing)) {
		if (missing.code != ERROR_NOT_FOUND) {
			*err = missing;
			return err->code;
		}
	} else if (is_usable(
		       attestation, credentials->chain, credentials->key, name))
		return ERROR_NONE;

	x509_stack_free(TAKE(credentials->chain));
	return issue(
	    attestation, name, credentials->key, &credentials->chain, err);
}

static enum error_code
obtain_given(const struct attestation_settings *attestation,
    struct credentials *credentials, struct error *err)
{
	if (get_chain(attestation->identity_cert, &credentials->chain, err))
		return err->code;
	if (openssl_key_load(attestation->identity_pk, &credentials->key, err))
		return error_wrap(
		    err, "identity_pk '%s'", attestation->identity_pk);
	return ERROR_NONE;
}

enum error_code
attestation_digest(
    const x509_stack *chain, char ret_digest[static 65], struct error *err)
{
	unsigned char *der = NULL;
	int length = i2d_X509(sk_X509_value(chain, 0), &der);
	enum error_code code;

	if (length < 0)
		return error_set_openssl(err, ERROR_INTERNAL, "certificate");
	code = sha256_hex(der, (size_t)length, ret_digest, err);
	OPENSSL_free(der);
	return code;
}

static bool
has_key(const char *id)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(string) char *handle = NULL;
	struct error ignored;

	return !keyd_client_create(0, &client, &ignored) &&
	       !keyd_load_key_pair(client, id, &handle, &ignored);
}

bool
attestation_is_unchanged(
    const struct attestation_settings *attestation, const char *digest)
{
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	char present[65];
	struct error ignored;

	return attestation->kind == CREDENTIAL_X509 &&
	       has_key(attestation->identity_pk) &&
	       !get_chain(attestation->identity_cert, &chain, &ignored) &&
	       !attestation_digest(chain, present, &ignored) &&
	       strcmp(present, digest) == 0 &&
	       !is_expired(sk_X509_value(chain, 0)) &&
	       !was_issued_early(attestation, chain);
}

/* One whose end cannot be told has none. */
static int64_t
end_of(const x509_stack *chain)
{
	int64_t end = INT64_MAX;

	for (int i = 0; i < sk_X509_num(chain); i++) {
		int64_t until;
		struct error ignored;

		if (!time_from_asn1(X509_get0_notAfter(sk_X509_value(chain, i)),
			&until, &ignored) &&
		    until < end)
			end = until;
	}
	return end;
}

enum error_code
attestation_obtain_x509(const struct attestation_settings *attestation,
    const char *name, struct credentials *credentials, struct error *err)
{
	if (attestation->issuance.present
		? obtain_issued(attestation, name, credentials, err)
		: obtain_given(attestation, credentials, err))
		return err->code;
	credentials->valid_until = end_of(credentials->chain);
	return attestation_digest(credentials->chain, credentials->digest, err);
}
