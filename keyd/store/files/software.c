/* SPDX-License-Identifier: MIT */
#include "software.h"

#include <openssl/rsa.h>
#include <string.h>

#include "ecdsa.h"

DEFINE_CLEANUP(digest_ctx, EVP_MD_CTX, EVP_MD_CTX_free)

void
key_plain_done(struct key_plain *plain)
{
	OPENSSL_cleanse(plain, sizeof(*plain));
}

unsigned
software_usage_of_pair(enum key_algorithm algorithm)
{
	switch (algorithm) {
	case KEY_EC:
		return KEY_SIGNS | KEY_DERIVES;
	case KEY_RSA:
		return KEY_SIGNS | KEY_DECRYPTS;
	case KEY_EDWARDS:
		break;
	}
	return KEY_SIGNS;
}

static bool
set_pss(EVP_PKEY_CTX *context, const EVP_MD *hash)
{
	return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) >
		   0 &&
	       EVP_PKEY_CTX_set_signature_md(context, hash) > 0 &&
	       EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash) > 0 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(
		   context, RSA_PSS_SALTLEN_DIGEST) > 0;
}

static bool
set_mechanism(EVP_PKEY_CTX *context, enum key_mechanism mechanism)
{
	switch (mechanism) {
	case KEY_ECDSA:
	case KEY_EDDSA:
		return true;
	case KEY_RSA_PKCS1:
		return EVP_PKEY_CTX_set_rsa_padding(
			   context, RSA_PKCS1_PADDING) > 0;
	case KEY_RSA_RAW:
		return EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) >
		       0;
	case KEY_PSS_SHA256:
		return set_pss(context, EVP_sha256());
	case KEY_PSS_SHA384:
		return set_pss(context, EVP_sha384());
	case KEY_PSS_SHA512:
		return set_pss(context, EVP_sha512());
	}
	return false;
}

static enum error_code
sign_message(EVP_PKEY *pair, const struct key_input *message,
    struct key_signature *ret_signature, struct error *err)
{
	CLEANUP(digest_ctx) EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t length = sizeof(ret_signature->data);

	if (!context ||
	    EVP_DigestSignInit(context, NULL, NULL, NULL, pair) <= 0 ||
	    EVP_DigestSign(context, ret_signature->data, &length, message->data,
		message->length) <= 0)
		return error_set_openssl(err, ERROR_INVALID, "signing");
	ret_signature->length = length;
	return ERROR_NONE;
}

enum error_code
software_sign(EVP_PKEY *pair, enum key_mechanism mechanism,
    const struct key_input *input, struct key_signature *ret_signature,
    struct error *err)
{
	CLEANUP(pkey_ctx) EVP_PKEY_CTX *context = NULL;
	struct key_signature signature = {.length = sizeof(signature.data)};

	if (mechanism == KEY_EDDSA)
		return sign_message(pair, input, ret_signature, err);
	context = EVP_PKEY_CTX_new(pair, NULL);
	if (!context || EVP_PKEY_sign_init(context) <= 0 ||
	    !set_mechanism(context, mechanism) ||
	    EVP_PKEY_sign(context, signature.data, &signature.length,
		input->data, input->length) <= 0)
		return error_set_openssl(err, ERROR_INVALID, "signing");
	if (mechanism == KEY_ECDSA)
		return ecdsa_from_der(&signature,
		    ((size_t)EVP_PKEY_get_bits(pair) + 7) / 8, ret_signature,
		    err);
	*ret_signature = signature;
	return ERROR_NONE;
}

/* The context takes the copy of the label. */
static bool
set_oaep_label(EVP_PKEY_CTX *context, const struct key_input *label)
{
	void *copy;

	if (label->length == 0)
		return true;
	copy = OPENSSL_memdup(label->data, label->length);
	if (copy && EVP_PKEY_CTX_set0_rsa_oaep_label(
			context, copy, (int)label->length) > 0)
		return true;
	OPENSSL_free(copy);
	return false;
}

static bool
set_padding(EVP_PKEY_CTX *context, enum key_padding padding,
    const struct key_input *label)
{
	const EVP_MD *hash = software_oaep_hash(padding);

	if (hash)
		return EVP_PKEY_CTX_set_rsa_padding(
			   context, RSA_PKCS1_OAEP_PADDING) > 0 &&
		       EVP_PKEY_CTX_set_rsa_oaep_md(context, hash) > 0 &&
		       EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash) > 0 &&
		       set_oaep_label(context, label);
	return EVP_PKEY_CTX_set_rsa_padding(context,
		   padding == KEY_PADDING_NONE ? RSA_NO_PADDING
					       : RSA_PKCS1_PADDING) > 0;
}

enum error_code
software_decrypt(EVP_PKEY *pair, enum key_padding padding,
    const struct key_input *ciphertext, const struct key_input *label,
    struct key_plain *ret_plain, struct error *err)
{
	CLEANUP(pkey_ctx) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pair, NULL);
	CLEANUP_DONE(key_plain) struct key_plain plain;

	plain.length = sizeof(plain.data);
	if (!context || EVP_PKEY_decrypt_init(context) <= 0 ||
	    !set_padding(context, padding, label))
		return error_set_openssl(err, ERROR_INVALID, "decrypting");
	if (EVP_PKEY_decrypt(context, plain.data, &plain.length,
		ciphertext->data, ciphertext->length) <= 0)
		return software_not_encrypted(err);
	memcpy(ret_plain->data, plain.data, plain.length);
	ret_plain->length = plain.length;
	return ERROR_NONE;
}

enum error_code
software_agree(EVP_PKEY *pair, const struct key_public *peer,
    struct key_plain *ret_secret, struct error *err)
{
	CLEANUP(pkey_ctx) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pair, NULL);
	CLEANUP(pkey) EVP_PKEY *other = NULL;
	size_t length = sizeof(ret_secret->data);

	if (key_public_to_pkey(peer, &other, err))
		return err->code;
	if (!context || EVP_PKEY_derive_init(context) <= 0 ||
	    EVP_PKEY_derive_set_peer(context, other) <= 0 ||
	    EVP_PKEY_derive(context, ret_secret->data, &length) <= 0)
		return error_set_openssl(err, ERROR_INVALID, "ECDH");
	ret_secret->length = length;
	return ERROR_NONE;
}
