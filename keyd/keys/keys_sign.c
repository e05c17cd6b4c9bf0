/* SPDX-License-Identifier: MIT */
/* Using key pairs. */
#include <string.h>

#include "ecdsa.h"
#include "keys_find.h"

#define SHA256_SIZE 32
#define SHA384_SIZE 48
#define SHA512_SIZE 64
#define PKCS1_PADDING_MIN 11 /* RFC 8017 section 9.2 */
#define DIGEST_INFO_PREFIX 19

/* RFC 8017 section 9.2, note 1: all of DigestInfo but the digest. */
static const unsigned char digest_infos[][DIGEST_INFO_PREFIX] = {
    {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
     0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20},
    {0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
     0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30},
    {0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
     0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40},
};

/* RFC 7518 section 3.1. */
static const struct digest_algorithm {
	const char *name;
	enum key_mechanism mechanism;
	size_t digest_size;
	const char *curve;                /* ES: the curve it is for */
	const unsigned char *digest_info; /* RS */
} digest_algorithms[] = {
    {"ES256", KEY_ECDSA,      SHA256_SIZE, "P-256", NULL           },
    {"ES384", KEY_ECDSA,      SHA384_SIZE, "P-384", NULL           },
    {"ES512", KEY_ECDSA,      SHA512_SIZE, "P-521", NULL           },
    {"RS256", KEY_RSA_PKCS1,  SHA256_SIZE, NULL,    digest_infos[0]},
    {"RS384", KEY_RSA_PKCS1,  SHA384_SIZE, NULL,    digest_infos[1]},
    {"RS512", KEY_RSA_PKCS1,  SHA512_SIZE, NULL,    digest_infos[2]},
    {"PS256", KEY_PSS_SHA256, SHA256_SIZE, NULL,    NULL           },
    {"PS384", KEY_PSS_SHA384, SHA384_SIZE, NULL,    NULL           },
    {"PS512", KEY_PSS_SHA512, SHA512_SIZE, NULL,    NULL           },
};

static const struct digest_algorithm *
find_algorithm(const char *name)
{
	size_t count = sizeof(digest_algorithms) / sizeof(digest_algorithms[0]);

	for (size_t i = 0; i < count; i++)
		if (strcmp(digest_algorithms[i].name, name) == 0)
			return &digest_algorithms[i];
	return NULL;
}

static enum error_code
find_for(struct keys *keys, const struct peer *who, const struct key_ref *key,
    enum key_algorithm algorithm, struct key_place *ret_place,
    struct key_facts *ret_facts, struct error *err)
{
	if (keys_authorize(keys, who, key, ACL_USE, err) ||
	    keys_find(keys, who, key->id, ret_place, ret_facts, err))
		return err->code;
	if (ret_facts->public.algorithm != algorithm)
		return error_set(err, ERROR_INVALID,
		    "key '%s' is an %s key, the algorithm needs %s", key->id,
		    key_algorithm_name(ret_facts->public.algorithm),
		    key_algorithm_name(algorithm));
	return ERROR_NONE;
}

static enum error_code
sign(struct keys *keys, const char *id, const struct key_place *place,
    enum key_mechanism mechanism, const unsigned char *data, size_t length,
    struct key_signature *ret_signature, struct error *err)
{
	const struct key_input input = {data, length};

	if (key_store_sign(keys->parts.store, &place->name, mechanism, &input,
		ret_signature, err))
		return error_wrap(err, "cannot sign with key '%s'", id);
	return ERROR_NONE;
}

/*
 * As many bytes as the order has: the leading ones of a longer digest, zeros in
 * front of a shorter one. That is the same number, and TPMs, which take digests
 * of the lengths of hashes only, then accept it too. The order of P-521 does
 * not fill its bytes, so that zeros up to there would count as digits (FIPS
 * 186-4 section 6.4): a digest is then made as long as the longest hash.
 */
static enum error_code
sign_ecdsa_raw(struct keys *keys, const char *id, const struct key_place *place,
    const struct key_facts *facts, const struct key_input *digest,
    struct key_signature *ret_raw, struct error *err)
{
	unsigned char number[KEY_POINT_MAX] = {0};
	size_t size = key_public_size(&facts->public);
	size_t used = digest->length < size ? digest->length : size;
	size_t hash = size < SHA512_SIZE ? size : SHA512_SIZE;
	size_t length = used > hash ? used : hash;

