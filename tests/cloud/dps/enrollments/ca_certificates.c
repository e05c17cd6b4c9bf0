/* SPDX-License-Identifier: MIT */
#include "ca_certificates.h"

#include <string.h>

#include "certificate_info.h"
#include "common/base64.h"
#include "common/file.h"
#include "etag.h"

#define CODE_BYTES 24

/* ---- the rules ---- */

enum error_code
ca_certificate_from_text(
    const char *text, X509 **ret_certificate, struct error *err)
{
	CLEANUP(bytes) unsigned char *decoded = NULL;
	struct error ignored;
	size_t length;

	if (certificate_from_text(text, ret_certificate, err) == ERROR_NONE)
		return ERROR_NONE;
	if (base64_decode(text, &decoded, &length, &ignored) ||
	    strlen((char *)decoded) != length)
		return err->code;
	return certificate_from_text((char *)decoded, ret_certificate, err);
}

enum error_code
ca_check(X509 *certificate, struct error *err)
{
	if (X509_check_ca(certificate) == 0)
		return error_set(err, ERROR_INVALID,
		    "'%s' is not a CA certificate",
		    name_text(X509_get_subject_name(certificate)).text);
	return ERROR_NONE;
}

enum error_code
ca_new_code(
    struct database *database, struct ca_certificate *ca, struct error *err)
{
	_Static_assert(sizeof(ca->code) == 2 * CODE_BYTES + 1, "hex and NUL");

	if (random_hex(ca->code, CODE_BYTES, err))
		return err->code;
	return ca_store_put(database, ca, err);
}

/* Signed by the CA's key, which is what there is to prove. */
static enum error_code
check_signature(
    const struct ca_certificate *ca, const X509 *proof, struct error *err)
{
	CLEANUP(x509) X509 *copy = X509_dup((X509 *)(uintptr_t)proof);

	if (!copy)
		return error_no_memory(err);
	if (X509_check_issued(ca->certificate, copy) != X509_V_OK ||
	    X509_verify(copy, X509_get0_pubkey(ca->certificate)) != 1)
		return error_set_openssl(err, ERROR_INVALID,
		    "the verification certificate is not signed by the CA");
	return ERROR_NONE;
}

enum error_code
ca_verify(struct database *database, struct ca_certificate *ca,
    const X509 *proof, struct error *err)
{
	CLEANUP(string) char *name = NULL;

	if (!*ca->code)
		return error_set(err, ERROR_INVALID,
		    "generate a verification code for '%s' first",
		    ca->name.text);
	if (name_common_name(X509_get_subject_name(proof), &name, err) ||
	    check_signature(ca, proof, err))
		return err->code;
	if (strcmp(name, ca->code) != 0)
		return error_set(err, ERROR_INVALID,
		    "the verification certificate is for '%.64s'; its common "
		    "name must be the verification code",
		    name);
	ca->is_verified = true;
	ca->code[0] = '\0';
	return ca_store_put(database, ca, err);
}

/* ---- the calls ---- */

/* As the calls show it. *ret_value is the caller's. */
static enum error_code
ca_to_json(
    const struct ca_certificate *ca, json_t **ret_value, struct error *err)
{
	CLEANUP(json) json_t *info = NULL;
	CLEANUP(json) json_t *value = NULL;

	if (certificate_info(ca->certificate, &info, err))
		return err->code;
	value = json_pack("{s:s, s:s, s:{s:O, s:O, s:O, s:b, s:s, s:s}}",
	    "name", ca->name.text, "etag", ca->etag.text, "properties",
	    "subject", json_object_get(info, "subjectName"), "expiry",
	    json_object_get(info, "notAfterUtc"), "thumbprint",
	    json_object_get(info, "sha1Thumbprint"), "isVerified",
	    (int)ca->is_verified, "created", ca->created.text, "updated",
	    ca->updated.text);
	if (!value)
		return error_no_memory(err);
	if (*ca->code &&
	    json_object_set_new(json_object_get(value, "properties"),
		"verificationCode", json_string(ca->code)))
		return error_no_memory(err);
	*ret_value = TAKE(value);
	return ERROR_NONE;
}

static enum error_code
reply_ca(
    const struct ca_certificate *ca, struct reply *reply, struct error *err)
{
	json_t *value;

	if (ca_to_json(ca, &value, err))
		return err->code;
	return reply_record(reply, value, err);
}

static enum error_code
check_precondition(const struct request *request,
    const struct ca_certificate *ca, struct reply *reply)
{
	const char *if_match = request->headers.if_match;

	if (!if_match || etag_matches(if_match, ca->etag.text))
		return ERROR_NONE;
	return refuse(reply, REFUSE_PRECONDITION,
	    "The CA certificate '%s' has changed since.", ca->name.text);
}

