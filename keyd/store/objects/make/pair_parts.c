/* SPDX-License-Identifier: MIT */
#include "pair_parts.h"

#include <openssl/core_names.h>
#include <string.h>

#define DER_OCTET_STRING 0x04

void
pair_parts_start(struct pair_parts *parts, const struct key_public *public_half)
{
	static const CK_KEY_TYPE types[] = {
	    [KEY_EC] = CKK_EC,
	    [KEY_RSA] = CKK_RSA,
	    [KEY_EDWARDS] = CKK_EC_EDWARDS,
	};

	parts->public = *public_half;
	parts->type = types[public_half->algorithm];
	parts->used = 0;
}

void
pair_parts_done(struct pair_parts *parts)
{
	OPENSSL_cleanse(parts, sizeof(*parts));
}

/* Room for length bytes; NULL if there is not so much. */
static unsigned char *
take_room(struct pair_parts *parts, size_t length)
{
	unsigned char *room = parts->room + parts->used;

	if (length > sizeof(parts->room) - parts->used)
		return NULL;
	parts->used += length;
	return room;
}

static void
put_curve(const struct pair_parts *parts, struct template *template)
{
	template_put(template, CKA_EC_PARAMS, parts->public.curve->oid,
	    parts->public.curve->oid_length);
}

/* A point is in an OCTET STRING (PKCS#11, CKA_EC_POINT). */
static enum error_code
put_point(
    struct pair_parts *parts, struct template *template, struct error *err)
{
	size_t length = parts->public.point_length;
	size_t header = length < 0x80 ? 2 : 3;
	unsigned char *room = take_room(parts, header + length);

	if (!room)
		return error_no_memory(err);
	room[0] = DER_OCTET_STRING;
	room[1] = 0x81;
	room[header - 1] = (unsigned char)length;
	memcpy(room + header, parts->public.point, length);
	template_put(template, CKA_EC_POINT, room, header + length);
	return ERROR_NONE;
}

static void
put_rsa_public(const struct pair_parts *parts, struct template *template)
{
	template_put(template, CKA_MODULUS, parts->public.modulus,
	    parts->public.modulus_length);
	template_put(template, CKA_PUBLIC_EXPONENT, parts->public.exponent,
	    parts->public.exponent_length);
}

enum error_code
pair_parts_put_public(
    struct pair_parts *parts, struct template *template, struct error *err)
{
	template_put(template, CKA_KEY_TYPE, &parts->type, sizeof(parts->type));
	if (parts->public.algorithm == KEY_RSA) {
		put_rsa_public(parts, template);
		return ERROR_NONE;
	}
	put_curve(parts, template);
	return put_point(parts, template, err);
}

/* One number of pair; size 0: as long as it is. */
static enum error_code
put_number(struct pair_parts *parts, const EVP_PKEY *pair, const char *name,
    CK_ATTRIBUTE_TYPE type, size_t size, struct template *template,
    struct error *err)
{
	BIGNUM *number = NULL;
	unsigned char *room;
	size_t length;
	int written;

	if (!EVP_PKEY_get_bn_param(pair, name, &number))
		return error_set_openssl(
		    err, ERROR_INVALID, "the private half");
	length = size ? size : (size_t)BN_num_bytes(number);
	room = take_room(parts, length);
	written = room ? BN_bn2binpad(number, room, (int)length) : -1;
	BN_clear_free(number);
	if (written < 0)
		return error_set(err, ERROR_INVALID, "the key is too long");
	template_put(template, type, room, length);
	return ERROR_NONE;
}

static enum error_code
put_rsa_private(struct pair_parts *parts, const EVP_PKEY *pair,
    struct template *template, struct error *err)
{
	static const struct {
		const char *name;
		CK_ATTRIBUTE_TYPE type;
	} numbers[] = {
	    {OSSL_PKEY_PARAM_RSA_D,            CKA_PRIVATE_EXPONENT},
	    {OSSL_PKEY_PARAM_RSA_FACTOR1,      CKA_PRIME_1         },
	    {OSSL_PKEY_PARAM_RSA_FACTOR2,      CKA_PRIME_2         },
	    {OSSL_PKEY_PARAM_RSA_EXPONENT1,    CKA_EXPONENT_1      },
	    {OSSL_PKEY_PARAM_RSA_EXPONENT2,    CKA_EXPONENT_2      },
	    {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, CKA_COEFFICIENT     },
	};

	put_rsa_public(parts, template);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (put_number(parts, pair, numbers[i].name, numbers[i].type, 0,
			template, err))
			return err->code;
	return ERROR_NONE;
}

static enum error_code
put_edwards_private(struct pair_parts *parts, const EVP_PKEY *pair,
    struct template *template, struct error *err)
{
	size_t length = key_public_size(&parts->public);
	unsigned char *room = take_room(parts, length);

	if (!room)
		return error_no_memory(err);
	if (!EVP_PKEY_get_raw_private_key(pair, room, &length))
		return error_set_openssl(
		    err, ERROR_INVALID, "the private half");
	template_put(template, CKA_VALUE, room, length);
	return ERROR_NONE;
}

enum error_code
pair_parts_put_private(struct pair_parts *parts, const EVP_PKEY *pair,
    struct template *template, struct error *err)
{
	template_put(template, CKA_KEY_TYPE, &parts->type, sizeof(parts->type));
	if (parts->public.algorithm == KEY_RSA)
		return put_rsa_private(parts, pair, template, err);
	put_curve(parts, template);
	if (parts->public.algorithm == KEY_EDWARDS)
		return put_edwards_private(parts, pair, template, err);
	return put_number(parts, pair, OSSL_PKEY_PARAM_PRIV_KEY, CKA_VALUE,
	    key_public_size(&parts->public), template, err);
}
