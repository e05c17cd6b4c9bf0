/* SPDX-License-Identifier: MIT */
/* Signing. */
#include <string.h>

#include "algorithm.h"
#include "ecdsa.h"
#include "keys_find.h"
#include "rules.h"

#define SHA512_SIZE 64
#define PKCS1_PADDING_MIN 11 /* RFC 8017 section 9.2 */

/* A pair that is to sign. */
struct signer {
	struct keys *keys;
	const char *id;
	struct key_place place;
	struct key_facts facts;
};

static enum error_code
find_signer(struct keys *keys, const struct peer *who,
    const struct key_ref *key, struct signer *signer, struct error *err)
{
	signer->keys = keys;
	signer->id = key->id;
	if (keys_authorize(keys, who, key, ACL_USE, err))
		return err->code;
	if (key->kind != KEY_PAIR)
		return error_set(err, ERROR_INVALID,
		    "key '%s' is symmetric, this needs a key pair", key->id);
	return keys_find(keys, who, key, &signer->place, &signer->facts, err);
}

static enum error_code
sign(const struct signer *signer, enum key_mechanism mechanism,
    const struct key_input *input, struct key_signature *ret_signature,
    struct error *err)
{
	if (key_store_sign(signer->keys->parts.store, &signer->place.name,
		mechanism, input, ret_signature, err))
		return error_wrap(err, "cannot sign with key '%s'", signer->id);
	return ERROR_NONE;
}

/* ---- ECDSA ---- */

/*
 * As many bytes as the order has: the leading ones of a longer digest, zeros in
 * front of a shorter one. That is the same number, and TPMs, which take digests
 * of the lengths of hashes only, then accept it too. The order of P-521 does
 * not fill its bytes, so that zeros up to there would count as digits (FIPS
 * 186-4 section 6.4): a digest is then made as long as the longest hash.
 */
static enum error_code
sign_ecdsa(const struct signer *signer, const struct key_input *digest,
    struct key_signature *ret_raw, struct error *err)
{
	unsigned char number[KEY_POINT_MAX] = {0};
	size_t size = key_public_size(&signer->facts.public);
	size_t used = digest->length < size ? digest->length : size;
	size_t hash = size < SHA512_SIZE ? size : SHA512_SIZE;
	struct key_input input = {number, used > hash ? used : hash};

	if (digest->length == 0)
		return error_set(err, ERROR_INVALID, "the digest is empty");
	memcpy(number + input.length - used, digest->data, used);
	if (sign(signer, KEY_ECDSA, &input, ret_raw, err))
		return err->code;
	if (ret_raw->length != 2 * size)
		return error_set(err, ERROR_UNAVAILABLE,
		    "the token made a signature of %zu bytes, not %zu",
		    ret_raw->length, 2 * size);
	return ERROR_NONE;
}

static enum error_code
check_algorithm(const struct signer *signer, enum key_algorithm algorithm,
    struct error *err)
{
	if (signer->facts.public.algorithm == algorithm)
		return ERROR_NONE;
	return error_set(err, ERROR_INVALID,
	    "key '%s' is an %s key, the algorithm needs %s", signer->id,
	    key_algorithm_name(signer->facts.public.algorithm),
	    key_algorithm_name(algorithm));
}

enum error_code
rules_sign_ecdsa(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const struct key_input *digest,
    struct key_signature *ret_signature, struct error *err)
{
	struct key_signature raw;
	struct signer signer;

	if (find_signer(keys, who, key, &signer, err) ||
	    check_algorithm(&signer, KEY_EC, err) ||
	    sign_ecdsa(&signer, digest, &raw, err))
		return err->code;
	return ecdsa_to_der(&raw, ret_signature, err);
}

/* ---- RSA ---- */

