/* SPDX-License-Identifier: MIT */
#include "algorithm.h"

#include <openssl/evp.h>
#include <string.h>

#include "common/openssl.h"

static const unsigned char digest_infos[][DIGEST_INFO_PREFIX] = {
    {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
     0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20},
    {0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
     0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30},
    {0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
     0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40},
};

static const struct algorithm algorithms[] = {
    {"ES256",          KEY_PAIR,   KEY_EC,      KEY_ECDSA,      32, "SHA256", "P-256", NULL},
    {"ES384",          KEY_PAIR,   KEY_EC,      KEY_ECDSA,      48, "SHA384", "P-384", NULL},
    {"ES512",          KEY_PAIR,   KEY_EC,      KEY_ECDSA,      64, "SHA512", "P-521", NULL},
    {"ECDSA-SHA256",   KEY_PAIR,   KEY_EC,      KEY_ECDSA,      32, "SHA256", NULL,    NULL},
    {"ECDSA-SHA384",   KEY_PAIR,   KEY_EC,      KEY_ECDSA,      48, "SHA384", NULL,    NULL},
    {"ECDSA-SHA512",   KEY_PAIR,   KEY_EC,      KEY_ECDSA,      64, "SHA512", NULL,    NULL},
    {"EdDSA",          KEY_PAIR,   KEY_EDWARDS, KEY_EDDSA,      0,  NULL,     NULL,    NULL},
    {"RS256",          KEY_PAIR,   KEY_RSA,     KEY_RSA_PKCS1,  32, "SHA256", NULL,
     digest_infos[0]								       },
    {"RS384",          KEY_PAIR,   KEY_RSA,     KEY_RSA_PKCS1,  48, "SHA384", NULL,
     digest_infos[1]								       },
    {"RS512",          KEY_PAIR,   KEY_RSA,     KEY_RSA_PKCS1,  64, "SHA512", NULL,
     digest_infos[2]								       },
    {"PS256",          KEY_PAIR,   KEY_RSA,     KEY_PSS_SHA256, 32, "SHA256", NULL,    NULL},
    {"PS384",          KEY_PAIR,   KEY_RSA,     KEY_PSS_SHA384, 48, "SHA384", NULL,    NULL},
    {"PS512",          KEY_PAIR,   KEY_RSA,     KEY_PSS_SHA512, 64, "SHA512", NULL,    NULL},
    {"RSA-PKCS1",      KEY_PAIR,   KEY_RSA,     KEY_RSA_PKCS1,  0,  NULL,     NULL,    NULL},
    {"RSA-NO-PADDING", KEY_PAIR,   KEY_RSA,     KEY_RSA_RAW,    0,  NULL,     NULL,    NULL},
    {"HS256",          KEY_SECRET, KEY_EC,      KEY_ECDSA,      0,  NULL,     NULL,    NULL},
};

enum error_code
algorithm_find(
    const char *name, const struct algorithm **ret_algorithm, struct error *err)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (strcmp(algorithms[i].name, name) == 0) {
			*ret_algorithm = &algorithms[i];
			return ERROR_NONE;
		}
	return error_set(err, ERROR_INVALID,
	    "there is no algorithm '%s'; there are ES256, ES384, ES512, "
	    "ECDSA-SHA256, ECDSA-SHA384, ECDSA-SHA512, EdDSA, RS256, RS384, "
	    "RS512, PS256, PS384, PS512, HS256, RSA-PKCS1 and RSA-NO-PADDING",
	    name);
}

enum key_kind
keys_kind_for(const char *name)
{
	const struct algorithm *algorithm;
	struct error ignored;

	return algorithm_find(name, &algorithm, &ignored) ? KEY_PAIR
							  : algorithm->kind;
}

static enum error_code
hash(const struct algorithm *algorithm, const struct key_input *message,
    unsigned char buffer[ALGORITHM_DIGEST_MAX], struct error *err)
{
	size_t length = 0;

	if (EVP_Q_digest(NULL, algorithm->hash, NULL, message->data,
		message->length, buffer, &length) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, algorithm->hash);
	return ERROR_NONE;
}

enum error_code
algorithm_input(const struct algorithm *algorithm, const struct key_task *task,
    unsigned char buffer[ALGORITHM_DIGEST_MAX], struct key_input *ret_input,
    struct error *err)
{
	size_t size = algorithm->digest_size;

	if (!task->digest == !task->message)
		return error_set(err, ERROR_MALFORMED,
		    "one of 'digest' and 'message' is needed");
	if (task->digest && size == 0)
		return error_set(err, ERROR_MALFORMED,
		    "%s takes a 'message', not a 'digest'", algorithm->name);
	if (task->digest && task->digest->length != size)
		return error_set(err, ERROR_INVALID,
		    "%s needs a digest of %zu bytes, not %zu", algorithm->name,
		    size, task->digest->length);
	if (task->message && size > 0) {
		*ret_input = (struct key_input){buffer, size};
		return hash(algorithm, task->message, buffer, err);
	}
	*ret_input = task->digest ? *task->digest : *task->message;
	return ERROR_NONE;
}

/* PSS needs a salt and two bytes beside the digest (RFC 8017, 9.1.1). */
static bool
fits_pss(const struct algorithm *algorithm, const struct key_public *key)
{
	return key->modulus_length >= 2 * algorithm->digest_size + 2;
}

static bool
is_pss(const struct algorithm *algorithm)
{
	return algorithm->key == KEY_RSA && algorithm->digest_size > 0 &&
	       !algorithm->digest_info;
}

enum error_code
algorithm_check_key(const struct algorithm *algorithm,
    const struct key_public *key, const char *id, struct error *err)
{
	if (algorithm->key != key->algorithm)
		return error_set(err, ERROR_INVALID,
		    "key '%s' is an %s key, %s needs %s", id,
		    key_algorithm_name(key->algorithm), algorithm->name,
		    key_algorithm_name(algorithm->key));
	if (algorithm->curve && strcmp(algorithm->curve, key->curve->name) != 0)
		return error_set(err, ERROR_INVALID,
		    "%s is for %s, the key is on %s", algorithm->name,
		    algorithm->curve, key->curve->name);
	if (is_pss(algorithm) && !fits_pss(algorithm, key))
		return error_set(err, ERROR_INVALID,
		    "the key is too short for %s", algorithm->name);
	return ERROR_NONE;
}
