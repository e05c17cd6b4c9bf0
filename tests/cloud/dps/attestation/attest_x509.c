/* SPDX-License-Identifier: MIT */
#include "attest_x509.h"

#include <openssl/x509_vfy.h>
#include <string.h>
#include <strings.h>

#include "certificate_info.h"
#include "common/time.h"

/* What DPS asks for at least; OpenSSL's level is what comes next below it. */
#define SECURITY_LEVEL 2
#define RSA_BITS_MIN 2048
#define SIGNATURE_BITS_MIN 128 /* of security: SHA-256 */
#define GROUP_NAME_MAX 32

DEFINE_CLEANUP(x509_store, X509_STORE, X509_STORE_free)
DEFINE_CLEANUP(x509_store_ctx, X509_STORE_CTX, X509_STORE_CTX_free)
DEFINE_CLEANUP(x509_list, x509_stack, sk_X509_free) /* the list only */

static enum error_code
refuse_expired(const X509 *certificate, struct error *err)
{
	struct name_text subject =
	    name_text(X509_get_subject_name(certificate));
	int64_t end;

	if (time_from_asn1(X509_get0_notAfter(certificate), &end, err))
		return err->code;
	return error_set(err, ERROR_DENIED,
	    "The certificate '%s' expired on %s; renew it.", subject.text,
	    time_format(end).text);
}

static enum error_code
refuse_early(const X509 *certificate, struct error *err)
{
	struct name_text subject =
	    name_text(X509_get_subject_name(certificate));
	int64_t begin;

	if (time_from_asn1(X509_get0_notBefore(certificate), &begin, err))
		return err->code;
	return error_set(err, ERROR_DENIED,
	    "The certificate '%s' is not valid before %s; check the clocks.",
	    subject.text, time_format(begin).text);
}

enum error_code
attest_validity(const X509 *certificate, int64_t now, struct error *err)
{
	int64_t begin, end;

	if (now == ATTEST_ANY_TIME)
		return ERROR_NONE;
	if (time_from_asn1(X509_get0_notBefore(certificate), &begin, err) ||
	    time_from_asn1(X509_get0_notAfter(certificate), &end, err))
		return err->code;
	if (now > end)
		return refuse_expired(certificate, err);
	if (now < begin)
		return refuse_early(certificate, err);
	return ERROR_NONE;
}

/* RSA of 2048 bits or more, P-256, P-384. */
static bool
is_taken(const EVP_PKEY *key)
{
	char group[GROUP_NAME_MAX];

	if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS"))
		return EVP_PKEY_get_bits(key) >= RSA_BITS_MIN;
	return EVP_PKEY_is_a(key, "EC") &&
	       EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) &&
	       (strcmp(group, SN_X9_62_prime256v1) == 0 ||
		   strcmp(group, SN_secp384r1) == 0);
}

enum error_code
attest_strength(X509 *certificate, bool is_ca, struct error *err)
{
	const EVP_PKEY *key = X509_get0_pubkey(certificate);
	struct name_text subject =
	    name_text(X509_get_subject_name(certificate));
	int signature_bits;

	if (!key || !is_taken(key))
		return error_set(err, ERROR_DENIED,
		    "The key of the certificate '%s' is too weak, or of a kind "
		    "that DPS does not take; take RSA of 2048 bits or more, "
		    "P-256 or P-384.",
		    subject.text);
	if (!is_ca && (!X509_get_signature_info(
			   certificate, NULL, NULL, &signature_bits, NULL) ||
			  signature_bits < SIGNATURE_BITS_MIN))
		return error_set(err, ERROR_DENIED,
		    "The signature of the certificate '%s' is too weak; take "
		    "SHA-256 or better.",
		    subject.text);
	return ERROR_NONE;
}

/* The enrolled copy of certificate, or NULL. */
static X509 *
find_enrolled(const X509 *certificate, const struct enrolled *enrolled)
{
	for (size_t i = 0; i < ENROLLED_CERTIFICATES; i++)
		if (enrolled->certificates[i] &&
		    X509_cmp(certificate, enrolled->certificates[i]) == 0)
			return enrolled->certificates[i];
	return NULL;
}

enum error_code
attest_pinned(const X509 *leaf, const struct enrolled *enrolled, int64_t now,
    struct error *err)
{
	X509 *certificate = find_enrolled(leaf, enrolled);

	if (!certificate)
		return error_set(err, ERROR_DENIED,
		    "The certificate presented is neither the primary nor the "
		    "secondary certificate of the enrollment.");
	if (attest_strength(certificate, false, err))
		return err->code;
	return attest_validity(leaf, now, err);
}

static enum error_code
make_store(const struct enrolled *enrolled, int64_t now, X509_STORE **ret_store,
    struct error *err)
{
	CLEANUP(x509_store) X509_STORE *store = X509_STORE_new();
	unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
	X509_VERIFY_PARAM *parameters;

	if (!store)
		return error_no_memory(err);
	for (size_t i = 0; i < ENROLLED_CERTIFICATES; i++)
		if (enrolled->certificates[i] &&
		    !X509_STORE_add_cert(store, enrolled->certificates[i]))
			return error_set_openssl(
			    err, ERROR_INTERNAL, "enrolled certificate");

