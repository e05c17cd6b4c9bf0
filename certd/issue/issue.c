/* SPDX-License-Identifier: MIT */
#include "issue.h"

#include <openssl/err.h>

#include "common/file.h"
#include "common/time.h"
#include "keys.h"

#define KEY_CERT_SIGN_BIT 5 /* RFC 5280 section 4.2.1.3 */

void
issuer_done(struct issuer *issuer)
{
	x509_stack_free(issuer->chain);
	EVP_PKEY_free(issuer->key);
	*issuer = (struct issuer){NULL, NULL};
}

static enum error_code
check_dates(const X509 *certificate, int64_t now, struct error *err)
{
	int64_t from, until;

	if (time_from_asn1(X509_get0_notBefore(certificate), &from, err) ||
	    time_from_asn1(X509_get0_notAfter(certificate), &until, err))
		return err->code;
	if (now < from)
		return error_set(err, ERROR_INVALID,
		    "it is not valid before %s; is the clock right?",
		    time_format(from).text);
	if (now >= until)
		return error_set(err, ERROR_INVALID,
		    "it expired on %s; renew it", time_format(until).text);
	return ERROR_NONE;
}

/* A certificate without key usage may be used for everything. */
static bool
may_sign_certificates(const X509 *certificate)
{
	ASN1_BIT_STRING *usage =
	    X509_get_ext_d2i(certificate, NID_key_usage, NULL, NULL);
	bool may = !usage || ASN1_BIT_STRING_get_bit(usage, KEY_CERT_SIGN_BIT);

	ASN1_BIT_STRING_free(usage);
	return may;
}

enum error_code
issuer_check(const X509 *certificate, int64_t now, struct error *err)
{
	if (!certificate_is_ca(certificate))
		return error_set(err, ERROR_INVALID,
		    "it is not a CA certificate (basic constraints CA:TRUE)");
	if (!may_sign_certificates(certificate))
		return error_set(err, ERROR_INVALID,
		    "its key usage does not allow to sign certificates");
	return check_dates(certificate, now, err);
}

enum error_code
issuer_open(const char *chain_pem, struct issuer_keys *keys, const char *key_id,
    int64_t now, struct issuer *ret_issuer, struct error *err)
{
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	CLEANUP(pkey) EVP_PKEY *key = NULL;

	if (certificates_from_pem(chain_pem, &chain, err) ||
	    issuer_check(sk_X509_value(chain, 0), now, err))
		return err->code;
	if (issuer_keys_get(keys, key_id, &key, err))
		return error_wrap(err, "its key '%s'", key_id);
	if (!certificate_matches_key(sk_X509_value(chain, 0), key))
		return error_set(err, ERROR_INVALID,
		    "it is not the certificate of key '%s'", key_id);
	ret_issuer->chain = TAKE(chain);
	ret_issuer->key = TAKE(key);
	return ERROR_NONE;
}

enum error_code
issuer_open_self(
    const char *key_id, struct issuer *ret_issuer, struct error *err)
{
	CLEANUP(pkey) EVP_PKEY *key = NULL;

	if (keys_load(key_id, &key, err))
		return error_wrap(err, "key '%s'", key_id);
	*ret_issuer = (struct issuer){NULL, TAKE(key)};
	return ERROR_NONE;
}

/*
 * A token that signs wrongly, or a key that was replaced under way, must not
 * end in a stored certificate that nobody accepts.
 */
static enum error_code
check_outcome(X509 *certificate, const struct issuer *issuer, X509_REQ *request,
    struct error *err)
{
	EVP_PKEY *issuer_key = X509_get0_pubkey(
	    issuer->chain ? sk_X509_value(issuer->chain, 0) : certificate);

	if (X509_verify(certificate, issuer_key) != 1)
		return error_set_openssl(err, ERROR_INTERNAL,
		    "the issuer's key made a wrong signature");
	if (!certificate_matches_key(
		certificate, X509_REQ_get0_pubkey(request)))
		return error_set(err, ERROR_INTERNAL,
		    "the issued certificate is for another key");
	return ERROR_NONE;
}

static enum error_code
write_chain(const X509 *certificate, const x509_stack *issuers, char **ret_pem,
    struct error *err)
{
	CLEANUP(string) char *leaf = NULL;
	CLEANUP(string) char *above = NULL;

	if (certificate_to_pem(certificate, &leaf, err))
		return err->code;
	if (!issuers) {
		*ret_pem = TAKE(leaf);
		return ERROR_NONE;
	}
	if (certificates_to_pem(issuers, &above, err))
		return err->code;
	*ret_pem = string_format("%s%s", leaf, above);
	return *ret_pem ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
check_self(const struct issuer *issuer, X509_REQ *request, struct error *err)
{
	if (issuer->chain ||
	    EVP_PKEY_eq(X509_REQ_get0_pubkey(request), issuer->key) == 1)
		return ERROR_NONE;
	ERR_clear_error();
	return error_set(err, ERROR_INVALID,
	    "the request is for another key than keyd's, which is to sign its "
	    "own certificate");
}

enum error_code
issue_certificate(const struct issuer *issuer, const struct profile *profile,
    X509_REQ *request, int64_t now, char **ret_pem, struct error *err)
{
	CLEANUP(x509) X509 *certificate = NULL;

	if (check_self(issuer, request, err) ||
	    profile_certificate(profile, request,
		issuer->chain ? sk_X509_value(issuer->chain, 0) : NULL,
		issuer->key, now, &certificate, err) ||
	    check_outcome(certificate, issuer, request, err))
		return err->code;
	return write_chain(certificate, issuer->chain, ret_pem, err);
}
