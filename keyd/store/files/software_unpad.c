/* SPDX-License-Identifier: MIT */
/*
 * OpenSSL can remove a padding in constant time without the key, but has no
 * successor yet for these functions, which 3.0 deprecates.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

#include "software.h"

enum error_code
software_not_encrypted(struct error *err)
{
	ERR_clear_error(); /* which would tell more */
	return error_set(err, ERROR_INVALID,
	    "the ciphertext is not one for this key and algorithm");
}

const EVP_MD *
software_oaep_hash(enum key_padding padding)
{
	switch (padding) {
	case KEY_PADDING_OAEP_SHA1:
		return EVP_sha1();
	case KEY_PADDING_OAEP_SHA256:
		return EVP_sha256();
	case KEY_PADDING_OAEP_SHA384:
		return EVP_sha384();
	case KEY_PADDING_OAEP_SHA512:
		return EVP_sha512();
	case KEY_PADDING_NONE:
	case KEY_PADDING_PKCS1:
		break;
	}
	return NULL;
}

/* The length of the plaintext, or negative. */
static int
unpad(enum key_padding padding, const struct key_plain *block,
    const struct key_input *label, struct key_plain *plain)
{
	const EVP_MD *hash = software_oaep_hash(padding);
	int size = (int)block->length;

	if (hash)
		return RSA_padding_check_PKCS1_OAEP_mgf1(plain->data,
		    (int)sizeof(plain->data), block->data, size, size,
		    label->data, (int)label->length, hash, hash);
	return RSA_padding_check_PKCS1_type_2(
	    plain->data, (int)sizeof(plain->data), block->data, size, size);
}

enum error_code
software_unpad(enum key_padding padding, const struct key_plain *block,
    const struct key_input *label, struct key_plain *ret_plain,
    struct error *err)
{
	CLEANUP_DONE(key_plain) struct key_plain plain = {0};
	int length;

	if (padding == KEY_PADDING_NONE) {
		*ret_plain = *block;
		return ERROR_NONE;
	}
	length = unpad(padding, block, label, &plain);
	if (length < 0)
		return software_not_encrypted(err);
	plain.length = (size_t)length;
	*ret_plain = plain;
	return ERROR_NONE;
}
