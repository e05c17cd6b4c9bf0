/* SPDX-License-Identifier: MIT */
#include "enrollment_attestation.h"

#include <string.h>

#include "enrollment_x509.h"
#include "symmetric_key.h"
#include "tpm_blob.h"

#define KEY_BYTES 64 /* of those that the service makes */

static const char *const type_names[] = {
    [ATTEST_X509] = "x509",
    [ATTEST_SYMMETRIC_KEY] = "symmetricKey",
    [ATTEST_TPM] = "tpm",
};

const char *
attestation_type_name(enum attestation_type type)
{
	return type_names[type];
}

enum error_code
attestation_type_parse(
    const char *name, enum attestation_type *ret_type, struct error *err)
{
	for (size_t i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++)
		if (strcmp(type_names[i], name) == 0) {
			*ret_type = (enum attestation_type)i;
			return ERROR_NONE;
		}
	return error_set(err, ERROR_INVALID,
	    "attestation type '%s' is not offered; there are 'x509', "
	    "'symmetricKey' and 'tpm'",
	    name);
}

/* ---- symmetric keys ---- */

static enum error_code
read_symmetric_keys(const struct enrollment_context *context,
    json_t *attestation, struct enrollment *enrollment, struct error *err)
{
	const json_t *given = json_object_get(attestation, "symmetricKey");
	const json_t *former = context->stored ? context->stored->keys : NULL;

	if (given && !json_is_object(given) && !json_is_null(given))
		return error_set(
		    err, ERROR_MALFORMED, "'symmetricKey' must be an object");
	if (json_is_null(given))
		given = NULL;
	enrollment->keys = json_object();
	if (!enrollment->keys)
		return error_no_memory(err);
	if (symmetric_key_set(enrollment->keys, "primaryKey", given, former,
		KEY_BYTES, err) ||
	    symmetric_key_set(enrollment->keys, "secondaryKey", given, former,
		KEY_BYTES, err))
		return error_wrap(err, "'symmetricKey'");
	(void)json_object_del(attestation, "symmetricKey");
	return ERROR_NONE;
}

/* ---- TPM ---- */

static enum error_code
check_tpm_key(const char *member, const char *text, struct error *err)
{
	CLEANUP_DONE(tpm_public) struct tpm_public public = {0};

	if (tpm_public_read(text, &public, err))
		return error_wrap(err, "'%s'", member);
	return ERROR_NONE;
}

static enum error_code
read_tpm(const json_t *attestation, const struct enrollment *enrollment,
    struct error *err)
{
	const char *endorsement, *storage;
	const json_t *tpm;

	if (enrollment->kind == ENROLLMENT_GROUP)
		return error_set(err, ERROR_INVALID,
		    "a group cannot attest by TPM; enroll each device");
	if (json_get_object(attestation, "tpm", &tpm, err) ||
	    json_get_string(tpm, "endorsementKey", &endorsement, err) ||
	    check_tpm_key("endorsementKey", endorsement, err) ||
	    json_get_optional_string(tpm, "storageRootKey", &storage, err))
		return err->code;
	if (storage && *storage)
		return check_tpm_key("storageRootKey", storage, err);
	return ERROR_NONE;
}

/* ---- all ---- */

static enum error_code
read_by_type(const struct enrollment_context *context, json_t *attestation,
    struct enrollment *enrollment, struct error *err)
{
	const json_t *x509;

	switch (enrollment->type) {
	case ATTEST_SYMMETRIC_KEY:
		return read_symmetric_keys(
		    context, attestation, enrollment, err);
	case ATTEST_TPM:
		return read_tpm(attestation, enrollment, err);
	case ATTEST_X509:
		break;
	}
	if (json_get_object(attestation, "x509", &x509, err))
		return err->code;
	return enrollment_x509_read(context, x509, enrollment, err);
}

enum error_code
enrollment_attestation_read(const struct enrollment_context *context,
    struct enrollment *enrollment, struct error *err)
{
	json_t *attestation =
	    json_object_get(enrollment->record, "attestation");
	const char *type;

	if (!json_is_object(attestation))
		return error_set(
		    err, ERROR_MALFORMED, "'attestation' must be an object");
	if (json_get_string(attestation, "type", &type, err) ||
	    attestation_type_parse(type, &enrollment->type, err) ||
	    read_by_type(context, attestation, enrollment, err))
		return error_wrap(err, "'attestation'");
	return ERROR_NONE;
}
