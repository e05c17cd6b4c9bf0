/* SPDX-License-Identifier: MIT */
#include "est_access.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "certificate_info.h"
#include "common/base64.h"
#include "common/file.h"
#include "est_store.h"

DEFINE_CLEANUP(store, X509_STORE, X509_STORE_free)
DEFINE_CLEANUP(store_ctx, X509_STORE_CTX, X509_STORE_CTX_free)

/* ---- a password ---- */

static enum error_code
check_basic(struct cloud *cloud, const char *credentials,
    struct est_caller *caller, struct error *err)
{
	unsigned char *decoded = NULL;
	CLEANUP(secret) char *text = NULL;
	char *colon;
	size_t length;

	if (base64_decode(credentials, &decoded, &length, err))
		return error_set(
		    err, ERROR_DENIED, "The Basic credentials are not base64.");
	text = (char *)decoded;
	colon = strchr(text, ':');
	if (!colon || strlen(text) != length)
		return error_set(err, ERROR_DENIED,
		    "The Basic credentials are not 'user:password'.");
	*colon = '\0';
	if (est_user_check(cloud->database, text, colon + 1, err))
		return err->code;
	(void)snprintf(caller->name, sizeof(caller->name), "user %s", text);
	return ERROR_NONE;
}

/* What follows "Basic " in header; NULL: another scheme. */
static const char *
basic_credentials(const char *header)
{
	static const char scheme[] = "Basic ";

	if (!header || strncasecmp(header, scheme, strlen(scheme)) != 0)
		return NULL;
	return header + strlen(scheme) + strspn(header + strlen(scheme), " ");
}

/* ---- a certificate ---- */

static enum error_code
fill_store(X509_STORE *store, const x509_stack *anchors, struct error *err)
{
	for (int i = 0; i < sk_X509_num(anchors); i++)
		if (!X509_STORE_add_cert(store, sk_X509_value(anchors, i)))
			return error_set_openssl(
			    err, ERROR_INTERNAL, "trust anchors");
	return ERROR_NONE;
}

/* True if chain leads to one of anchors, which may be intermediates. */
static enum error_code
leads_to(const x509_stack *anchors, const struct request *request,
    bool *ret_leads, const char **ret_reason, struct error *err)
{
	const x509_stack *chain = request->chain;
	CLEANUP(store) X509_STORE *store = X509_STORE_new();
	CLEANUP(store_ctx) X509_STORE_CTX *verification = X509_STORE_CTX_new();

	if (!store || !verification)
		return error_no_memory(err);
	if (fill_store(store, anchors, err))
		return err->code;
	if (!X509_STORE_CTX_init(verification, store, sk_X509_value(chain, 0),
		(x509_stack *)(uintptr_t)chain))
		return error_set_openssl(err, ERROR_INTERNAL, "verification");
	X509_STORE_CTX_set_flags(verification, X509_V_FLAG_PARTIAL_CHAIN);
	X509_STORE_CTX_set_time(verification, 0, (time_t)request->now);
	*ret_leads = X509_verify_cert(verification) == 1;
	*ret_reason = X509_verify_cert_error_string(
	    X509_STORE_CTX_get_error(verification));
	return ERROR_NONE;
}

/*
 * Fills in what the certificate that is shown, if any, is good for. Our own CA
 * alone counts as ours: the CA above it also made our server's.
 */
static enum error_code
judge_certificate(struct cloud *cloud, const struct est_ca *ca,
    const struct request *request, struct est_caller *caller, struct error *err)
{
	CLEANUP(x509_stack) x509_stack *ours = sk_X509_new_null();
	CLEANUP(x509_stack) x509_stack *anchors = NULL;
	X509 *leaf = sk_X509_value(request->chain, 0);
	bool is_trusted = false;

	if (!leaf)
		return ERROR_NONE;
	if (!ours || !X509_add_cert(ours, sk_X509_value(ca->chain, 0),
			 X509_ADD_FLAG_UP_REF))
		return error_no_memory(err);
	if (leads_to(ours, request, &caller->is_ours, &caller->reason, err) ||
	    est_anchor_list(cloud->database, &anchors, err))
		return err->code;
	if (!caller->is_ours && sk_X509_num(anchors) > 0 &&
	    leads_to(anchors, request, &is_trusted, &caller->reason, err))
		return err->code;
	if (caller->is_ours || is_trusted)
		caller->certificate = leaf;
	return ERROR_NONE;
}

static enum error_code
check_certificate(
    const struct request *request, struct est_caller *caller, struct error *err)
{
	if (!sk_X509_value(request->chain, 0))
		return error_set(err, ERROR_DENIED,
		    "Ask with a password (HTTP Basic) or with a client "
		    "certificate.");
	if (!caller->certificate)
		return error_set(err, ERROR_DENIED,
		    "The client's certificate is not by a CA that may ask "
		    "here: %s.",
		    caller->reason);
	(void)snprintf(caller->name, sizeof(caller->name), "certificate %s",
	    name_text(X509_get_subject_name(caller->certificate)).text);
	return ERROR_NONE;
}

enum error_code
est_authenticate(struct cloud *cloud, const struct est_ca *ca,
    const struct request *request, struct est_caller *ret_caller,
    struct error *err)
{
	const char *credentials =
	    basic_credentials(request->headers.authorization);
	struct est_caller caller = {.certificate = NULL};

	if (judge_certificate(cloud, ca, request, &caller, err) ||
	    (credentials ? check_basic(cloud, credentials, &caller, err)
			 : check_certificate(request, &caller, err)))
		return err->code;
	*ret_caller = caller;
	return ERROR_NONE;
}
