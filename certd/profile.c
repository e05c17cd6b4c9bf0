/* SPDX-License-Identifier: MIT */
#include "profile.h"

#include <string.h>

#include "common/certificate.h"

#define SECONDS_PER_DAY INT64_C(86400)

typedef STACK_OF(X509_EXTENSION) extension_stack;

static void
extension_stack_free(extension_stack *extensions)
{
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}

DEFINE_CLEANUP(extension_stack, extension_stack, extension_stack_free)
DEFINE_CLEANUP(key_usages, EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free)
DEFINE_CLEANUP(general_names, GENERAL_NAMES, GENERAL_NAMES_free)

/* What a request asks for beyond its subject, as far as we grant it. */
struct wishes {
	GENERAL_NAMES *alternative_names; /* NULL: none */
	bool for_client;
	bool for_server;
};

/* A byte that continues a character of UTF-8: 10xxxxxx. */
static bool
is_continuation(char byte)
{
	return ((unsigned char)byte & 0xc0U) == 0x80;
}

char *
profile_cut_common_name(const char *text)
{
	const char *end = text;
	size_t characters = 0;

	for (; *end; end++)
		if (!is_continuation(*end) &&
		    ++characters > PROFILE_COMMON_NAME_MAX)
			break;
	return strndup(text, (size_t)(end - text));
}

static enum error_code
choose_subject(const struct profile *profile, const X509_REQ *request,
    X509_NAME **ret_subject, struct error *err)
{
	CLEANUP(string) char *common_name = NULL;
	const X509_NAME *asked = X509_REQ_get_subject_name(request);

	if (profile->common_name) {
		common_name = profile_cut_common_name(profile->common_name);
		if (!common_name)
			return error_no_memory(err);
		return name_from_common_name(common_name, ret_subject, err);
	}
	if (X509_NAME_entry_count(asked) == 0)
		return error_set(err, ERROR_INVALID,
		    "the request has no subject, and no common_name is "
		    "configured");
	*ret_subject = X509_NAME_dup(asked);
	return *ret_subject ? ERROR_NONE : error_no_memory(err);
}

/*
 * Decodes the one extension nid of a request. *ret_value stays NULL where there
 * is none; two of a kind or one that does not decode are an error.
 */
static enum error_code
decode_extension(const extension_stack *extensions, int nid, void **ret_value,
    struct error *err)
{
	int critical;

	*ret_value = X509V3_get_d2i(extensions, nid, &critical, NULL);
	if (*ret_value || critical == -1)
		return ERROR_NONE;
	if (critical == -2)
		return error_set(err, ERROR_INVALID,
		    "the request asks twice for %s", OBJ_nid2ln(nid));
	return error_set_openssl(
	    err, ERROR_INVALID, "an extension of the request is not readable");
}

static enum error_code
read_usages(
    const extension_stack *extensions, struct wishes *wishes, struct error *err)
{
	CLEANUP(key_usages) EXTENDED_KEY_USAGE *usages = NULL;
	void *value;

	if (decode_extension(extensions, NID_ext_key_usage, &value, err))
		return err->code;
	usages = value;
	for (int i = 0; i < sk_ASN1_OBJECT_num(usages); i++) {
		int nid = OBJ_obj2nid(sk_ASN1_OBJECT_value(usages, i));

		wishes->for_client |= nid == NID_client_auth;
		wishes->for_server |= nid == NID_server_auth;
	}
	return ERROR_NONE;
}

/* *ret_extensions stays NULL, which is success, if request asks for none. */
static enum error_code
read_extensions(
    X509_REQ *request, extension_stack **ret_extensions, struct error *err)
{
	*ret_extensions = X509_REQ_get_extensions(request);
	if (!*ret_extensions &&
	    X509_REQ_get_attr_by_NID(request, NID_ext_req, -1) >= 0)
		return error_set_openssl(err, ERROR_INVALID,
		    "the extensions of the request are not readable");
	return ERROR_NONE;
}

/* On success wishes->alternative_names is the caller's. */
static enum error_code
read_wishes(X509_REQ *request, struct wishes *wishes, struct error *err)
{
	CLEANUP(extension_stack) extension_stack *extensions = NULL;
	void *names;

	if (read_extensions(request, &extensions, err) ||
	    read_usages(extensions, wishes, err) ||
	    decode_extension(extensions, NID_subject_alt_name, &names, err))
		return err->code;
	if (!wishes->for_client && !wishes->for_server)
		wishes->for_client = true;
	wishes->alternative_names = names;
	return ERROR_NONE;
}

/* From a little before now, as long as configured, within issuer's life. */
static enum error_code
set_validity(struct certificate_plan *plan, const struct profile *profile,
    const X509 *issuer, int64_t now, struct error *err)
{
	unsigned days = profile->expiry_days ? profile->expiry_days
					     : PROFILE_EXPIRY_DAYS_DEFAULT;
	int64_t issuer_from, issuer_until;

	if (time_from_asn1(X509_get0_notBefore(issuer), &issuer_from, err) ||
	    time_from_asn1(X509_get0_notAfter(issuer), &issuer_until, err))
		return error_wrap(err, "the issuer's validity");
	plan->not_before = now - PROFILE_BACKDATE_SECONDS;
	plan->not_after = now + days * SECONDS_PER_DAY;
	if (plan->not_before < issuer_from)
		plan->not_before = issuer_from;
	if (plan->not_after > issuer_until)
		plan->not_after = issuer_until;
	return ERROR_NONE;
}

enum error_code
profile_certificate(const struct profile *profile, X509_REQ *request,
    const X509 *issuer, EVP_PKEY *issuer_key, int64_t now,
    X509 **ret_certificate, struct error *err)
{
	CLEANUP(x509_name) X509_NAME *subject = NULL;
	CLEANUP(general_names) GENERAL_NAMES *names = NULL;
	struct wishes wishes = {NULL, false, false};
	struct certificate_plan plan = {
	    .public_key = X509_REQ_get0_pubkey(request), .issuer = issuer};

	if (choose_subject(profile, request, &subject, err) ||
	    read_wishes(request, &wishes, err))
		return err->code;
	names = wishes.alternative_names;
	plan.subject = subject;
	plan.alternative_names = names;
	plan.for_client = wishes.for_client;
	plan.for_server = wishes.for_server;
	if (set_validity(&plan, profile, issuer, now, err))
		return err->code;
	return certificate_create(&plan, issuer_key, ret_certificate, err);
}
