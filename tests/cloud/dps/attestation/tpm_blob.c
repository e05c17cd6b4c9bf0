/* SPDX-License-Identifier: MIT */
#include "tpm_blob.h"

#include <openssl/core_names.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <string.h>

#include "common/base64.h"
#include "tpm_bytes.h"

/* TPM 2.0 Library, part 2, section 6.3. */
#define TPM_ALG_RSA 0x0001
#define TPM_ALG_HMAC 0x0005
#define TPM_ALG_KEYEDHASH 0x0008
#define TPM_ALG_SHA256 0x000b
#define TPM_ALG_NULL 0x0010
#define TPM_ALG_AES 0x0006
#define TPM_ALG_CFB 0x0043

#define AES_SIZE 16
#define SEED_SIZE 32
#define RSA_BITS 2048
#define RSA_DEFAULT_EXPONENT 65537

DEFINE_CLEANUP(cipher_ctx, EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)
DEFINE_CLEANUP(param_build, OSSL_PARAM_BLD, OSSL_PARAM_BLD_free)
DEFINE_CLEANUP(params, OSSL_PARAM, OSSL_PARAM_free)

void
tpm_public_done(struct tpm_public *public)
{
	EVP_PKEY_free(public->key);
	*public = (struct tpm_public){0};
}

void
tpm_key_done(struct tpm_key *key)
{
	OPENSSL_cleanse(key, sizeof(*key));
}

enum error_code
tpm_key_create(uint32_t attributes, size_t length, struct tpm_key *ret_key,
    char **ret_text, struct error *err)
{
	CLEANUP_DONE(tpm_key)
	struct tpm_key key = {
	    .attributes = attributes ? attributes : TPM_KEY_ATTRIBUTES,
	    .length = length ? length : TPM_KEY_BYTES};
	char *text;

	if (RAND_bytes(key.data, (int)key.length) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "random bytes");
	text = base64_encode(key.data, key.length);
	if (!text)
		return error_no_memory(err);
	*ret_key = key;
	*ret_text = text;
	return ERROR_NONE;
}

/* ---- reading a public area ---- */

static enum error_code
rsa_key(const struct tpm_reader *modulus, EVP_PKEY **ret_key, struct error *err)
{
	CLEANUP(param_build) OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	CLEANUP(bignum)
	BIGNUM *n = BN_bin2bn(modulus->data, (int)modulus->length, NULL);
	CLEANUP(pkey_ctx)
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	CLEANUP(params) OSSL_PARAM *params = NULL;

	if (!build || !n || !context ||
	    !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) ||
	    !OSSL_PARAM_BLD_push_uint(
		build, OSSL_PKEY_PARAM_RSA_E, RSA_DEFAULT_EXPONENT))
		return error_no_memory(err);
	/* OpenSSL takes any number, and cannot encrypt to it. */
	if (BN_num_bits(n) != RSA_BITS || !BN_is_odd(n))
		return error_set(
		    err, ERROR_INVALID, "its modulus is not of 2048 bits");
	params = OSSL_PARAM_BLD_to_param(build);
	if (!params || EVP_PKEY_fromdata_init(context) <= 0 ||
	    EVP_PKEY_fromdata(context, ret_key, EVP_PKEY_PUBLIC_KEY, params) <=
		0)
		return error_set_openssl(
		    err, ERROR_INVALID, "the TPM's RSA key");
	return ERROR_NONE;
}

static void
compute_name(const void *area, size_t length,
    unsigned char ret_name[static TPM_NAME_SIZE])
{
	ret_name[0] = TPM_ALG_SHA256 >> 8;
	ret_name[1] = TPM_ALG_SHA256 & 0xff;
	(void)SHA256(area, length, ret_name + 2);
}

static bool
has_storage_parameters(struct tpm_reader *area)
{
	bool fits = tpm_get_u16(area) == TPM_ALG_RSA &&
		    tpm_get_u16(area) == TPM_ALG_SHA256;

	(void)tpm_get_u32(area);   /* attributes */
	(void)tpm_get_sized(area); /* authPolicy */
	return fits && tpm_get_u16(area) == TPM_ALG_AES &&
	       tpm_get_u16(area) == AES_SIZE * 8 &&
	       tpm_get_u16(area) == TPM_ALG_CFB &&
	       tpm_get_u16(area) == TPM_ALG_NULL && /* scheme */
	       tpm_get_u16(area) == RSA_BITS &&
	       tpm_get_u32(area) == 0; /* the default exponent */
}

static enum error_code
read_area(const unsigned char *data, size_t length,
    struct tpm_public *ret_public, struct error *err)
{
	struct tpm_reader whole = {.data = data, .length = length};
	struct tpm_reader area = tpm_get_sized(&whole);
	struct tpm_reader rest = area, modulus;
	struct tpm_public public = {0};

