/* SPDX-License-Identifier: MIT */
#include "tpm_id.h"

#include <openssl/sha.h>
#include <stddef.h>

#include "common/base64.h"
#include "common/cleanup.h"

#define BITS_PER_DIGIT 5

/* The last digit has what is left, and zeroes. */
static char
digit_at(const unsigned char *data, size_t length, size_t bit)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned value = 0;

	for (size_t i = bit; i < bit + BITS_PER_DIGIT; i++) {
		unsigned byte = i / 8 < length ? data[i / 8] : 0;

		value = value << 1 | (byte >> (7 - i % 8) & 1U);
	}
	return digits[value];
}

enum error_code
tpm_id(const char *endorsement_key, char ret_id[static TPM_ID_SIZE],
    struct error *err)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	CLEANUP(bytes) unsigned char *key = NULL;
	size_t length;

	if (base64_decode(endorsement_key, &key, &length, err))
		return error_wrap(err, "endorsement key");
	(void)SHA256(key, length, digest);
	for (size_t i = 0; i < TPM_ID_SIZE - 1; i++)
		ret_id[i] =
		    digit_at(digest, sizeof(digest), i * BITS_PER_DIGIT);
	ret_id[TPM_ID_SIZE - 1] = '\0';
	return ERROR_NONE;
}
