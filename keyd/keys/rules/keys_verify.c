/* SPDX-License-Identifier: MIT */
/* Verifying: with the public half, which needs no token, or by doing it again.
 */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

#include "algorithm.h"
#include "ecdsa.h"
#include "keys_find.h"
#include "rules.h"

DEFINE_CLEANUP(md_ctx, EVP_MD_CTX, EVP_MD_CTX_free)

/* OpenSSL says 1, or what it did not like; the latter is not our failure. */
static enum error_code
tell(int result, bool *ret_valid)
{
	*ret_valid = result == 1;
	ERR_clear_error();
	return ERROR_NONE;
}

static enum error_code
verify_ecdsa(EVP_PKEY_CTX *context, size_t size, const struct key_input *digest,
    const struct key_input *signature, bool *ret_valid, struct error *err)
{
	struct key_signature raw = {.length = signature->length}, der;

	if (signature->length != 2 * size)
		return tell(0, ret_valid);
	memcpy(raw.data, signature->data, signature->length);
	if (ecdsa_to_der(&raw, &der, err))
		return err->code;
	return tell(EVP_PKEY_verify(context, der.data, der.length, digest->data,
			digest->length),
	    ret_valid);
}

static bool
set_rsa(EVP_PKEY_CTX *context, const struct algorithm *algorithm)
{
	const EVP_MD *md =
	    algorithm->hash ? EVP_get_digestbyname(algorithm->hash) : NULL;

	if (algorithm->digest_info)
		return EVP_PKEY_CTX_set_rsa_padding(
			   context, RSA_PKCS1_PADDING) == 1 &&
		       EVP_PKEY_CTX_set_signature_md(context, md) == 1;
	return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) ==
		   1 &&
	       EVP_PKEY_CTX_set_signature_md(context, md) == 1 &&
	       EVP_PKEY_CTX_set_rsa_mgf1_md(context, md) == 1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(
		   context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

/* What was signed comes out of the signature. */
static enum error_code
verify_block(EVP_PKEY *key, enum key_mechanism mechanism,
    const struct key_input *message, const struct key_input *signature,
    bool *ret_valid, struct error *err)
{
	CLEANUP(pkey_ctx) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
	unsigned char block[KEY_MODULUS_MAX];
	size_t length = sizeof(block);

	if (!context || EVP_PKEY_verify_recover_init(context) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(context, mechanism == KEY_RSA_RAW
						      ? RSA_NO_PADDING
						      : RSA_PKCS1_PADDING) != 1)
		return error_set_openssl(
		    err, ERROR_INTERNAL, "EVP_PKEY_verify_recover_init");
	return tell(EVP_PKEY_verify_recover(context, block, &length,
			signature->data, signature->length) == 1 &&
			length == message->length &&
			memcmp(block, message->data, length) == 0,
	    ret_valid);
}

static enum error_code
verify_eddsa(EVP_PKEY *key, const struct key_input *message,
    const struct key_input *signature, bool *ret_valid, struct error *err)
{
	CLEANUP(md_ctx) EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (!context ||
	    EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) != 1)
		return error_set_openssl(
		    err, ERROR_INTERNAL, "EVP_DigestVerifyInit");
	return tell(EVP_DigestVerify(context, signature->data,
			signature->length, message->data, message->length),
	    ret_valid);
}

static enum error_code
verify_digest(EVP_PKEY *key, const struct algorithm *algorithm, size_t size,
    const struct key_input *digest, const struct key_input *signature,
    bool *ret_valid, struct error *err)
{
	CLEANUP(pkey_ctx) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);

	if (!context || EVP_PKEY_verify_init(context) != 1 ||
	    (algorithm->key == KEY_RSA && !set_rsa(context, algorithm)))
		return error_set_openssl(
		    err, ERROR_INTERNAL, "EVP_PKEY_verify_init");
	if (algorithm->key == KEY_EC)
		return verify_ecdsa(
		    context, size, digest, signature, ret_valid, err);
	return tell(EVP_PKEY_verify(context, signature->data, signature->length,
			digest->data, digest->length),
	    ret_valid);
}

static enum error_code
verify_pair(const struct key_public *public, const struct algorithm *algorithm,
    const struct key_input *input, const struct key_input *signature,
    bool *ret_valid, struct error *err)
{
	CLEANUP(pkey) EVP_PKEY *key = NULL;

	if (key_public_to_pkey(public, &key, err))
		return err->code;
	if (algorithm->key == KEY_EDWARDS)
		return verify_eddsa(key, input, signature, ret_valid, err);
	if (algorithm->digest_size == 0)
		return verify_block(key, algorithm->mechanism, input, signature,
		    ret_valid, err);
	return verify_digest(key, algorithm, key_public_size(public), input,
	    signature, ret_valid, err);
}

static enum error_code
verify_hmac(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const struct key_input *message,
    const struct key_input *signature, bool *ret_valid, struct error *err)
{
	unsigned char mac[KEY_MAC_SIZE];

	if (rules_mac(keys, who, key, message, mac, err))
		return err->code;
	*ret_valid = signature->length == sizeof(mac) &&
		     CRYPTO_memcmp(mac, signature->data, sizeof(mac)) == 0;
	OPENSSL_cleanse(mac, sizeof(mac));
	return ERROR_NONE;
}

enum error_code
rules_verify(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const struct key_task *task,
    const struct key_input *signature, bool *ret_valid, struct error *err)
{
	unsigned char buffer[ALGORITHM_DIGEST_MAX];
	const struct algorithm *algorithm;
	struct key_place place;
	struct key_facts facts;
	struct key_input input;

	if (keys_authorize(keys, who, key, ACL_USE, err) ||
	    algorithm_find(task->algorithm, &algorithm, err) ||
	    algorithm_input(algorithm, task, buffer, &input, err))
		return err->code;
	if (algorithm->kind == KEY_SECRET)
		return verify_hmac(
		    keys, who, key, &input, signature, ret_valid, err);
	if (keys_find(keys, who, key, &place, &facts, err) ||
	    algorithm_check_key(algorithm, &facts.public, key->id, err))
		return err->code;
	return verify_pair(
	    &facts.public, algorithm, &input, signature, ret_valid, err);
}