	if (whole.underflow || whole.length > 0)
		return error_set(err, ERROR_INVALID, "it is no TPM2B_PUBLIC");
	if (!has_storage_parameters(&rest))
		return error_set(err, ERROR_INVALID,
		    "it is no storage key of RSA-2048, SHA-256 and "
		    "AES-128-CFB");
	modulus = tpm_get_sized(&rest);
	if (rest.underflow || rest.length > 0 || modulus.length != RSA_BITS / 8)
		return error_set(
		    err, ERROR_INVALID, "its modulus is not of 2048 bits");
	compute_name(area.data, area.length, public.name);
	if (rsa_key(&modulus, &public.key, err))
		return err->code;
	*ret_public = public;
	return ERROR_NONE;
}

enum error_code
tpm_public_read(
    const char *text, struct tpm_public *ret_public, struct error *err)
{
	CLEANUP(bytes) unsigned char *data = NULL;
	size_t length;

	if (base64_decode(text, &data, &length, err))
		return error_set(err, ERROR_INVALID, "it is not base64");
	return read_area(data, length, ret_public, err);
}

/* ---- primitives ---- */

/* RSA-OAEP with SHA-256 and label, whose NUL belongs to it. */
static enum error_code
encrypt_seed(EVP_PKEY *key, const char *label,
    const unsigned char seed[static SEED_SIZE], struct tpm_writer *ret_secret,
    struct error *err)
{
	CLEANUP(pkey_ctx) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
	char *copy = OPENSSL_strdup(label);
	unsigned char secret[RSA_BITS / 8];
	size_t length = sizeof(secret);

	if (!context || !copy || EVP_PKEY_encrypt_init(context) <= 0 ||
	    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) <=
		0 ||
	    EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) <= 0 ||
	    EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) <= 0 ||
	    EVP_PKEY_CTX_set0_rsa_oaep_label(
		context, copy, (int)strlen(label) + 1) <= 0) {
		OPENSSL_free(copy);
		return error_set_openssl(err, ERROR_INTERNAL, "RSA-OAEP");
	}
	/* copy is the context's now. */
	if (EVP_PKEY_encrypt(context, secret, &length, seed, SEED_SIZE) <= 0)
		return error_set_openssl(err, ERROR_INTERNAL, "RSA-OAEP");
	tpm_put_sized(ret_secret, secret, length);
	return ERROR_NONE;
}

/* AES-128-CFB from an IV of zeros; in place. */
static enum error_code
encrypt_cfb(const unsigned char key[static AES_SIZE], struct tpm_writer *data,
    struct error *err)
{
	CLEANUP(cipher_ctx) EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	static const unsigned char iv[AES_SIZE] = {0};
	int length;

	if (!context ||
	    !EVP_EncryptInit_ex2(
		context, EVP_aes_128_cfb128(), key, iv, NULL) ||
	    !EVP_EncryptUpdate(
		context, data->data, &length, data->data, (int)data->length))
		return error_set_openssl(err, ERROR_INTERNAL, "AES-CFB");
	return ERROR_NONE;
}

/* KDFa of part 1, section 11.4.10.2, for at most one block of the hash. */
static enum error_code
derive(const unsigned char seed[static SEED_SIZE], const char *label,
    const unsigned char *context, size_t context_length, unsigned char *ret_key,
    size_t key_length, struct error *err)
{
	struct tpm_writer input = {0};
	unsigned char block[SHA256_DIGEST_LENGTH];
	unsigned length;

	tpm_put_u32(&input, 1);
	tpm_put(&input, label, strlen(label) + 1);
	tpm_put(&input, context, context_length);
	tpm_put_u32(&input, (uint32_t)key_length * 8);
	if (!HMAC(EVP_sha256(), seed, SEED_SIZE, input.data, input.length,
		block, &length))
		return error_set_openssl(err, ERROR_INTERNAL, "HMAC");
	memcpy(ret_key, block, key_length);
	OPENSSL_cleanse(block, sizeof(block));
	return ERROR_NONE;
}

/* 2B(HMAC(data || name)) || data, data encrypted by what seed gives. */
static enum error_code
protect(const unsigned char seed[static SEED_SIZE],
    const unsigned char name[static TPM_NAME_SIZE], struct tpm_writer *data,
    struct tpm_writer *ret_protected, struct error *err)
{
	unsigned char cipher_key[AES_SIZE], mac_key[SHA256_DIGEST_LENGTH];
	unsigned char mac[SHA256_DIGEST_LENGTH];
	size_t length = data->length;
	unsigned mac_length;

	if (derive(seed, "STORAGE", name, TPM_NAME_SIZE, cipher_key,
		sizeof(cipher_key), err) ||
	    derive(seed, "INTEGRITY", NULL, 0, mac_key, sizeof(mac_key), err) ||
	    encrypt_cfb(cipher_key, data, err))
		return err->code;
	tpm_put(data, name, TPM_NAME_SIZE);
	if (!HMAC(EVP_sha256(), mac_key, sizeof(mac_key), data->data,
		data->length, mac, &mac_length))
		return error_set_openssl(err, ERROR_INTERNAL, "HMAC");
	tpm_put_sized(ret_protected, mac, sizeof(mac));
	tpm_put(ret_protected, data->data, length);
	return ERROR_NONE;
}

/* ---- the blob ---- */

