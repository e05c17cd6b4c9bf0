/* SPDX-License-Identifier: MIT */
/* Certificates in the form in which libsignet-pkcs11.so shows them. */
#include "common/base64.h"
#include "routes_shared.h"

struct objects {
	const struct certs *certs;
	json_t *array;
};

/* Takes what i2d_...() made; a new reference, NULL: no memory. */
static json_t *
der_to_json(unsigned char *der, int length)
{
	CLEANUP(string) char *text = NULL;

	if (length > 0)
		text = base64_encode(der, (size_t)length);
	OPENSSL_free(der);
	return text ? json_string(text) : NULL;
}

static json_t *
value_of(const X509 *certificate)
{
	unsigned char *der = NULL;
	int length = i2d_X509(certificate, &der);

	return der_to_json(der, length);
}

static json_t *
name_of(const X509_NAME *name)
{
	unsigned char *der = NULL;
	int length = i2d_X509_NAME(name, &der);

	return der_to_json(der, length);
}

static json_t *
serial_of(const X509 *certificate)
{
	unsigned char *der = NULL;
	int length =
	    i2d_ASN1_INTEGER(X509_get0_serialNumber(certificate), &der);

	return der_to_json(der, length);
}

static enum error_code
add_object(
    void *context, const char *id, const X509 *certificate, struct error *err)
{
	const struct objects *objects = context;
	const struct policy policy = certs_policy(objects->certs, id);
	json_t *object = json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o}", "id",
	    id, "key", policy.pk, "ca", certificate_is_ca(certificate), "value",
	    value_of(certificate), "subject",
	    name_of(X509_get_subject_name(certificate)), "issuer",
	    name_of(X509_get_issuer_name(certificate)), "serialNumber",
	    serial_of(certificate));

	if (!object || json_array_append_new(objects->array, object))
		return error_no_memory(err);
	return ERROR_NONE;
}

enum error_code
handle_objects(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	CLEANUP(json) json_t *array = json_array();
	struct objects objects = {.array = array};

	(void)request;
	if (require_certs(context, &objects.certs, err) ||
	    certs_each(objects.certs, add_object, &objects, err))
		return err->code;
	reply->body = json_pack("{s:O}", "certificates", array);
	return reply->body ? ERROR_NONE : error_no_memory(err);
}
