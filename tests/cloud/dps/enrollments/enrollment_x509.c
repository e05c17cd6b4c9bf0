/* SPDX-License-Identifier: MIT */
#include "enrollment_x509.h"

#include <string.h>
#include <strings.h>

#include "attest_x509.h"
#include "certificate_info.h"

static const char *const slot_names[ENROLLED_CERTIFICATES] = {
    "primary", "secondary"};

static bool
has_thumbprint(const X509 *certificate, const EVP_MD *algorithm,
    const json_t *info, const char *member)
{
	const char *text = json_string_value(json_object_get(info, member));
	struct thumbprint actual;
	struct error ignored;

	return text &&
	       !thumbprint_create(certificate, algorithm, &actual, &ignored) &&
	       strcasecmp(actual.text, text) == 0;
}

/*
 * The usual SDK update is get, change, put: it brings the info back and not
 * the certificate. To forget the certificate then would lock the devices out.
 */
static enum error_code
keep_stored(const json_t *info, const struct enrolled *stored,
    X509 **ret_certificate, struct error *err)
{
	for (size_t i = 0; stored && i < ENROLLED_CERTIFICATES; i++) {
		X509 *kept = stored->certificates[i];

		if (!kept || (!has_thumbprint(kept, EVP_sha256(), info,
				  "sha256Thumbprint") &&
				 !has_thumbprint(
				     kept, EVP_sha1(), info, "sha1Thumbprint")))
			continue;
		(void)X509_up_ref(kept);
		*ret_certificate = kept;
		return ERROR_NONE;
	}
	return error_set(err, ERROR_INVALID,
	    "there is neither a 'certificate' nor the 'info' of one that is "
	    "enrolled");
}

/* One that could not register would be no use, and no better. */
static enum error_code
check_certificate(
    enum enrollment_kind kind, X509 *certificate, struct error *err)
{
	if (attest_strength(certificate, kind == ENROLLMENT_GROUP, err))
		return error_set(err, ERROR_INVALID, "%s", err->message);
	/* X509_check_ca() also knows the old roots without extensions. */
	if (kind == ENROLLMENT_GROUP && X509_check_ca(certificate) == 0)
		return error_set(err, ERROR_INVALID,
		    "'%s' is not a CA certificate; a group needs the "
		    "certificate of the CA that signs its devices",
		    name_text(X509_get_subject_name(certificate)).text);
	return ERROR_NONE;
}

/* Reads one slot; an absent one leaves *ret_certificate NULL. */
static enum error_code
read_slot(enum enrollment_kind kind, json_t *certificates, const char *name,
    const struct enrolled *stored, X509 **ret_certificate, struct error *err)
{
	CLEANUP(x509) X509 *certificate = NULL;
	json_t *slot = json_object_get(certificates, name);
	json_t *info;
	const char *text;

	if (!slot || json_is_null(slot))
		return ERROR_NONE;
	if (!json_is_object(slot))
		return error_set(
		    err, ERROR_MALFORMED, "'%s' must be an object", name);
	if (json_get_optional_string(slot, "certificate", &text, err))
		return error_wrap(err, "'%s'", name);
	if (text && *text ? certificate_from_text(text, &certificate, err)
			  : keep_stored(json_object_get(slot, "info"), stored,
				&certificate, err))
		return error_wrap(err, "'%s'", name);
	if (check_certificate(kind, certificate, err) ||
	    certificate_info(certificate, &info, err))
		return error_wrap(err, "'%s'", name);

	(void)json_object_clear(slot);
	if (json_object_set_new(slot, "info", info))
		return error_no_memory(err);
	*ret_certificate = TAKE(certificate);
	return ERROR_NONE;
}

/* The member with the certificates, of which one kind belongs here. */
static enum error_code
find_certificates(enum enrollment_kind kind, const json_t *x509,
    json_t **ret_certificates, struct error *err)
{
	const char *member = kind == ENROLLMENT_GROUP ? "signingCertificates"
						      : "clientCertificates";
	const char *foreign = kind == ENROLLMENT_GROUP ? "clientCertificates"
						       : "signingCertificates";
	json_t *certificates = json_object_get(x509, member);
	const json_t *other = json_object_get(x509, foreign);

	if (other && !json_is_null(other))
		return error_set(err, ERROR_INVALID,
		    "'%s' does not belong here, '%s' does", foreign, member);
	if (!json_is_object(certificates))
		return error_set(
		    err, ERROR_MALFORMED, "'%s' must be an object", member);
	*ret_certificates = certificates;
	return ERROR_NONE;
}

static enum error_code
read_certificates(const struct enrollment_context *context, const json_t *x509,
    struct enrollment *enrollment, struct error *err)
{
	const struct enrollment *stored =
	    context->whole ? NULL : context->stored;
	json_t *certificates;

	if (find_certificates(enrollment->kind, x509, &certificates, err))
		return err->code;
	for (size_t i = 0; i < ENROLLED_CERTIFICATES; i++)
		if (read_slot(enrollment->kind, certificates, slot_names[i],
			stored ? &stored->enrolled : NULL,
			&enrollment->enrolled.certificates[i], err))
			return err->code;
	if (!enrollment->enrolled.certificates[0])
		return error_set(
		    err, ERROR_INVALID, "'primary' certificate is missing");
	return ERROR_NONE;
}

static enum error_code
find_reference(const struct enrollment_context *context, const char *name,
    X509 **ret_certificate, struct error *err)
{
	if (!context->find_ca)
		return error_set(err, ERROR_INVALID,
		    "there is no CA certificate '%s'", name);
	return context->find_ca(
	    context->find_context, name, ret_certificate, err);
}

static enum error_code
read_references(const struct enrollment_context *context,
    const json_t *references, struct enrollment *enrollment, struct error *err)
{
	const char *name;

	if (!json_is_object(references))
		return error_set(
		    err, ERROR_MALFORMED, "'caReferences' must be an object");
	for (size_t i = 0; i < ENROLLED_CERTIFICATES; i++) {
		if (json_get_optional_string(
			references, slot_names[i], &name, err))
			return error_wrap(err, "'caReferences'");
		if (name && *name &&
		    find_reference(context, name,
			&enrollment->enrolled.certificates[i], err))
			return error_wrap(err, "'caReferences'");
	}
	if (!enrollment->enrolled.certificates[0])
		return error_set(
		    err, ERROR_INVALID, "'caReferences' has no 'primary' name");
	enrollment->by_reference = true;
	return ERROR_NONE;
}

/* SDKs send every member, null where there is nothing. */
static bool
is_given(const json_t *x509, const char *member)
{
	const json_t *value = json_object_get(x509, member);

	return value && !json_is_null(value);
}

enum error_code
enrollment_x509_read(const struct enrollment_context *context,
    const json_t *x509, struct enrollment *enrollment, struct error *err)
{
	if (!is_given(x509, "caReferences"))
		return read_certificates(context, x509, enrollment, err);
	if (is_given(x509, "clientCertificates") ||
	    is_given(x509, "signingCertificates"))
		return error_set(err, ERROR_INVALID,
		    "there can be certificates or 'caReferences', not both");
	return read_references(
	    context, json_object_get(x509, "caReferences"), enrollment, err);
}
