/* SPDX-License-Identifier: MIT */
#include "est_issue.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/base64.h"
#include "common/certificate.h"
#include "common/time.h"
#include "pki.h"

#define REQUEST_BYTES_MAX ((size_t)64 * 1024)
#define RSA_BITS_MIN 2048
#define BACKDATE_SECONDS 300

typedef STACK_OF(X509_EXTENSION) extension_stack;

static inline void
extension_stack_free(extension_stack *extensions)
{
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}
DEFINE_CLEANUP(extension_stack, extension_stack, extension_stack_free)
DEFINE_CLEANUP(general_names, GENERAL_NAMES, GENERAL_NAMES_free)
DEFINE_CLEANUP(der, unsigned char, OPENSSL_free)

/* ---- reading ---- */

/* base64 without its line breaks; the caller frees it. */
static enum error_code
join_lines(const char *body, size_t length, char **ret_text, struct error *err)
{
	char *text = malloc(length + 1);
	size_t used = 0;

	if (!text)
		return error_no_memory(err);
	for (size_t i = 0; i < length; i++)
		if (!isspace((unsigned char)body[i]))
			text[used++] = body[i];
	text[used] = '\0';
	if (used == 0 || strlen(text) != used) {
		free(text);
		return error_set(err, ERROR_INVALID,
		    "The body is not the base64 of a PKCS#10 request.");
	}
	*ret_text = text;
	return ERROR_NONE;
}

static enum error_code
check_key(EVP_PKEY *key, struct error *err)
{
	if (!key)
		return error_set_openssl(
		    err, ERROR_INVALID, "The request's public key");
	if (EVP_PKEY_is_a(key, "EC") || EVP_PKEY_is_a(key, "ED25519"))
		return ERROR_NONE;
	if (EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= RSA_BITS_MIN)
		return ERROR_NONE;
	return error_set(err, ERROR_INVALID,
	    "The request's key is neither EC nor RSA of %d bits or more.",
	    RSA_BITS_MIN);
}

static enum error_code
decode_request(const char *text, X509_REQ **ret_request, struct error *err)
{
	CLEANUP(x509_req) X509_REQ *request = NULL;
	unsigned char *data = NULL;
	const unsigned char *position;
	size_t length;

	if (base64_decode(text, &data, &length, err))
		return error_set(err, ERROR_INVALID,
		    "The body is not the base64 of a PKCS#10 request: %s.",
		    err->message);
	position = data;
	request = d2i_X509_REQ(NULL, &position, (long)length);
	if (request && position != data + length) {
		X509_REQ_free(request);
		request = NULL;
	}
	free(data);
	if (!request)
		return error_set_openssl(
		    err, ERROR_INVALID, "The body is no PKCS#10 request");
	*ret_request = TAKE(request);
	return ERROR_NONE;
}

enum error_code
est_read_request(
    const char *body, size_t length, X509_REQ **ret_request, struct error *err)
{
	CLEANUP(string) char *text = NULL;
	CLEANUP(x509_req) X509_REQ *request = NULL;
	EVP_PKEY *key;

	if (length > REQUEST_BYTES_MAX)
		return error_set(err, ERROR_INVALID,
		    "A request has at most %zu bytes.", REQUEST_BYTES_MAX);
	if (join_lines(body, length, &text, err) ||
	    decode_request(text, &request, err))
		return err->code;
	key = X509_REQ_get0_pubkey(request);
	if (check_key(key, err))
		return err->code;
	if (X509_REQ_verify(request, key) != 1)
		return error_set_openssl(
		    err, ERROR_INVALID, "The request's signature is wrong");
	*ret_request = TAKE(request);
	return ERROR_NONE;
}

/* NULL in *ret_names if the request has none. */
static enum error_code
requested_names(
    const X509_REQ *request, GENERAL_NAMES **ret_names, struct error *err)
{
	CLEANUP(extension_stack)
	extension_stack *extensions =
	    X509_REQ_get_extensions((X509_REQ *)(uintptr_t)request);
	int critical = 0;

	*ret_names =
	    X509V3_get_d2i(extensions, NID_subject_alt_name, &critical, NULL);
	if (!*ret_names && critical != -1)
		return error_set_openssl(err, ERROR_INVALID,
		    "The request's alternative names cannot be read");
	return ERROR_NONE;
}

/* ---- issuing ---- */

