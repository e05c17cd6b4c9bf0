/* SPDX-License-Identifier: MIT */
#include "profile.h"

#include "common/certificate.h"
#include "common/time.h"
#include "parts.h"
#include "subject.h"

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

/* Leaves of names those that accept lets in; none are NULL. */
static void
filter_names(GENERAL_NAMES **names, unsigned accept)
{
	for (int i = sk_GENERAL_NAME_num(*names) - 1; i >= 0; i--) {
		int type = sk_GENERAL_NAME_value(*names, i)->type;

		if (!(accept & parts_of_name(type)))
			GENERAL_NAME_free(sk_GENERAL_NAME_delete(*names, i));
	}
	if (sk_GENERAL_NAME_num(*names) == 0) {
		GENERAL_NAMES_free(*names);
		*names = NULL;
	}
}

/* On success wishes->alternative_names is the caller's. */
static enum error_code
read_wishes(const extension_stack *extensions, unsigned accept,
    struct wishes *wishes, struct error *err)
{
	CLEANUP(general_names) GENERAL_NAMES *names = NULL;
	void *value;

	if (read_usages(extensions, wishes, err) ||
	    decode_extension(extensions, NID_subject_alt_name, &value, err))
		return err->code;
	names = value;
	if (names)
		filter_names(&names, accept);
	wishes->alternative_names = TAKE(names);
	return ERROR_NONE;
}

/* The kind of profile says what it is for, or leaves it to the request. */
static void
set_usages(struct certificate_plan *plan, enum profile_kind kind, bool may_ask,
    const struct wishes *wishes)
{
	bool by_request = kind == PROFILE_BY_REQUEST;

	plan->is_ca = kind == PROFILE_CA;
	plan->for_server = kind == PROFILE_SERVER;
	plan->for_client =
	    kind == PROFILE_CLIENT || kind == PROFILE_DEVICE_IDENTITY;
	if (may_ask && !plan->is_ca) {
		plan->for_client |= wishes->for_client;
		plan->for_server |= wishes->for_server;
	}
	if (by_request && !plan->for_server)
		plan->for_client = true;
}

static enum error_code
does_not_fit(unsigned days, int64_t now, int64_t until, struct error *err)
{
	return error_set(err, ERROR_TIMEOUT,
	    "the issuer's certificate ends on %s, before the %u days of "
	    "expiry_days are over; renew the issuer, or set expiry_days to "
	    "at most %lld",
	    time_format(until).text, days,
	    (long long)((until - now) / SECONDS_PER_DAY));
}

/*
 * From a little before now, within issuer's life. Who asks for a lifetime that
 * does not fit is told so; who does not gets what there is.
 */
static enum error_code
set_validity(struct certificate_plan *plan, const struct profile *profile,
    const X509 *issuer, int64_t now, struct error *err)
{
	unsigned days = profile->expiry_days ? profile->expiry_days
					     : CERTD_EXPIRY_DAYS_DEFAULT;
	int64_t issuer_from, issuer_until;

	plan->not_before = now - PROFILE_BACKDATE_SECONDS;
	plan->not_after = now + days * SECONDS_PER_DAY;
	if (!issuer)
		return ERROR_NONE;
	if (time_from_asn1(X509_get0_notBefore(issuer), &issuer_from, err) ||
	    time_from_asn1(X509_get0_notAfter(issuer), &issuer_until, err))
		return error_wrap(err, "the issuer's validity");
	if (plan->not_before < issuer_from)
		plan->not_before = issuer_from;
	if (plan->not_after <= issuer_until)
		return ERROR_NONE;
	if (profile->expiry_days && !profile->clip)
		return does_not_fit(days, now, issuer_until, err);
	plan->not_after = issuer_until;
	return ERROR_NONE;
}

/* RFC 5280 section 4.2.1.9: how many CAs an issuer may have below it. */
static enum error_code
set_path_length(struct certificate_plan *plan, const struct profile *profile,
    const X509 *issuer, struct error *err)
{
	long most = issuer ? certificate_path_length(issuer)
			   : CERTIFICATE_NO_PATH_LENGTH;

	plan->path_length = profile->path_length;
	if (!plan->is_ca || most == CERTIFICATE_NO_PATH_LENGTH ||
	    profile->path_length < most)
		return ERROR_NONE;
	return error_set(err, ERROR_INVALID,
	    "the issuer's path length is %ld, so a CA below it cannot have "
	    "path_length %d",
	    most, profile->path_length);
}

static enum error_code
make_certificate(struct certificate_plan *plan, const struct profile *profile,
    const struct wishes *wishes, unsigned accept, EVP_PKEY *issuer_key,
    int64_t now, X509 **ret_certificate, struct error *err)
{
	set_usages(plan, profile->kind, (accept & PART_USAGE) != 0, wishes);
	plan->digest = profile->digest;
	if (set_path_length(plan, profile, plan->issuer, err) ||
	    set_validity(plan, profile, plan->issuer, now, err))
		return err->code;
	return certificate_create(plan, issuer_key, ret_certificate, err);
}

enum error_code
profile_certificate(const struct profile *profile, X509_REQ *request,
    const X509 *issuer, EVP_PKEY *issuer_key, int64_t now,
    X509 **ret_certificate, struct error *err)
{
	CLEANUP(x509_name) X509_NAME *subject = NULL;
	CLEANUP(extension_stack) extension_stack *extensions = NULL;
	CLEANUP(general_names) GENERAL_NAMES *names = NULL;
	struct wishes wishes = {NULL, false, false};
	unsigned accept =
	    profile->accept ? profile->accept : parts_of_kind(profile->kind);
	struct certificate_plan plan = {
	    .request_key = X509_REQ_get_X509_PUBKEY(request), .issuer = issuer};

	if (subject_choose(profile, accept, request, &subject, err) ||
	    read_extensions(request, &extensions, err) ||
	    read_wishes(extensions, accept, &wishes, err))
		return err->code;
	names = wishes.alternative_names;
	plan.subject = subject;
	plan.alternative_names = names;
	if (profile->copy_extensions)
		plan.extensions = extensions;
	return make_certificate(&plan, profile, &wishes, accept, issuer_key,
	    now, ret_certificate, err);
}