	parameters = X509_STORE_get0_param(store);
	if (now == ATTEST_ANY_TIME)
		flags |= X509_V_FLAG_NO_CHECK_TIME;
	else
		X509_VERIFY_PARAM_set_time(parameters, (time_t)now);
	X509_VERIFY_PARAM_set_auth_level(parameters, SECURITY_LEVEL);
	if (!X509_VERIFY_PARAM_set_flags(parameters, flags))
		return error_set_openssl(err, ERROR_INTERNAL, "verification");
	*ret_store = TAKE(store);
	return ERROR_NONE;
}

/* What OpenSSL's verdict on the certificate at fault means to a device. */
static enum error_code
refuse_chain(X509_STORE_CTX *context, struct error *err)
{
	int verdict = X509_STORE_CTX_get_error(context);
	const X509 *at_fault = X509_STORE_CTX_get_current_cert(context);

	switch (verdict) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return refuse_expired(at_fault, err);
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return refuse_early(at_fault, err);
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return error_set(err, ERROR_NOT_FOUND,
		    "the chain does not lead to an enrolled CA");
	default:
		return error_set(err, ERROR_DENIED,
		    "The certificate chain is refused: %s.",
		    X509_verify_cert_error_string(verdict));
	}
}

/* All of a chain that was verified; the last one is trusted as it is. */
static enum error_code
check_strengths(const x509_stack *built, struct error *err)
{
	int last = sk_X509_num(built) - 1;

	for (int i = 0; i <= last; i++)
		if (attest_strength(sk_X509_value(built, i), i == last, err))
			return err->code;
	return ERROR_NONE;
}

enum error_code
attest_chain(const x509_stack *presented, const struct enrolled *enrolled,
    int64_t now, int *ret_depth, X509 **ret_anchor, struct error *err)
{
	CLEANUP(x509_store) X509_STORE *store = NULL;
	CLEANUP(x509_store_ctx)
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	CLEANUP(x509_list) x509_stack *untrusted = sk_X509_dup(presented);
	const x509_stack *built;
	int depth;

	if (!context || !untrusted)
		return error_no_memory(err);
	if (make_store(enrolled, now, &store, err))
		return err->code;
	if (!X509_STORE_CTX_init(
		context, store, sk_X509_value(presented, 0), untrusted))
		return error_set_openssl(err, ERROR_INTERNAL, "verification");
	if (X509_verify_cert(context) <= 0)
		return refuse_chain(context, err);

	built = X509_STORE_CTX_get0_chain(context);
	depth = sk_X509_num(built) - 1;
	/* A CA is not a device, even if it is enrolled. */
	if (depth == 0)
		return error_set(
		    err, ERROR_NOT_FOUND, "the leaf is the enrolled CA itself");
	if (check_strengths(built, err))
		return err->code;
	*ret_depth = depth;
	*ret_anchor = find_enrolled(sk_X509_value(built, depth), enrolled);
	return ERROR_NONE;
}

enum error_code
attest_common_name(
    const X509 *leaf, const char *registration_id, struct error *err)
{
	CLEANUP(string) char *common_name = NULL;

	if (name_common_name(X509_get_subject_name(leaf), &common_name, err)) {
		struct error cause = *err;

		return error_set(err, ERROR_DENIED,
		    "The certificate cannot stand for registration id '%s': "
		    "%s.",
		    registration_id, cause.message);
	}
	if (strcasecmp(common_name, registration_id) != 0)
		return error_set(err, ERROR_DENIED,
		    "The certificate's common name '%s' is not the "
		    "registration id '%s'.",
		    common_name, registration_id);
	return ERROR_NONE;
}

/* The highest certificate on the way up from the leaf that was presented. */
static const X509 *
top_of(const x509_stack *presented)
{
	const X509 *top = sk_X509_value(presented, 0);

	for (int step = 1; step < sk_X509_num(presented); step++) {
		const X509 *next = NULL;

		for (int i = 1; i < sk_X509_num(presented) && !next; i++)
			if (X509_NAME_cmp(X509_get_subject_name(
					      sk_X509_value(presented, i)),
				X509_get_issuer_name(top)) == 0)
				next = sk_X509_value(presented, i);
		if (!next || next == top)
			break;
		top = next;
	}
	return top;
}

enum error_code
attest_explain_unknown(
    const x509_stack *presented, bool same_name_enrolled, struct error *err)
{
	const X509 *top = top_of(presented);
	const X509_NAME *issuer = X509_get_issuer_name(top);

	if (same_name_enrolled)
		return error_set(err, ERROR_DENIED,
		    "CA certificate not found. A CA of that name is enrolled, "
		    "but it has not signed the certificate presented.");
	if (X509_NAME_cmp(issuer, X509_get_subject_name(top)) == 0)
		return error_set(
		    err, ERROR_DENIED, "CA certificate not found.");
	return error_set(err, ERROR_DENIED,
	    "CA certificate not found. The issuer '%s' was neither enrolled "
	    "nor sent; the device must send its intermediate certificates "
	    "too.",
	    name_text(issuer).text);
}
