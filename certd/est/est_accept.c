/* SPDX-License-Identifier: MIT */
#include "est_accept.h"

#include <openssl/x509_vfy.h>
#include <string.h>
#include <time.h>

#include "common/certificate.h"
#include "common/public_key.h"
#include "common/time.h"

typedef STACK_OF(X509_EXTENSION) extension_stack;

static void
extension_stack_free(extension_stack *extensions)
{
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}

static void
openssl_text_free(char *text)
{
	OPENSSL_free(text);
}

DEFINE_CLEANUP(extension_stack, extension_stack, extension_stack_free)
DEFINE_CLEANUP(general_names, GENERAL_NAMES, GENERAL_NAMES_free)
DEFINE_CLEANUP(key_usages, EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free)
DEFINE_CLEANUP(constraints, BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free)
DEFINE_CLEANUP(x509_store, X509_STORE, X509_STORE_free)
DEFINE_CLEANUP(store_context, X509_STORE_CTX, X509_STORE_CTX_free)
DEFINE_CLEANUP(openssl_text, char, openssl_text_free)

static enum error_code
find_leaf(const struct est_expectation *expectation,
    const x509_stack *certificates, X509 **ret_leaf, struct error *err)
{
	const X509_PUBKEY *key = X509_REQ_get_X509_PUBKEY(
	    (X509_REQ *)(uintptr_t)expectation->request);

	for (int i = 0; i < sk_X509_num(certificates); i++) {
		X509 *certificate = sk_X509_value(certificates, i);

		if (public_key_equal(X509_get_X509_PUBKEY(certificate), key)) {
			*ret_leaf = certificate;
			return ERROR_NONE;
		}
	}
	return error_set(err, ERROR_UPSTREAM,
	    "the certificate that the server issued is for another key");
}

static enum error_code
check_subject(const X509_REQ *request, const X509 *leaf, struct error *err)
{
	const X509_NAME *asked = X509_REQ_get_subject_name(request);
	const X509_NAME *got = X509_get_subject_name(leaf);
	CLEANUP(openssl_text)
	char *asked_text = X509_NAME_oneline(asked, NULL, 0);
	CLEANUP(openssl_text) char *got_text = X509_NAME_oneline(got, NULL, 0);

	if (X509_NAME_cmp(asked, got) == 0)
		return ERROR_NONE;
	return error_set(err, ERROR_UPSTREAM,
	    "the server issued for the subject '%.100s' instead of '%.100s'",
	    got_text ? got_text : "?", asked_text ? asked_text : "?");
}

static bool
has_name(const GENERAL_NAMES *names, GENERAL_NAME *name)
{
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
		if (GENERAL_NAME_cmp(sk_GENERAL_NAME_value(names, i), name) ==
		    0)
			return true;
	return false;
}

/* Names beyond those asked for do no harm to who uses the certificate. */
static enum error_code
check_names(
    const extension_stack *asked_for, const X509 *leaf, struct error *err)
{
	CLEANUP(general_names)
	GENERAL_NAMES *asked =
	    X509V3_get_d2i(asked_for, NID_subject_alt_name, NULL, NULL);
	CLEANUP(general_names)
	GENERAL_NAMES *got =
	    X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);

	for (int i = 0; i < sk_GENERAL_NAME_num(asked); i++)
		if (!has_name(got, sk_GENERAL_NAME_value(asked, i)))
			return error_set(err, ERROR_UPSTREAM,
			    "the server left out subject alternative names "
			    "that the request has");
	return ERROR_NONE;
}

static bool
has_usage(const EXTENDED_KEY_USAGE *usages, int nid)
{
	for (int i = 0; i < sk_ASN1_OBJECT_num(usages); i++) {
		int usage = OBJ_obj2nid(sk_ASN1_OBJECT_value(usages, i));

		if (usage == nid)
			return true;
	}
	return false;
}

static enum error_code
need_usage(const EXTENDED_KEY_USAGE *got, int nid, struct error *err)
{
	if (has_usage(got, nid))
		return ERROR_NONE;
	return error_set(err, ERROR_UPSTREAM,
	    "the certificate that the server issued lacks the extended key "
	    "usage '%s'",
	    OBJ_nid2ln(nid));
}