static enum error_code
put_credential(const struct tpm_public *endorsement,
    const struct tpm_public *storage,
    const unsigned char inner[static AES_SIZE], struct tpm_writer *blob,
    struct error *err)
{
	struct tpm_writer data = {0}, credential = {0}, secret = {0};
	unsigned char seed[SEED_SIZE];

	if (RAND_bytes(seed, sizeof(seed)) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "random bytes");
	tpm_put_sized(&data, inner, AES_SIZE);
	if (protect(seed, storage->name, &data, &credential, err) ||
	    encrypt_seed(endorsement->key, "IDENTITY", seed, &secret, err))
		return err->code;
	tpm_put_sized(blob, credential.data, credential.length);
	tpm_put(blob, secret.data, secret.length);
	return ERROR_NONE;
}

/* TPMT_PUBLIC of key, bound to its secret by unique. */
static void
put_hmac_public(struct tpm_writer *area, const unsigned char *obfuscation,
    const struct tpm_key *key)
{
	struct tpm_writer both = {0};
	unsigned char unique[SHA256_DIGEST_LENGTH];

	tpm_put(&both, obfuscation, SEED_SIZE);
	tpm_put(&both, key->data, key->length);
	(void)SHA256(both.data, both.length, unique);
	OPENSSL_cleanse(&both, sizeof(both));
	tpm_put_u16(area, TPM_ALG_KEYEDHASH);
	tpm_put_u16(area, TPM_ALG_SHA256);
	tpm_put_u32(area, key->attributes);
	tpm_put_u16(area, 0); /* authPolicy */
	tpm_put_u16(area, TPM_ALG_HMAC);
	tpm_put_u16(area, TPM_ALG_SHA256);
	tpm_put_sized(area, unique, sizeof(unique));
}

/* The inner wrapper: 2B(SHA256(sensitive || name)) || sensitive, encrypted. */
static enum error_code
wrap_inner(const unsigned char inner[static AES_SIZE],
    const unsigned char name[static TPM_NAME_SIZE],
    const unsigned char *obfuscation, const struct tpm_key *key,
    struct tpm_writer *ret_data, struct error *err)
{
	struct tpm_writer area = {0}, sensitive = {0}, named;
	unsigned char digest[SHA256_DIGEST_LENGTH];

	tpm_put_u16(&area, TPM_ALG_KEYEDHASH);
	tpm_put_u16(&area, 0); /* authValue */
	tpm_put_sized(&area, obfuscation, SEED_SIZE);
	tpm_put_sized(&area, key->data, key->length);
	tpm_put_sized(&sensitive, area.data, area.length);
	named = sensitive;
	tpm_put(&named, name, TPM_NAME_SIZE);
	(void)SHA256(named.data, named.length, digest);
	tpm_put_sized(ret_data, digest, sizeof(digest));
	tpm_put(ret_data, sensitive.data, sensitive.length);
	OPENSSL_cleanse(&area, sizeof(area));
	OPENSSL_cleanse(&sensitive, sizeof(sensitive));
	OPENSSL_cleanse(&named, sizeof(named));
	return encrypt_cfb(inner, ret_data, err);
}

static enum error_code
put_duplicate(const struct tpm_public *storage,
    const unsigned char inner[static AES_SIZE], const struct tpm_key *key,
    struct tpm_writer *blob, struct error *err)
{
	struct tpm_writer area = {0}, data = {0}, outer = {0}, seed_text = {0};
	unsigned char seed[SEED_SIZE], obfuscation[SEED_SIZE];
	unsigned char name[TPM_NAME_SIZE];

	if (RAND_bytes(seed, sizeof(seed)) != 1 ||
	    RAND_bytes(obfuscation, sizeof(obfuscation)) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "random bytes");
	put_hmac_public(&area, obfuscation, key);
	compute_name(area.data, area.length, name);
	if (wrap_inner(inner, name, obfuscation, key, &data, err) ||
	    protect(seed, name, &data, &outer, err) ||
	    encrypt_seed(storage->key, "DUPLICATE", seed, &seed_text, err))
		return err->code;
	tpm_put_sized(blob, outer.data, outer.length);
	tpm_put(blob, seed_text.data, seed_text.length);
	tpm_put_sized(blob, area.data, area.length);
	return ERROR_NONE;
}

enum error_code
tpm_blob_create(const struct tpm_public *endorsement,
    const struct tpm_public *storage, const struct tpm_key *key,
    char **ret_text, struct error *err)
{
	struct tpm_writer blob = {0};
	unsigned char inner[AES_SIZE];

	if (RAND_bytes(inner, sizeof(inner)) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "random bytes");
	if (put_credential(endorsement, storage, inner, &blob, err) ||
	    put_duplicate(storage, inner, key, &blob, err))
		return err->code;
	tpm_put_u16(&blob, 0); /* TPM2B_DATA */
	if (blob.overflow)
		return error_set(err, ERROR_INTERNAL, "the blob is too long");
	*ret_text = base64_encode(blob.data, blob.length);
	return *ret_text ? ERROR_NONE : error_no_memory(err);
}