/* An issuer's certificate that ends earlier ends ours. */
static enum error_code
set_dates(struct certificate_plan *plan, const struct est_order *order,
    struct error *err)
{
	int64_t end;

	plan->not_before = order->now - BACKDATE_SECONDS;
	plan->not_after = order->now + order->lifetime_seconds;
	if (time_from_asn1(X509_get0_notAfter(plan->issuer), &end, err))
		return err->code;
	if (plan->not_after > end)
		plan->not_after = end;
	return ERROR_NONE;
}

/* Our own CA may not have every CA below it (RFC 5280 section 4.2.1.9). */
static enum error_code
set_usages(struct certificate_plan *plan, const struct est_order *order,
    const X509_REQ *request, struct error *err)
{
	long most = certificate_path_length(plan->issuer);
	struct est_usages usages;

	if (est_usages_choose(&order->usages, request, &usages, err))
		return err->code;
	if (usages.ca && most == 0)
		return error_set(err, ERROR_INVALID,
		    "There can be no CA below the EST server's.");
	plan->for_client = usages.client && order->fault != FAULT_NO_EKU;
	plan->for_server = usages.server && order->fault != FAULT_NO_EKU;
	plan->is_ca = usages.ca || order->fault == FAULT_CA;
	plan->path_length = usages.path_length;
	if (usages.ca && most != CERTIFICATE_NO_PATH_LENGTH &&
	    usages.path_length >= most)
		plan->path_length = (int)most - 1;
	return ERROR_NONE;
}

enum error_code
est_issue(const struct est_ca *ca, X509_REQ *request,
    const struct est_order *order, X509 **ret_certificate, struct error *err)
{
	enum fault_kind fault = order->fault;
	CLEANUP(general_names) GENERAL_NAMES *names = NULL;
	CLEANUP(x509_name) X509_NAME *other_name = NULL;
	CLEANUP(pkey) EVP_PKEY *other_key = NULL;
	struct certificate_plan plan = {
	    .subject = X509_REQ_get_subject_name(request),
	    .public_key = X509_REQ_get0_pubkey(request),
	    .issuer = sk_X509_value(ca->chain, 0)};

	if (requested_names(request, &names, err) ||
	    set_dates(&plan, order, err) ||
	    set_usages(&plan, order, request, err))
		return err->code;
	plan.alternative_names = names;
	if (X509_NAME_entry_count(plan.subject) == 0)
		return error_set(
		    err, ERROR_INVALID, "The request has no subject.");
	if (fault == FAULT_WRONG_KEY) {
		if (pki_create_key(&other_key, err))
			return err->code;
		plan.public_key = other_key;
	}
	if (fault == FAULT_WRONG_SUBJECT) {
		if (name_from_common_name("stranger", &other_name, err))
			return err->code;
		plan.subject = other_name;
	}
	return certificate_create(&plan, ca->key, ret_certificate, err);
}

/* ---- comparing ---- */

static bool
same_names(GENERAL_NAMES *a, GENERAL_NAMES *b)
{
	CLEANUP(der) unsigned char *a_der = NULL;
	CLEANUP(der) unsigned char *b_der = NULL;
	int a_length, b_length;

	if (!a || !b)
		return !a == !b;
	a_length = i2d_GENERAL_NAMES(a, &a_der);
	b_length = i2d_GENERAL_NAMES(b, &b_der);
	return a_length > 0 && a_length == b_length &&
	       memcmp(a_der, b_der, (size_t)a_length) == 0;
}

enum error_code
est_check_same_names(
    const X509_REQ *request, const X509 *certificate, struct error *err)
{
	CLEANUP(general_names) GENERAL_NAMES *asked = NULL;
	CLEANUP(general_names)
	GENERAL_NAMES *has =
	    X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);

	if (requested_names(request, &asked, err))
		return err->code;
	if (X509_NAME_cmp(X509_REQ_get_subject_name(request),
		X509_get_subject_name(certificate)) != 0)
		return error_set(err, ERROR_INVALID,
		    "The request has another subject than the certificate "
		    "that is shown (RFC 7030 section 4.2.2).");
	if (!same_names(asked, has))
		return error_set(err, ERROR_INVALID,
		    "The request has other alternative names than the "
		    "certificate that is shown (RFC 7030 section 4.2.2).");
	return ERROR_NONE;
}
