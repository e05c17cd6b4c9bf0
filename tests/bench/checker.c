/* SPDX-License-Identifier: MIT */
#include "checker.h"

#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <string.h>

#include "common/file.h"
#include "common/openssl.h"

#define FILE_MAX 65536
#define AES_KEY_LENGTH 32
#define MAC_LENGTH 32
#define TAG_LENGTH 16

struct checker {
	enum signer_operation operation;
	EVP_PKEY *key; /* of a pair */
	char *secret;
	size_t secret_length;
};

static bool
is_of_pair(enum signer_operation operation)
{
	return operation == SIGNER_ECDSA || operation == SIGNER_RSA;
}

static enum error_code
read_public_key(const char *pem, EVP_PKEY **ret_key, struct error *err)
{
	CLEANUP(bio) BIO *bio = BIO_new_mem_buf(pem, -1);

	*ret_key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
	if (!*ret_key)
		return error_set_openssl(err, ERROR_INVALID, "the public key");
	return ERROR_NONE;
}

enum error_code
checker_open(enum signer_operation operation, const char *path,
    struct checker **ret_checker, struct error *err)
{
	CLEANUP(checker) struct checker *checker = calloc(1, sizeof(*checker));

	if (!checker)
		return error_no_memory(err);
	checker->operation = operation;
	if (file_read(
		path, FILE_MAX, &checker->secret, &checker->secret_length, err))
		return err->code;
	if (is_of_pair(operation) &&
	    read_public_key(checker->secret, &checker->key, err))
		return err->code;
	if (operation == SIGNER_AEAD &&
	    checker->secret_length != AES_KEY_LENGTH)
		return error_set(
		    err, ERROR_INVALID, "an AES key has 32 bytes here");
	*ret_checker = TAKE(checker);
	return ERROR_NONE;
}

void
checker_close(struct checker *checker)
{
	if (!checker)
		return;
	EVP_PKEY_free(checker->key);
	free(checker->secret);
	free(checker);
}

/* keyd and PKCS#11 give ECDSA signatures as r||s; OpenSSL wants DER. */
static int
raw_to_der(const struct signature *raw, unsigned char **ret_der)
{
	ECDSA_SIG *pair = ECDSA_SIG_new();
	int half = (int)(raw->length / 2);
	BIGNUM *r = BN_bin2bn(raw->data, half, NULL);
	BIGNUM *s = BN_bin2bn(raw->data + half, half, NULL);
	int length = -1;

	if (pair && ECDSA_SIG_set0(pair, r, s))
		length = i2d_ECDSA_SIG(pair, ret_der);
	ECDSA_SIG_free(pair);
	return length;
}

static bool
is_signature(const struct checker *checker, const unsigned char *digest,
    const unsigned char *data, int length)
{
	CLEANUP(pkey_ctx)
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(checker->key, NULL);

	return context && length > 0 && EVP_PKEY_verify_init(context) == 1 &&
	       EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
	       EVP_PKEY_verify(context, data, (size_t)length, digest,
		   SIGNER_DIGEST_LENGTH) == 1;
}

static bool
is_ecdsa(const struct checker *checker, const unsigned char *digest,
    const struct signature *signature)
{
	unsigned char *der = NULL;
	int length = raw_to_der(signature, &der);
	bool good = is_signature(checker, digest, der, length);

	OPENSSL_free(der);
	return good;
}

static bool
is_mac(const struct checker *checker, const unsigned char *message,
    const struct signature *signature)
{
	unsigned char mac[MAC_LENGTH];

	return signature->length == sizeof(mac) &&
	       HMAC(EVP_sha256(), checker->secret, (int)checker->secret_length,
		   message, SIGNER_DIGEST_LENGTH, mac, NULL) &&
	       memcmp(mac, signature->data, sizeof(mac)) == 0;
}

static bool
decrypts(EVP_CIPHER_CTX *context, const unsigned char *key,
    struct signature *sealed, unsigned char text[SIGNER_DIGEST_LENGTH])
{
	unsigned char *tag = sealed->data + SIGNER_DIGEST_LENGTH;
	int length;

	return EVP_DecryptInit_ex2(context, EVP_aes_256_gcm(), key,
		   (const unsigned char *)SIGNER_IV, NULL) == 1 &&
	       EVP_CIPHER_CTX_ctrl(
		   context, EVP_CTRL_AEAD_SET_TAG, TAG_LENGTH, tag) == 1 &&
	       EVP_DecryptUpdate(context, NULL, &length,
		   (const unsigned char *)SIGNER_AAD, SIGNER_AAD_LENGTH) == 1 &&
	       EVP_DecryptUpdate(context, text, &length, sealed->data,
		   SIGNER_DIGEST_LENGTH) == 1 &&
	       EVP_DecryptFinal_ex(context, text + length, &length) == 1;
}

static bool
is_sealed(const struct checker *checker, const unsigned char *text,
    const struct signature *signature)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	unsigned char plain[SIGNER_DIGEST_LENGTH];
	struct signature copy = *signature;
	bool good = context &&
		    copy.length == SIGNER_DIGEST_LENGTH + TAG_LENGTH &&
		    decrypts(context, (const unsigned char *)checker->secret,
			&copy, plain) &&
		    memcmp(plain, text, sizeof(plain)) == 0;

	EVP_CIPHER_CTX_free(context);
	return good;
}

bool
checker_accepts(const struct checker *checker,
    const unsigned char digest[static SIGNER_DIGEST_LENGTH],
    const struct signature *signature)
{
	switch (checker->operation) {
	case SIGNER_ECDSA:
		return is_ecdsa(checker, digest, signature);
	case SIGNER_RSA:
		return is_signature(
		    checker, digest, signature->data, (int)signature->length);
	case SIGNER_HMAC:
		return is_mac(checker, digest, signature);
	case SIGNER_AEAD:
		return is_sealed(checker, digest, signature);
	}
	return false;
}