static enum error_code
check_usages(const struct est_expectation *expectation,
    const extension_stack *asked_for, const X509 *leaf, bool is_ca,
    struct error *err)
{
	CLEANUP(key_usages)
	EXTENDED_KEY_USAGE *asked =
	    X509V3_get_d2i(asked_for, NID_ext_key_usage, NULL, NULL);
	CLEANUP(key_usages)
	EXTENDED_KEY_USAGE *got =
	    X509_get_ext_d2i(leaf, NID_ext_key_usage, NULL, NULL);

	if (expectation->usage != NID_undef &&
	    need_usage(got, expectation->usage, err))
		return err->code;
	if (!asked && expectation->usage == NID_undef && !is_ca)
		return need_usage(got, NID_client_auth, err);
	for (int i = 0; i < sk_ASN1_OBJECT_num(asked); i++)
		if (need_usage(
			got, OBJ_obj2nid(sk_ASN1_OBJECT_value(asked, i)), err))
			return err->code;
	return ERROR_NONE;
}

/* Whether a CA is asked for, and how many others may be below it. */
static bool
asks_for_ca(const extension_stack *asked_for, long *ret_path_length)
{
	CLEANUP(constraints)
	BASIC_CONSTRAINTS *asked =
	    X509V3_get_d2i(asked_for, NID_basic_constraints, NULL, NULL);

	*ret_path_length = asked && asked->ca && asked->pathlen
			       ? ASN1_INTEGER_get(asked->pathlen)
			       : 0;
	return asked && asked->ca;
}

static enum error_code
check_constraints(
    const X509 *leaf, bool is_ca, long path_length, struct error *err)
{
	long got = certificate_path_length(leaf);

	if (certificate_is_ca(leaf) != is_ca)
		return error_set(err, ERROR_UPSTREAM,
		    "the certificate that the server issued is %s",
		    is_ca ? "not that of a CA" : "that of a CA");
	if (is_ca && got != CERTIFICATE_NO_PATH_LENGTH && got < path_length)
		return error_set(err, ERROR_UPSTREAM,
		    "the certificate that the server issued has the path "
		    "length %ld instead of %ld",
		    got, path_length);
	return ERROR_NONE;
}

static enum error_code
check_dates(const X509 *leaf, int64_t now, struct error *err)
{
	int64_t from, until;

	if (time_from_asn1(X509_get0_notBefore(leaf), &from, err) ||
	    time_from_asn1(X509_get0_notAfter(leaf), &until, err))
		return err->code;
	if (from > now + EST_SKEW_SECONDS)
		return error_set(err, ERROR_UPSTREAM,
		    "the certificate that the server issued is valid only "
		    "from %s on; here it is %s",
		    time_format(from).text, time_format(now).text);
	if (until <= now)
		return error_set(err, ERROR_UPSTREAM,
		    "the certificate that the server issued expired on %s; "
		    "here it is %s",
		    time_format(until).text, time_format(now).text);
	return ERROR_NONE;
}

static enum error_code
check_leaf(const struct est_expectation *expectation, const X509 *leaf,
    struct error *err)
{
	const X509_REQ *request = expectation->request;
	CLEANUP(extension_stack)
	extension_stack *asked_for =
	    X509_REQ_get_extensions((X509_REQ *)(uintptr_t)request);
	long path_length;
	bool is_ca = asks_for_ca(asked_for, &path_length) || expectation->is_ca;

	if (check_subject(request, leaf, err) ||
	    check_names(asked_for, leaf, err) ||
	    check_usages(expectation, asked_for, leaf, is_ca, err) ||
	    check_constraints(leaf, is_ca, path_length, err))
		return err->code;
	return check_dates(leaf, expectation->now, err);
}

/* The authorities, or only those of them that are roots. */
static enum error_code
prepare_store(const x509_stack *authorities, bool with_all,
    X509_STORE **ret_store, struct error *err)
{
	CLEANUP(x509_store) X509_STORE *store = X509_STORE_new();

	if (!store)
		return error_no_memory(err);
	for (int i = 0; i < sk_X509_num(authorities); i++) {
		X509 *authority = sk_X509_value(authorities, i);

		if (!with_all && X509_self_signed(authority, 0) != 1)
			continue;
		if (!X509_STORE_add_cert(store, authority))
			return error_set_openssl(
			    err, ERROR_INTERNAL, "trust anchors");
	}
	*ret_store = TAKE(store);
	return ERROR_NONE;
}

