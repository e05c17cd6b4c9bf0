/* SPDX-License-Identifier: MIT */
/*
 * Reads the public area of a TPM's key (TPM2B_PUBLIC). For one that is taken a
 * blob can be made; the input is the area itself, not its base64.
 */
#include "fuzz.h"

#include "common/base64.h"
#include "tpm_blob.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(string) char *text = base64_encode(data, size);
	CLEANUP_DONE(tpm_public) struct tpm_public public = {0};
	const struct tpm_key key = {
	    .attributes = TPM_KEY_ATTRIBUTES, .length = TPM_KEY_BYTES_MAX};
	CLEANUP(string) char *blob = NULL;
	struct error err;

	FUZZ_REQUIRE(text);
	if (tpm_public_read(text, &public, &err)) {
		FUZZ_REQUIRE(err.code == ERROR_INVALID);
		return 0;
	}
	FUZZ_REQUIRE(public.key);
	FUZZ_REQUIRE(!tpm_blob_create(&public, &public, &key, &blob, &err));
	return 0;
}
