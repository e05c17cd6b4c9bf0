/* SPDX-License-Identifier: MIT */
#include "hub_credentials.h"

#include "certificate_info.h"
#include "common/file.h"
#include "tpm_blob.h"

/* ---- X.509 ---- */

static enum error_code
describe_certificates(
    const struct attestation *attestation, json_t *state, struct error *err)
{
	CLEANUP(json) json_t *x509 = json_object();
	json_t *info;

	if (!x509)
		return error_no_memory(err);
	if (attestation->signer) {
		if (certificate_info(attestation->signer, &info, err) ||
		    json_set(x509, "signingCertificateInfo", info, err))
			return err->code;
	}
	if (attestation->enrollment.kind == ENROLLMENT_GROUP &&
	    json_set(x509, "enrollmentGroupId",
		json_string(attestation->enrollment.id.text), err))
		return err->code;
	if (certificate_info(attestation->leaf, &info, err) ||
	    json_set(x509, "certificateInfo", info, err))
		return err->code;
	return json_set(state, "x509", TAKE(x509), err);
}

static enum error_code
by_thumbprints(const struct quirks *quirks,
    const struct attestation *attestation, json_t **ret_authentication,
    struct error *err)
{
	const struct enrolled *enrolled = &attestation->enrollment.enrolled;
	bool pinned =
	    !attestation->signer && !quirks_has(quirks, QUIRK_SHOWN_THUMBPRINT);
	const X509 *primary =
	    pinned ? enrolled->certificates[0] : attestation->leaf;
	const X509 *other = pinned ? enrolled->certificates[1] : NULL;
	const X509 *secondary = other ? other : primary;
	bool only_one = !other && quirks_has(quirks, QUIRK_ONE_THUMBPRINT);
	struct thumbprint first, second;

	if (thumbprint_create(primary, EVP_sha256(), &first, err) ||
	    thumbprint_create(secondary, EVP_sha256(), &second, err))
		return err->code;
	*ret_authentication = json_pack("{s:s, s:{s:n, s:n}, s:{s:s, s:s?}}",
	    "type", "selfSigned", "symmetricKey", "primaryKey", "secondaryKey",
	    "x509Thumbprint", "primaryThumbprint", first.text,
	    "secondaryThumbprint", only_one ? NULL : second.text);
	return *ret_authentication ? ERROR_NONE : error_no_memory(err);
}

/* ---- keys ---- */

static enum error_code
by_keys(const char *primary, const char *secondary, json_t **ret_authentication,
    struct error *err)
{
	*ret_authentication = json_pack("{s:s, s:{s:s, s:s}, s:{s:n, s:n}}",
	    "type", "sas", "symmetricKey", "primaryKey", primary,
	    "secondaryKey", secondary, "x509Thumbprint", "primaryThumbprint",
	    "secondaryThumbprint");
	return *ret_authentication ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
describe_group(
    const struct attestation *attestation, json_t *state, struct error *err)
{
	if (attestation->enrollment.kind != ENROLLMENT_GROUP)
		return ERROR_NONE;
	return json_set(state, "symmetricKey",
	    json_pack(
		"{s:s}", "enrollmentGroupId", attestation->enrollment.id.text),
	    err);
}

/* ---- TPM ---- */

static const char *
endorsement_key_of(const struct attestation *attestation)
{
	return json_string_value(json_object_get(
	    json_object_get(
		json_object_get(attestation->enrollment.record, "attestation"),
		"tpm"),
	    "endorsementKey"));
}

static enum error_code
wrap(const struct attestation *attestation, const struct tpm_key *key,
    json_t *state, struct error *err)
{
	CLEANUP_DONE(tpm_public) struct tpm_public endorsement = {0};
	CLEANUP_DONE(tpm_public) struct tpm_public storage = {0};
	CLEANUP(string) char *blob = NULL;

	if (tpm_public_read(
		endorsement_key_of(attestation), &endorsement, err) ||
	    tpm_public_read(attestation->storage_root_key, &storage, err) ||
	    tpm_blob_create(&endorsement, &storage, key, &blob, err))
		return err->code;
	return json_set(
	    state, "tpm", json_pack("{s:s}", "authenticationKey", blob), err);
}

static enum error_code
by_tpm(const struct quirks *quirks, const struct attestation *attestation,
    json_t *state, json_t **ret_authentication, struct error *err)
{
	CLEANUP_DONE(tpm_key) struct tpm_key key = {0};
	CLEANUP(secret) char *text = NULL;

	if (tpm_key_create(quirks->tpm_attributes, quirks->tpm_key_bytes, &key,
		&text, err) ||
	    wrap(attestation, &key, state, err))
		return err->code;
	return by_keys(text, text, ret_authentication, err);
}

/* ---- all ---- */

enum error_code
hub_credentials(const struct quirks *quirks,
    const struct attestation *attestation, json_t *state,
    json_t **ret_authentication, struct error *err)
{
	static const char *const members[] = {"x509", "symmetricKey", "tpm"};

	/* An earlier registration may have been by something else. */
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		(void)json_object_del(state, members[i]);
	switch (attestation->enrollment.type) {
	case ATTEST_SYMMETRIC_KEY:
		if (describe_group(attestation, state, err))
			return err->code;
		return by_keys(attestation->keys[0], attestation->keys[1],
		    ret_authentication, err);
	case ATTEST_TPM:
		return by_tpm(
		    quirks, attestation, state, ret_authentication, err);
	case ATTEST_X509:
		break;
	}
	if (describe_certificates(attestation, state, err))
		return err->code;
	return by_thumbprints(quirks, attestation, ret_authentication, err);
}
