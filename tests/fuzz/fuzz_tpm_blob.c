/* SPDX-License-Identifier: MIT */
/* What DPS sends for the TPM. A blob that is taken has its parts in bounds. */
#include "fuzz.h"

#include "tpm_blob.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tpm_blob blob;
	struct error err;

	if (tpm_blob_read(data, size, &blob, &err)) {
		FUZZ_REQUIRE(err.code == ERROR_INVALID);
		return 0;
	}
	FUZZ_REQUIRE(
	    blob.credential.size <= sizeof(blob.credential.credential));
	FUZZ_REQUIRE(blob.secret.size <= sizeof(blob.secret.secret));
	FUZZ_REQUIRE(blob.duplicate.size <= sizeof(blob.duplicate.buffer));
	FUZZ_REQUIRE(blob.seed.size <= sizeof(blob.seed.secret));
	FUZZ_REQUIRE(blob.public.publicArea.type == TPM2_ALG_KEYEDHASH);
	FUZZ_REQUIRE(sizeof(UINT16) * 5 + blob.credential.size +
			 blob.secret.size + blob.duplicate.size +
			 blob.seed.size + blob.public.size <=
		     size);
	return 0;
}
