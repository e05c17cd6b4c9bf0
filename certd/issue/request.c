/* SPDX-License-Identifier: MIT */
#include "request.h"

#include <openssl/x509v3.h>
#include <stdint.h>
#include <stdio.h>

#include "keys.h"

typedef STACK_OF(X509_EXTENSION) extension_stack;

static void
extension_stack_free(extension_stack *extensions)
{
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}

DEFINE_CLEANUP(extension_stack, extension_stack, extension_stack_free)

static enum error_code
set_subject(X509_REQ *request, const struct profile *profile,
    const X509 *current, struct error *err)
{
	CLEANUP(x509_name) X509_NAME *own = NULL;
	const X509_NAME *subject;

	if (profile_own_subject(profile, &own, err))
		return err->code;
	subject = own || !current ? own : X509_get_subject_name(current);
	if (!subject)
		return error_set(err, ERROR_INVALID,
		    "nothing says what the subject is: there is no certificate "
		    "yet, and no common_name or subject is configured");
	if (!X509_REQ_set_subject_name(request, subject))
		return error_no_memory(err);
	return ERROR_NONE;
}

/* Asks for the extension nid as current has it, if it has. */
static enum error_code
ask_again(extension_stack **extensions, const X509 *current, int nid,
    struct error *err)
{
	int position = X509_get_ext_by_NID(current, nid, -1);

	if (position >= 0 &&
	    !X509v3_add_ext(extensions, X509_get_ext(current, position), -1))
		return error_no_memory(err);
	return ERROR_NONE;
}

static enum error_code
ask_for(
    extension_stack **extensions, int nid, const char *value, struct error *err)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	bool is_added = extension && X509v3_add_ext(extensions, extension, -1);

	X509_EXTENSION_free(extension);
	return is_added ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
ask_to_be_ca(extension_stack **extensions, int path_length, struct error *err)
{
	char constraints[sizeof("critical,CA:TRUE,pathlen:-2147483648")];

	(void)snprintf(constraints, sizeof(constraints),
	    "critical,CA:TRUE,pathlen:%d", path_length);
	if (ask_for(extensions, NID_basic_constraints, constraints, err) ||
	    ask_for(
		extensions, NID_key_usage, "critical,keyCertSign,cRLSign", err))
		return err->code;
	return ERROR_NONE;
}

/* Asks for what profile is for, unless the request says so already. */
static enum error_code
ask_usage(extension_stack **extensions, const struct profile *profile,
    struct error *err)
{
	enum profile_kind kind = profile->kind;

	if (kind == PROFILE_CA)
		return ask_to_be_ca(extensions, profile->path_length, err);
	if (X509v3_get_ext_by_NID(*extensions, NID_ext_key_usage, -1) >= 0 ||
	    X509v3_get_ext_by_NID(*extensions, NID_basic_constraints, -1) >= 0)
		return ERROR_NONE;
	return ask_for(extensions, NID_ext_key_usage,
	    kind == PROFILE_SERVER ? "serverAuth" : "clientAuth", err);
}

/* What current is for is asked for again, unless the profile says otherwise. */
static bool
is_still_for(const struct profile *profile, const X509 *current)
{
	unsigned usages =
	    X509_get_extended_key_usage((X509 *)(uintptr_t)current);

	if (!profile->ask_usage || profile->kind == PROFILE_BY_REQUEST)
		return true;
	if (profile->kind == PROFILE_CA)
		return false;
	return usages & (profile->kind == PROFILE_SERVER ? XKU_SSL_SERVER
							 : XKU_SSL_CLIENT);
}

/* A CA whose profile does not say so is to be one again. */
static enum error_code
ask_to_stay_ca(extension_stack **extensions, const struct profile *profile,
    const X509 *current, struct error *err)
{
	if (profile->kind != PROFILE_BY_REQUEST || !certificate_is_ca(current))
		return ERROR_NONE;
	if (ask_again(extensions, current, NID_basic_constraints, err) ||
	    ask_again(extensions, current, NID_key_usage, err))
		return err->code;
	return ERROR_NONE;
}

static enum error_code
set_extensions(X509_REQ *request, const struct profile *profile,
    const X509 *current, struct error *err)
{
	CLEANUP(extension_stack) extension_stack *extensions = NULL;

	if (current &&
	    (ask_again(&extensions, current, NID_subject_alt_name, err) ||
		ask_to_stay_ca(&extensions, profile, current, err)))
		return err->code;
	if (current && is_still_for(profile, current) &&
	    ask_again(&extensions, current, NID_ext_key_usage, err))
		return err->code;
	if (profile->ask_usage && ask_usage(&extensions, profile, err))
		return err->code;
	if (extensions && !X509_REQ_add_extensions(request, extensions))
		return error_set_openssl(
		    err, ERROR_INTERNAL, "extensions of the request");
	return ERROR_NONE;
}

static enum error_code
sign(X509_REQ *request, EVP_PKEY *key, const EVP_MD *digest, struct error *err)
{
	bool hashes_itself =
	    EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448");

	if (!X509_REQ_set_pubkey(request, key) ||
	    !X509_REQ_sign(request, key, hashes_itself ? NULL : digest))
		return error_set_openssl(
		    err, ERROR_INTERNAL, "signing the request");
	return ERROR_NONE;
}

enum error_code
request_create(const struct profile *profile, const X509 *current,
    const char *key_id, X509_REQ **ret_request, struct error *err)
{
	CLEANUP(x509_req) X509_REQ *request = X509_REQ_new();
	CLEANUP(pkey) EVP_PKEY *key = NULL;

	if (!request)
		return error_no_memory(err);
	if (set_subject(request, profile, current, err) ||
	    set_extensions(request, profile, current, err))
		return err->code;
	if (keys_load(key_id, &key, err))
		return err->code;
	if (sign(request, key, profile->digest ? profile->digest : EVP_sha256(),
		err))
		return err->code;
	*ret_request = TAKE(request);
	return ERROR_NONE;
}

enum error_code
request_rename(const struct profile *profile, const X509_REQ *asked,
    const char *key_id, X509_REQ **ret_request, struct error *err)
{
	CLEANUP(x509_name) X509_NAME *own = NULL;
	CLEANUP(x509_req) X509_REQ *request = NULL;
	CLEANUP(pkey) EVP_PKEY *key = NULL;

	*ret_request = NULL;
	if (profile_own_subject(profile, &own, err))
		return err->code;
	if (!own || X509_NAME_cmp(own, X509_REQ_get_subject_name(asked)) == 0)
		return ERROR_NONE;
	if (keys_load(key_id, &key, err))
		return err->code == ERROR_NOT_FOUND || err->code == ERROR_DENIED
			   ? ERROR_NONE
			   : err->code;
	request = X509_REQ_dup(asked);
	if (!request)
		return error_no_memory(err);
	if (EVP_PKEY_eq(key, X509_REQ_get0_pubkey(request)) != 1)
		return ERROR_NONE;
	if (!X509_REQ_set_subject_name(request, own))
		return error_no_memory(err);
	if (sign(request, key, profile->digest ? profile->digest : EVP_sha256(),
		err))
		return err->code;
	*ret_request = TAKE(request);
	return ERROR_NONE;
}
