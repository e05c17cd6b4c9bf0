/* SPDX-License-Identifier: MIT */
#include "issue.h"

#include <openssl/err.h>

#include "common/public_key.h"
#include "common/time.h"
#include "keys.h"

#define KEY_CERT_SIGN_BIT 5 /* RFC 5280 section 4.2.1.3 */

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

/* Opens what is not kept. The contents of *ret_issuer are the caller's. */
static enum error_code
open_anew(const char *chain_pem, const char *key_id, int64_t now,
    struct issuer *ret_issuer, struct error *err)
{
	CLEANUP_DONE(issuer) struct issuer issuer = {NULL, NULL};

	if (certificates_from_pem(chain_pem, &issuer.chain, err) ||
	    issuer_check(sk_X509_value(issuer.chain, 0), now, err))
		return err->code;
	if (keys_load(key_id, &issuer.key, err))
		return error_wrap(err, "its key '%s'", key_id);
	if (!certificate_matches_key(
		sk_X509_value(issuer.chain, 0), issuer.key))
		return error_set(err, ERROR_INVALID,
		    "it is not the certificate of key '%s'", key_id);
	*ret_issuer = TAKE_CONTENTS(issuer);
	return ERROR_NONE;
}

enum error_code
issuer_open(const char *chain_pem, struct issuers *issuers, const char *key_id,
    int64_t now, struct issuer *ret_issuer, struct error *err)
{
	CLEANUP_DONE(issuer) struct issuer issuer = {NULL, NULL};

	if (issuers_find(issuers, chain_pem, key_id, &issuer)) {
		if (check_dates(sk_X509_value(issuer.chain, 0), now, err))
			return err->code;
	} else {
		if (open_anew(chain_pem, key_id, now, &issuer, err))
			return err->code;
		issuers_keep(issuers, chain_pem, key_id, &issuer);
	}
	*ret_issuer = TAKE_CONTENTS(issuer);
	return ERROR_NONE;
}

enum error_code
issuer_open_self(
    const char *key_id, struct issuer *ret_issuer, struct error *err)
{
	CLEANUP(pkey) EVP_PKEY *key = NULL;

	if (keys_load(key_id, &key, err))
		return err->code;
	*ret_issuer = (struct issuer){NULL, TAKE(key)};
	return ERROR_NONE;
}

static enum error_code
check_self(const struct issuer *issuer, X509_REQ *request, struct error *err)
{
	CLEANUP(pkey) EVP_PKEY *key = NULL;
	bool is_same;

	if (issuer->chain)
		return ERROR_NONE;
	if (public_key_read(X509_REQ_get_X509_PUBKEY(request), &key, err))
		return error_wrap(err, "the request's key");
	is_same = EVP_PKEY_eq(key, issuer->key) == 1;
	ERR_clear_error();
	return is_same ? ERROR_NONE
		       : error_set(err, ERROR_INVALID,
			     "the request is for another key than keyd's, "
			     "which is to sign its own certificate");
}

/*
 * A token that signs wrongly, or a key that was replaced under way, must not
 * end in a stored certificate that nobody accepts.
 */
static enum error_code
check_signature(
    X509 *certificate, const struct issuer *issuer, struct error *err)
{
	CLEANUP(pkey) EVP_PKEY *key = NULL;

	if (public_key_of(
		issuer->chain ? sk_X509_value(issuer->chain, 0) : certificate,
		&key, err))
		return error_wrap(err, "the issuer's key");
	if (X509_verify(certificate, key) != 1)
		return error_set_openssl(err, ERROR_INTERNAL,
		    "the issuer's key made a wrong signature");
	return ERROR_NONE;
}

/* certificate before those of issuers, which may be NULL. */
static enum error_code
make_chain(X509 *certificate, x509_stack *issuers, x509_stack **ret_chain,
    struct error *err)
{
	CLEANUP(x509_stack)
	x509_stack *chain =
	    issuers ? X509_chain_up_ref(issuers) : sk_X509_new_null();

	if (!chain || !sk_X509_unshift(chain, certificate))
		return error_no_memory(err);
	(void)X509_up_ref(certificate);
	*ret_chain = TAKE(chain);
	return ERROR_NONE;
}

enum error_code
issue_certificate(const struct issuer *issuer, const struct profile *profile,
    X509_REQ *request, int64_t now, x509_stack **ret_chain, struct error *err)
{
	CLEANUP(x509) X509 *certificate = NULL;

	if (check_self(issuer, request, err) ||
	    profile_certificate(profile, request,
		issuer->chain ? sk_X509_value(issuer->chain, 0) : NULL,
		issuer->key, now, &certificate, err) ||
	    check_signature(certificate, issuer, err))
		return err->code;
	return make_chain(certificate, issuer->chain, ret_chain, err);
}
