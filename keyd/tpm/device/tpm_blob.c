/* SPDX-License-Identifier: MIT */
#include "tpm_blob.h"

#include <tss2/tss2_mu.h>

static enum error_code
fail(const char *part, struct error *err)
{
	return error_set(err, ERROR_INVALID,
	    "the key for the TPM is cut short or garbled at its %s", part);
}

static enum error_code
check_key(const TPMT_PUBLIC *key, struct error *err)
{
	const TPMT_KEYEDHASH_SCHEME *scheme =
	    &key->parameters.keyedHashDetail.scheme;

	if (key->type == TPM2_ALG_KEYEDHASH &&
	    scheme->scheme == TPM2_ALG_HMAC &&
	    scheme->details.hmac.hashAlg == TPM2_ALG_SHA256)
		return ERROR_NONE;
	return error_set(err, ERROR_INVALID,
	    "the key for the TPM is none for HMAC with SHA-256");
}

enum error_code
tpm_blob_read(const unsigned char *data, size_t length,
    struct tpm_blob *ret_blob, struct error *err)
{
	struct tpm_blob blob = {0};
	size_t offset = 0, begin;

	if (Tss2_MU_TPM2B_ID_OBJECT_Unmarshal(
		data, length, &offset, &blob.credential))
		return fail("credential", err);
	if (Tss2_MU_TPM2B_ENCRYPTED_SECRET_Unmarshal(
		data, length, &offset, &blob.secret))
		return fail("credential's secret", err);
	if (Tss2_MU_TPM2B_PRIVATE_Unmarshal(
		data, length, &offset, &blob.duplicate))
		return fail("private part", err);
	if (Tss2_MU_TPM2B_ENCRYPTED_SECRET_Unmarshal(
		data, length, &offset, &blob.seed))
		return fail("seed", err);
	begin = offset;
	if (Tss2_MU_TPM2B_PUBLIC_Unmarshal(
		data, length, &offset, &blob.public) ||
	    offset - begin != sizeof(blob.public.size) + blob.public.size)
		return fail("public part", err);
	if (check_key(&blob.public.publicArea, err))
		return err->code;
	*ret_blob = blob;
	return ERROR_NONE;
}
