/* SPDX-License-Identifier: MIT */
/* Devices that show with a key, which only their TPM can have, who they are. */
#include <string.h>

#include "common/file.h"
#include "dps_attest.h"
#include "tpm_blob.h"
#include "tpm_store.h"

static const char *
enrolled_text(const struct attestation *attestation, const char *member)
{
	return json_string_value(json_object_get(
	    json_object_get(
		json_object_get(attestation->enrollment.record, "attestation"),
		"tpm"),
	    member));
}

static bool
is_unreadable(const json_t *tpm, const char *member)
{
	const char *text = json_string_value(json_object_get(tpm, member));
	CLEANUP_DONE(tpm_public) struct tpm_public public = {0};
	struct error ignored;

	return text && *text && tpm_public_read(text, &public, &ignored);
}

enum refusal
refusal_of_tpm_keys(const json_t *tpm)
{
	if (is_unreadable(tpm, "endorsementKey"))
		return REFUSE_ENDORSEMENT_KEY;
	if (is_unreadable(tpm, "storageRootKey"))
		return REFUSE_STORAGE_ROOT_KEY;
	return REFUSE_ARGUMENT;
}

enum error_code
refuse_tpm_keys(const json_t *tpm, struct reply *reply, struct error *err)
{
	enum refusal refusal = refusal_of_tpm_keys(tpm);

	if (err->code != ERROR_INVALID || refusal == REFUSE_ARGUMENT)
		return err->code;
	return refuse(reply, refusal, "%s", err->message);
}

/* The enrolled one, if that is known. */
static bool
is_enrolled(
    const struct attestation *attestation, const char *member, const char *key)
{
	const char *enrolled = enrolled_text(attestation, member);

	return !enrolled || !*enrolled || strcmp(enrolled, key) == 0;
}

static enum error_code
check_shown(const json_t *tpm, const struct attestation *attestation,
    const char *member, const char **ret_text, struct error *err)
{
	const char *shown;

	if (json_get_string(tpm, member, &shown, err))
		return error_wrap(err, "'tpm'");
	if (!is_enrolled(attestation, member, shown))
		return error_set(err, ERROR_DENIED,
		    "The TPM's %s is not the one that is enrolled.", member);
	*ret_text = shown;
	return ERROR_NONE;
}

static enum error_code
make_challenge(struct cloud *cloud, const char *endorsement_text,
    const char *storage_text, struct attestation *attestation,
    struct error *err)
{
	CLEANUP_DONE(tpm_public) struct tpm_public endorsement = {0};
	CLEANUP_DONE(tpm_public) struct tpm_public storage = {0};
	const struct quirks *quirks = &cloud->options.quirks;
	CLEANUP_DONE(tpm_key) struct tpm_key key = {0};
	CLEANUP(secret) char *text = NULL;
	struct tpm_secret record;

	if (tpm_public_read(endorsement_text, &endorsement, err))
		return error_wrap(err, "'endorsementKey'");
	if (tpm_public_read(storage_text, &storage, err))
		return error_wrap(err, "'storageRootKey'");
	if (tpm_key_create(quirks->tpm_attributes, quirks->tpm_key_bytes, &key,
		&text, err) ||
	    tpm_blob_create(
		&endorsement, &storage, &key, &attestation->challenge, err))
		return err->code;
	record = (struct tpm_secret){.key = text,
	    .endorsement_key = (char *)(uintptr_t)endorsement_text,
	    .storage_root_key = (char *)(uintptr_t)storage_text};
	return tpm_store_put(cloud->database, &attestation->id, &record, err);
}

static enum error_code
challenge(struct cloud *cloud, const struct request *request,
    struct attestation *attestation, struct error *err)
{
	const char *endorsement, *storage;
	const json_t *tpm;

	if (!json_is_object(request->json) ||
	    json_get_object(request->json, "tpm", &tpm, err))
		return error_set(err, ERROR_DENIED,
		    "Send the TPM's keys in 'tpm', or a shared access "
		    "signature by the key that it was given.");
	if (check_shown(
		tpm, attestation, "endorsementKey", &endorsement, err) ||
	    check_shown(tpm, attestation, "storageRootKey", &storage, err))
		return err->code;
	return make_challenge(cloud, endorsement, storage, attestation, err);
}

/* What was given to a TPM that is no longer the enrolled one is no key. */
static enum error_code
find_secret(struct cloud *cloud, const struct attestation *attestation,
    struct tpm_secret *ret_secret, struct error *err)
{
	CLEANUP_DONE(tpm_secret) struct tpm_secret secret = {0};
	enum error_code code =
	    tpm_store_get(cloud->database, &attestation->id, &secret, err);

	if (code && code != ERROR_NOT_FOUND)
		return code;
	if (code ||
	    !is_enrolled(
		attestation, "endorsementKey", secret.endorsement_key) ||
	    !is_enrolled(
		attestation, "storageRootKey", secret.storage_root_key))
		return error_set(err, ERROR_DENIED,
		    "The TPM of '%s' was given no key yet; register without a "
		    "signature first.",
		    attestation->id.text);
	*ret_secret = TAKE_CONTENTS(secret);
	return ERROR_NONE;
}

enum error_code
attest_by_tpm(struct cloud *cloud, const struct request *request,
    struct attestation *attestation, struct error *err)
{
	CLEANUP_DONE(tpm_secret) struct tpm_secret secret = {0};

	if (!request->headers.authorization)
		return challenge(cloud, request, attestation, err);
	if (find_secret(cloud, attestation, &secret, err) ||
	    attest_signature(cloud, request, &attestation->id, secret.key, err))
		return err->code;
	attestation->storage_root_key = TAKE(secret.storage_root_key);
	return ERROR_NONE;
}
