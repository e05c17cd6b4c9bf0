/* SPDX-License-Identifier: MIT */
/* HMAC-SHA256 and AES-GCM with a secret in memory. */
#include <limits.h>
#include <string.h>

#include "software.h"

#define AES_128_SIZE 16
#define AES_256_SIZE 32

DEFINE_CLEANUP(cipher_ctx, EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)

enum error_code
software_check_secret(const struct key_input *secret, struct error *err)
{
	static const char pem[] = "-----BEGIN ";
	size_t length = sizeof(pem) - 1;

	if (secret->length >= length && memcmp(secret->data, pem, length) == 0)
		return error_set(err, ERROR_INVALID,
		    "this is a PEM text, not the bytes of a symmetric key");
	return ERROR_NONE;
}

unsigned
software_usage_of_secret(size_t length)
{
	unsigned usage = KEY_SIGNS | KEY_DERIVES;

	if (length == AES_128_SIZE || length == AES_256_SIZE)
		usage |= KEY_ENCRYPTS;
	return usage;
}

enum error_code
software_mac(const struct key_input *secret, const struct key_input *message,
    unsigned char ret_mac[KEY_MAC_SIZE], struct error *err)
{
	size_t length;

	if (!EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, secret->data,
		secret->length, message->data, message->length, ret_mac,
		KEY_MAC_SIZE, &length))
		return error_set_openssl(err, ERROR_INTERNAL, "HMAC-SHA256");
	return ERROR_NONE;
}

static const EVP_CIPHER *
cipher_for(size_t length)
{
	switch (length) {
	case AES_128_SIZE:
		return EVP_aes_128_gcm();
	case AES_256_SIZE:
		return EVP_aes_256_gcm();
	default:
		return NULL;
	}
}

/* Readies context and gives it the additional data. */
static enum error_code
start(const struct key_input *secret, const struct key_seal *seal, bool encrypt,
    EVP_CIPHER_CTX **ret_context, struct error *err)
{
	CLEANUP(cipher_ctx) EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	const EVP_CIPHER *cipher = cipher_for(secret->length);
	int written;

	if (!cipher)
		return error_set(err, ERROR_INVALID,
		    "AES-GCM needs a key of %d or %d bytes, this one has %zu",
		    AES_128_SIZE, AES_256_SIZE, secret->length);
	if (seal->iv.length == 0 || seal->iv.length > KEY_IV_MAX)
		return error_set(err, ERROR_INVALID,
		    "an IV of %zu bytes is not possible; 12 are usual",
		    seal->iv.length);
	if (seal->aad.length > INT_MAX)
		return error_set(err, ERROR_INVALID, "too much data");
	if (!context ||
	    EVP_CipherInit_ex2(context, cipher, NULL, NULL, encrypt, NULL) !=
		1 ||
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN,
		(int)seal->iv.length, NULL) != 1 ||
	    EVP_CipherInit_ex2(context, NULL, secret->data, seal->iv.data,
		encrypt, NULL) != 1 ||
	    (seal->aad.length > 0 &&
		EVP_CipherUpdate(context, NULL, &written, seal->aad.data,
		    (int)seal->aad.length) != 1))
		return error_set_openssl(err, ERROR_INTERNAL, "AES-GCM");
	*ret_context = TAKE(context);
	return ERROR_NONE;
}

enum error_code
software_seal(const struct key_input *secret, const struct key_seal *seal,
    const struct key_input *plain, unsigned char *ret_sealed, struct error *err)
{
	CLEANUP(cipher_ctx) EVP_CIPHER_CTX *context = NULL;
	unsigned char none[1];
	int written, rest;

	if (plain->length > INT_MAX)
		return error_set(err, ERROR_INVALID, "too much data");
	if (start(secret, seal, true, &context, err))
		return err->code;
	if ((plain->length > 0 &&
		EVP_CipherUpdate(context, ret_sealed, &written, plain->data,
		    (int)plain->length) != 1) ||
	    EVP_CipherFinal_ex(context, none, &rest) != 1 ||
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, KEY_SEAL_SIZE,
		ret_sealed + plain->length) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "AES-GCM");
	return ERROR_NONE;
}

/* Nothing of a plaintext leaves before it is known to be genuine. */
static enum error_code
open_into(EVP_CIPHER_CTX *context, const struct key_input *sealed,
    unsigned char *plain, bool *ret_genuine, struct error *err)
{
	size_t length = sealed->length - KEY_SEAL_SIZE;
	unsigned char tag[KEY_SEAL_SIZE], none[1];
	int written, rest;

	memcpy(tag, sealed->data + length, sizeof(tag));
	if ((length > 0 && EVP_CipherUpdate(context, plain, &written,
			       sealed->data, (int)length) != 1) ||
	    EVP_CIPHER_CTX_ctrl(
		context, EVP_CTRL_AEAD_SET_TAG, KEY_SEAL_SIZE, tag) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "AES-GCM");
	*ret_genuine = EVP_CipherFinal_ex(context, none, &rest) == 1;
	return ERROR_NONE;
}

enum error_code
software_unseal(const struct key_input *secret, const struct key_seal *seal,
    const struct key_input *sealed, unsigned char *ret_plain, bool *ret_genuine,
    struct error *err)
{
	CLEANUP(cipher_ctx) EVP_CIPHER_CTX *context = NULL;
	unsigned char *plain;
	enum error_code code;

	if (sealed->length < KEY_SEAL_SIZE || sealed->length > INT_MAX)
		return error_set(err, ERROR_INVALID,
		    "%zu bytes cannot be a ciphertext", sealed->length);
	if (start(secret, seal, false, &context, err))
		return err->code;
	plain = OPENSSL_zalloc(sealed->length);
	if (!plain)
		return error_no_memory(err);
	code = open_into(context, sealed, plain, ret_genuine, err);
	if (code == ERROR_NONE && *ret_genuine)
		memcpy(ret_plain, plain, sealed->length - KEY_SEAL_SIZE);
	OPENSSL_clear_free(plain, sealed->length);
	return code;
}