/* Tokens differ in what they say to a block that is too long or too large. */
static enum error_code
check_rsa_input(const struct key_public *key, enum key_mechanism mechanism,
    const struct key_input *message, struct error *err)
{
	if (mechanism == KEY_RSA_PKCS1) {
		if (message->length + PKCS1_PADDING_MIN > key->modulus_length)
			return error_set(err, ERROR_INVALID,
			    "a message of %zu bytes is too long for the key",
			    message->length);
		return ERROR_NONE;
	}
	if (message->length != key->modulus_length)
		return error_set(err, ERROR_INVALID,
		    "the message has %zu bytes, without padding it must have "
		    "%zu",
		    message->length, key->modulus_length);
	if (memcmp(message->data, key->modulus, message->length) >= 0)
		return error_set(
		    err, ERROR_INVALID, "the message is not below the modulus");
	return ERROR_NONE;
}

static enum error_code
sign_rsa(const struct signer *signer, enum key_mechanism mechanism,
    const struct key_input *message, struct key_signature *ret_signature,
    struct error *err)
{
	if (check_rsa_input(&signer->facts.public, mechanism, message, err))
		return err->code;
	return sign(signer, mechanism, message, ret_signature, err);
}

enum error_code
rules_sign_rsa(struct keys *keys, const struct peer *who,
    const struct key_ref *key, enum key_mechanism mechanism,
    const struct key_input *message, struct key_signature *ret_signature,
    struct error *err)
{
	struct signer signer;

	if (find_signer(keys, who, key, &signer, err) ||
	    check_algorithm(&signer, KEY_RSA, err))
		return err->code;
	return sign_rsa(&signer, mechanism, message, ret_signature, err);
}

static enum error_code
sign_digest_info(const struct signer *signer, const struct algorithm *algorithm,
    const struct key_input *digest, struct key_signature *ret_signature,
    struct error *err)
{
	unsigned char info[DIGEST_INFO_PREFIX + ALGORITHM_DIGEST_MAX];
	const struct key_input message = {
	    info, DIGEST_INFO_PREFIX + digest->length};

	memcpy(info, algorithm->digest_info, DIGEST_INFO_PREFIX);
	memcpy(info + DIGEST_INFO_PREFIX, digest->data, digest->length);
	return sign_rsa(signer, KEY_RSA_PKCS1, &message, ret_signature, err);
}

/* ---- by name ---- */

static enum error_code
sign_by_name(const struct signer *signer, const struct algorithm *algorithm,
    const struct key_input *input, struct key_signature *ret_signature,
    struct error *err)
{
	if (algorithm->mechanism == KEY_ECDSA)
		return sign_ecdsa(signer, input, ret_signature, err);
	if (algorithm->digest_info)
		return sign_digest_info(
		    signer, algorithm, input, ret_signature, err);
	if (algorithm->key == KEY_RSA && algorithm->digest_size == 0)
		return sign_rsa(
		    signer, algorithm->mechanism, input, ret_signature, err);
	return sign(signer, algorithm->mechanism, input, ret_signature, err);
}

static enum error_code
sign_hmac(struct keys *keys, const struct peer *who, const struct key_ref *key,
    const struct key_input *message, struct key_signature *ret_signature,
    struct error *err)
{
	if (rules_mac(keys, who, key, message, ret_signature->data, err))
		return err->code;
	ret_signature->length = KEY_MAC_SIZE;
	return ERROR_NONE;
}

enum error_code
rules_sign(struct keys *keys, const struct peer *who, const struct key_ref *key,
    const struct key_task *task, struct key_signature *ret_signature,
    struct error *err)
{
	unsigned char buffer[ALGORITHM_DIGEST_MAX];
	const struct algorithm *algorithm;
	struct key_input input;
	struct signer signer;

	if (keys_authorize(keys, who, key, ACL_USE, err) ||
	    algorithm_find(task->algorithm, &algorithm, err) ||
	    algorithm_input(algorithm, task, buffer, &input, err))
		return err->code;
	if (algorithm->kind == KEY_SECRET)
		return sign_hmac(keys, who, key, &input, ret_signature, err);
	if (find_signer(keys, who, key, &signer, err) ||
	    algorithm_check_key(algorithm, &signer.facts.public, key->id, err))
		return err->code;
	return sign_by_name(&signer, algorithm, &input, ret_signature, err);
}