enum error_code
ca_find(struct cloud *cloud, const struct request *request, struct reply *reply,
    struct ca_certificate *ret_ca, struct error *err)
{
	struct id_text name;

	if (id_parse(request->params[0], &name, err))
		return err->code;
	if (ca_store_get(cloud->database, &name, ret_ca, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : refuse(reply, REFUSE_ROUTE,
				 "There is no CA certificate '%s'.", name.text);
	return ERROR_NONE;
}

/* Reads the one in the path, which If-Match may name; else it is answered. */
static enum error_code
find(struct cloud *cloud, const struct request *request, struct reply *reply,
    struct ca_certificate *ret_ca, struct error *err)
{
	if (ca_find(cloud, request, reply, ret_ca, err))
		return err->code;
	return reply->status ? ERROR_NONE
			     : check_precondition(request, ret_ca, reply);
}

enum error_code
ca_append_json(
    void *context, const struct ca_certificate *ca, struct error *err)
{
	json_t *value;

	if (ca_to_json(ca, &value, err))
		return err->code;
	if (json_array_append_new(context, value))
		return error_no_memory(err);
	return ERROR_NONE;
}

enum error_code
list_ca_certificates(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP(json) json_t *values = json_array();

	(void)request;
	if (!values)
		return error_no_memory(err);
	if (ca_store_visit(cloud->database, ca_append_json, values, err))
		return err->code;
	return reply_json(reply, 200, json_pack("{s:O}", "value", values), err);
}

enum error_code
get_ca_certificate(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(ca_certificate) struct ca_certificate ca = {0};

	if (find(cloud, request, reply, &ca, err))
		return err->code;
	return reply->status ? ERROR_NONE : reply_ca(&ca, reply, err);
}

static enum error_code
read_body(
    const struct request *request, struct ca_certificate *ca, struct error *err)
{
	const json_t *properties;
	const char *text;

	if (json_get_object(request->json, "properties", &properties, err) ||
	    json_get_string(properties, "certificate", &text, err) ||
	    json_get_bool(
		properties, "isVerified", false, &ca->is_verified, err) ||
	    ca_certificate_from_text(text, &ca->certificate, err))
		return err->code;
	return ca_check(ca->certificate, err);
}

enum error_code
ca_refuse_if_used(struct cloud *cloud, const struct id_text *name,
    struct reply *reply, struct error *err)
{
	bool is_used;

	if (ca_store_is_used(cloud->database, name, &is_used, err))
		return err->code;
	return is_used ? refuse(reply, REFUSE_ENROLLMENT_EXISTS,
			     "Enrollments name the CA certificate '%s'; "
			     "change them first.",
			     name->text)
		       : ERROR_NONE;
}

enum error_code
put_ca_certificate(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(ca_certificate) struct ca_certificate stored = {0};
	CLEANUP_DONE(ca_certificate) struct ca_certificate ca = {0};

	if (id_parse(request->params[0], &ca.name, err) ||
	    read_body(request, &ca, err))
		return err->code;
	if (ca_store_get(cloud->database, &ca.name, &stored, err)) {
		if (err->code != ERROR_NOT_FOUND)
			return err->code;
	} else {
		ca.created = stored.created;
		if (check_precondition(request, &stored, reply) ||
		    (!reply->status &&
			ca_refuse_if_used(cloud, &ca.name, reply, err)))
			return err->code;
		if (reply->status)
			return ERROR_NONE;
	}
	if (ca_store_put(cloud->database, &ca, err))
		return err->code;
	return reply_ca(&ca, reply, err);
}

enum error_code
delete_ca_certificate(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(ca_certificate) struct ca_certificate ca = {0};

	if (find(cloud, request, reply, &ca, err))
		return err->code;
	if (!reply->status && ca_refuse_if_used(cloud, &ca.name, reply, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	if (ca_store_delete(cloud->database, &ca.name, err))
		return err->code;
	reply->status = 204;
	return ERROR_NONE;
}

enum error_code
generate_verification_code(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(ca_certificate) struct ca_certificate ca = {0};

	if (find(cloud, request, reply, &ca, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	if (ca_new_code(cloud->database, &ca, err))
		return err->code;
	return reply_ca(&ca, reply, err);
}

enum error_code
verify_ca_certificate(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(ca_certificate) struct ca_certificate ca = {0};
	CLEANUP(x509) X509 *proof = NULL;
	const char *text;

	if (find(cloud, request, reply, &ca, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	if (json_get_string(request->json, "certificate", &text, err) ||
	    ca_certificate_from_text(text, &proof, err) ||
	    ca_verify(cloud->database, &ca, proof, err))
		return err->code;
	return reply_ca(&ca, reply, err);
}