	if (digest->length == 0)
		return error_set(err, ERROR_INVALID, "the digest is empty");
	memcpy(number + length - used, digest->data, used);
	if (sign(keys, id, place, KEY_ECDSA, number, length, ret_raw, err))
		return err->code;
	if (ret_raw->length != 2 * size)
		return error_set(err, ERROR_UNAVAILABLE,
		    "the token made a signature of %zu bytes, not %zu",
		    ret_raw->length, 2 * size);
	return ERROR_NONE;
}

enum error_code
keys_sign_ecdsa(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const struct key_input *digest,
    struct key_signature *ret_signature, struct error *err)
{
	struct key_signature raw;
	struct key_place place;
	struct key_facts facts;

	if (find_for(keys, who, key, KEY_EC, &place, &facts, err) ||
	    sign_ecdsa_raw(keys, key->id, &place, &facts, digest, &raw, err))
		return err->code;
	return ecdsa_to_der(&raw, ret_signature, err);
}

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

enum error_code
keys_sign_rsa(struct keys *keys, const struct peer *who,
    const struct key_ref *key, enum key_mechanism mechanism,
    const struct key_input *message, struct key_signature *ret_signature,
    struct error *err)
{
	struct key_place place;
	struct key_facts facts;

	if (find_for(keys, who, key, KEY_RSA, &place, &facts, err) ||
	    check_rsa_input(&facts.public, mechanism, message, err))
		return err->code;
	return sign(keys, key->id, &place, mechanism, message->data,
	    message->length, ret_signature, err);
}

static enum error_code
check_digest(const struct digest_algorithm *algorithm,
    const struct key_public *key, size_t length, struct error *err)
{
	if (length != algorithm->digest_size)
		return error_set(err, ERROR_INVALID,
		    "%s needs a digest of %zu bytes, not %zu", algorithm->name,
		    algorithm->digest_size, length);
	if (algorithm->curve && strcmp(algorithm->curve, key->curve->name) != 0)
		return error_set(err, ERROR_INVALID,
		    "%s is for %s, the key is on %s", algorithm->name,
		    algorithm->curve, key->curve->name);
	return ERROR_NONE;
}

/* PSS needs a salt and two bytes beside the digest (RFC 8017, 9.1.1). */
static bool
fits_pss(const struct key_public *key, size_t digest_size)
{
	return key->modulus_length >= 2 * digest_size + 2;
}

static enum error_code
sign_digest_rsa(struct keys *keys, const char *id,
    const struct key_place *place, const struct key_facts *facts,
    const struct digest_algorithm *algorithm, const struct key_input *digest,
    struct key_signature *ret_signature, struct error *err)
{
	unsigned char info[DIGEST_INFO_PREFIX + SHA512_SIZE];
	struct key_input message = *digest;

	if (algorithm->digest_info) {
		memcpy(info, algorithm->digest_info, DIGEST_INFO_PREFIX);
		memcpy(info + DIGEST_INFO_PREFIX, digest->data, digest->length);
		message = (struct key_input){
		    info, DIGEST_INFO_PREFIX + digest->length};
		if (check_rsa_input(
			&facts->public, KEY_RSA_PKCS1, &message, err))
			return err->code;
	} else if (!fits_pss(&facts->public, digest->length)) {
		return error_set(err, ERROR_INVALID,
		    "the key is too short for %s", algorithm->name);
	}
	return sign(keys, id, place, algorithm->mechanism, message.data,
	    message.length, ret_signature, err);
}

enum error_code
keys_sign_digest(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const char *name, const struct key_input *digest,
    struct key_signature *ret_signature, struct error *err)
{
	const struct digest_algorithm *algorithm = find_algorithm(name);
	struct key_place place;
	struct key_facts facts;

	if (keys_authorize(keys, who, key, ACL_USE, err))
		return err->code;
	if (!algorithm)
		return error_set(err, ERROR_INVALID,
		    "there is no algorithm '%s'; there are ES256, ES384, "
		    "ES512, RS256, RS384, RS512, PS256, PS384, PS512, "
		    "RSA-PKCS1 and RSA-NO-PADDING",
		    name);
	if (find_for(keys, who, key,
		algorithm->mechanism == KEY_ECDSA ? KEY_EC : KEY_RSA, &place,
		&facts, err) ||
	    check_digest(algorithm, &facts.public, digest->length, err))
		return err->code;
	if (algorithm->mechanism == KEY_ECDSA)
		return sign_ecdsa_raw(
		    keys, key->id, &place, &facts, digest, ret_signature, err);
	return sign_digest_rsa(keys, key->id, &place, &facts, algorithm, digest,
	    ret_signature, err);
}
