/* SPDX-License-Identifier: MIT */
#include "enrollment_attestation.h"

#include <openssl/rand.h>
#include <string.h>

#include "common/base64.h"
#include "common/file.h"
#include "enrollment_x509.h"
#include "tpm_blob.h"

#define KEY_BYTES 64 /* of those that the service makes */
#define KEY_BYTES_MIN 16
#define KEY_BYTES_MAX 64

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
make_key(json_t *keys, const char *member, struct error *err)
{
	unsigned char key[KEY_BYTES];

	if (RAND_bytes(key, sizeof(key)) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "random bytes");
	return json_set_bytes(keys, member, key, sizeof(key), err);
}

static enum error_code
check_key(const char *text, struct error *err)
{
	CLEANUP(bytes) unsigned char *key = NULL;
	size_t length;

	if (base64_decode(text, &key, &length, err))
		return error_set(err, ERROR_INVALID, "it is not base64");
	if (length < KEY_BYTES_MIN || length > KEY_BYTES_MAX)
		return error_set(err, ERROR_INVALID,
		    "it has %zu bytes; a key has %d to %d", length,
		    KEY_BYTES_MIN, KEY_BYTES_MAX);
	return ERROR_NONE;
}

/* A key that is not given stays what it was; one that never was is made. */
static enum error_code
read_key(const struct enrollment *stored, const json_t *given,
    const char *member, json_t *keys, struct error *err)
{
	const char *kept = stored ? enrollment_key(stored, member) : NULL;
	const char *text = NULL;

	if (given && json_get_optional_string(given, member, &text, err))
		return err->code;
	if (text && *text && check_key(text, err))
		return error_wrap(err, "'%s'", member);
	if (!text || !*text)
		text = kept;
	if (!text)
		return make_key(keys, member, err);
	if (json_object_set_new(keys, member, json_string(text)))
		return error_no_memory(err);
	return ERROR_NONE;
}

static enum error_code
read_symmetric_keys(const struct enrollment_context *context,
    json_t *attestation, struct enrollment *enrollment, struct error *err)
{
	const json_t *given = json_object_get(attestation, "symmetricKey");

	if (given && !json_is_object(given) && !json_is_null(given))
		return error_set(
		    err, ERROR_MALFORMED, "'symmetricKey' must be an object");
	if (json_is_null(given))
		given = NULL;
	enrollment->keys = json_object();
	if (!enrollment->keys)
		return error_no_memory(err);
	if (read_key(
		context->stored, given, "primaryKey", enrollment->keys, err) ||
	    read_key(
		context->stored, given, "secondaryKey", enrollment->keys, err))
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