/* The chain without its roots, which every verifier has already. */
static enum error_code
take_chain(X509_STORE_CTX *context, x509_stack **ret_chain, struct error *err)
{
	x509_stack *verified = X509_STORE_CTX_get0_chain(context);
	CLEANUP(x509_stack) x509_stack *chain = sk_X509_new_null();

	for (int i = 0; chain && i < sk_X509_num(verified); i++) {
		X509 *certificate = sk_X509_value(verified, i);

		if (i > 0 && X509_self_signed(certificate, 0) == 1)
			continue;
		if (!X509_add_cert(chain, certificate, X509_ADD_FLAG_UP_REF))
			return error_no_memory(err);
	}
	if (!chain)
		return error_no_memory(err);
	*ret_chain = TAKE(chain);
	return ERROR_NONE;
}

/* A certificate that begins a little later than now is valid from then on. */
static time_t
when_to_verify(const X509 *leaf, int64_t now)
{
	struct error ignored;
	int64_t from;

	if (time_from_asn1(X509_get0_notBefore(leaf), &from, &ignored) ==
		ERROR_NONE &&
	    from > now)
		return (time_t)from;
	return (time_t)now;
}

/* with_all: a chain may end in any of the authorities, not only in a root. */
static enum error_code
build_chain(const struct est_expectation *expectation, X509 *leaf,
    x509_stack *helpers, bool with_all, x509_stack **ret_chain,
    struct error *err)
{
	CLEANUP(x509_store) X509_STORE *store = NULL;
	CLEANUP(store_context) X509_STORE_CTX *context = X509_STORE_CTX_new();

	if (!context)
		return error_no_memory(err);
	if (prepare_store(expectation->authorities, with_all, &store, err))
		return err->code;
	if (!X509_STORE_CTX_init(context, store, leaf, helpers))
		return error_set_openssl(err, ERROR_INTERNAL, "verification");
	if (with_all)
		X509_STORE_CTX_set_flags(context, X509_V_FLAG_PARTIAL_CHAIN);
	X509_STORE_CTX_set_time(
	    context, 0, when_to_verify(leaf, expectation->now));
	if (X509_verify_cert(context) != 1)
		return error_set(err, ERROR_UPSTREAM,
		    "the certificate that the server issued does not lead to "
		    "one of its CA certificates: %s",
		    X509_verify_cert_error_string(
			X509_STORE_CTX_get_error(context)));
	return take_chain(context, ret_chain, err);
}

/* All that may stand between the leaf and a root. */
static enum error_code
gather(const struct est_expectation *expectation,
    const x509_stack *certificates, x509_stack **ret_helpers, struct error *err)
{
	CLEANUP(x509_stack) x509_stack *helpers = sk_X509_new_null();

	if (!helpers ||
	    !X509_add_certs(helpers, (x509_stack *)(uintptr_t)certificates,
		X509_ADD_FLAG_UP_REF) ||
	    !X509_add_certs(helpers,
		(x509_stack *)(uintptr_t)expectation->authorities,
		X509_ADD_FLAG_UP_REF))
		return error_no_memory(err);
	*ret_helpers = TAKE(helpers);
	return ERROR_NONE;
}

enum error_code
est_accept(const struct est_expectation *expectation,
    const x509_stack *certificates, x509_stack **ret_chain, struct error *err)
{
	CLEANUP(x509_stack) x509_stack *helpers = NULL;
	X509 *leaf;

	if (find_leaf(expectation, certificates, &leaf, err) ||
	    check_leaf(expectation, leaf, err) ||
	    gather(expectation, certificates, &helpers, err))
		return err->code;
	if (build_chain(expectation, leaf, helpers, false, ret_chain, err) ==
	    ERROR_NONE)
		return ERROR_NONE;
	return build_chain(expectation, leaf, helpers, true, ret_chain, err);
}
