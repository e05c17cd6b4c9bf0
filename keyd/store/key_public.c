/* SPDX-License-Identifier: MIT */
#include "key_public.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>
#include <string.h>

#define DER_OCTET_STRING 0x04
#define POINT_UNCOMPRESSED 0x04

/* SEC 2 and RFC 5480. */
static const struct key_curve curves[] = {
    {"P-256", 256, 10,
     {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}},
    {"P-384", 384, 7,  {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22}},
    {"P-521", 521, 7,  {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23}},
};
/* RFC 8410. */
static const struct key_curve ed25519 = {
    "Ed25519", 255, 5, {0x06, 0x03, 0x2b, 0x65, 0x70}
};

DEFINE_CLEANUP(param_builder, OSSL_PARAM_BLD, OSSL_PARAM_BLD_free)
DEFINE_CLEANUP(params, OSSL_PARAM, OSSL_PARAM_free)
DEFINE_CLEANUP(ec_group, EC_GROUP, EC_GROUP_free)
DEFINE_CLEANUP(ec_point, EC_POINT, EC_POINT_free)

const char *
key_algorithm_name(enum key_algorithm algorithm)
{
	switch (algorithm) {
	case KEY_EC:
		return "EC";
	case KEY_RSA:
		return "RSA";
	case KEY_EDWARDS:
		break;
	}
	return "EdDSA";
}

const struct key_curve *
key_curve_of_oid(const void *der, size_t length)
{
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
		if (curves[i].oid_length == length &&
		    memcmp(curves[i].oid, der, length) == 0)
			return &curves[i];
	if (length == ed25519.oid_length &&
	    memcmp(ed25519.oid, der, length) == 0)
		return &ed25519;
	return NULL;
}

static const struct key_curve *
curve_of_name(const char *name)
{
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
		if (EC_curve_nist2nid(curves[i].name) == OBJ_sn2nid(name))
			return &curves[i];
	return NULL;
}

static size_t
coordinate_size(const struct key_curve *curve)
{
	return (curve->bits + 7) / 8;
}

size_t
key_public_size(const struct key_public *key)
{
	return key->algorithm == KEY_RSA ? key->modulus_length
					 : coordinate_size(key->curve);
}

/* Checks that the point is on the curve, and brings it to one form. */
static enum error_code
set_bare_point(struct key_public *key, const unsigned char *data, size_t length,
    struct error *err)
{
	CLEANUP(ec_group)
	EC_GROUP *group =
	    EC_GROUP_new_by_curve_name(EC_curve_nist2nid(key->curve->name));
	CLEANUP(ec_point) EC_POINT *point = group ? EC_POINT_new(group) : NULL;

	if (!point)
		return error_set_openssl(err, ERROR_INTERNAL, "EC_POINT_new");
	if (!EC_POINT_oct2point(group, point, data, length, NULL))
		return error_set_openssl(err, ERROR_INVALID, "EC point");
	key->point_length =
	    EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED,
		key->point, sizeof(key->point), NULL);
	if (key->point_length != 1 + 2 * coordinate_size(key->curve))
		return error_set_openssl(err, ERROR_INVALID, "EC point");
	key->algorithm = KEY_EC;
	return ERROR_NONE;
}

/* OpenSSL, like most, finds out at a signature whether it is on the curve. */
static enum error_code
set_edwards_point(struct key_public *key, const unsigned char *data,
    size_t length, struct error *err)
{
	size_t size = coordinate_size(key->curve);

	if (length == 2 + size && data[0] == DER_OCTET_STRING &&
	    data[1] == size) {
		data += 2;
		length = size;
	}
	if (length != size)
		return error_set(err, ERROR_INVALID,
		    "a point of %s has %zu bytes, not %zu", key->curve->name,
		    size, length);
	key->algorithm = KEY_EDWARDS;
	key->point_length = size;
	memcpy(key->point, data, size);
	return ERROR_NONE;
}

static enum error_code
set_weierstrass_point(struct key_public *key, const unsigned char *data,
    size_t length, struct error *err)
{
	size_t bare = 1 + 2 * coordinate_size(key->curve);
	size_t header = bare < 0x80 ? 2 : 3;

	/* An OCTET STRING's tag is also the mark of an uncompressed point. */
	if (length == header + bare && data[0] == DER_OCTET_STRING &&
	    data[header] == POINT_UNCOMPRESSED)
		return set_bare_point(key, data + header, bare, err);
	return set_bare_point(key, data, length, err);
}

enum error_code
key_public_set_point(struct key_public *key, const unsigned char *data,
    size_t length, struct error *err)
{
	return key->curve == &ed25519
		   ? set_edwards_point(key, data, length, err)
		   : set_weierstrass_point(key, data, length, err);
}

static void
skip_zeros(const unsigned char **data, size_t *length)
{
	while (*length > 0 && **data == 0) {
		(*data)++;
		(*length)--;
	}
}

enum error_code
key_public_set_rsa(struct key_public *key, const unsigned char *modulus,
    size_t modulus_length, const unsigned char *exponent,
    size_t exponent_length, struct error *err)
{
	skip_zeros(&modulus, &modulus_length);
	skip_zeros(&exponent, &exponent_length);
	if (modulus_length == 0 || modulus_length > sizeof(key->modulus) ||
	    exponent_length == 0 || exponent_length > sizeof(key->exponent))
		return error_set(err, ERROR_INVALID,
		    "an RSA key with %zu bytes of modulus and %zu of exponent "
		    "is not supported",
		    modulus_length, exponent_length);

	key->algorithm = KEY_RSA;
	key->modulus_length = modulus_length;
	key->exponent_length = exponent_length;
	memcpy(key->modulus, modulus, modulus_length);
	memcpy(key->exponent, exponent, exponent_length);
	return ERROR_NONE;
}

static enum error_code
ec_from_pkey(const EVP_PKEY *pkey, struct key_public *key, struct error *err)
{
	unsigned char point[KEY_POINT_MAX];
	char name[32];
	size_t length;

	if (!EVP_PKEY_get_group_name(pkey, name, sizeof(name), NULL))
		return error_set_openssl(err, ERROR_INVALID, "EC group");
	key->curve = curve_of_name(name);
	if (!key->curve)
		return error_set(err, ERROR_INVALID,
		    "curve '%s' is not supported; P-256, P-384 and P-521 are",
		    name);
	if (!EVP_PKEY_get_octet_string_param(
		pkey, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &length))
		return error_set_openssl(err, ERROR_INVALID, "EC point");
	return set_bare_point(key, point, length, err);
}

static enum error_code
rsa_from_pkey(const EVP_PKEY *pkey, struct key_public *key, struct error *err)
{
	CLEANUP(bignum) BIGNUM *modulus = NULL, *exponent = NULL;
	unsigned char n[KEY_MODULUS_MAX], e[KEY_EXPONENT_MAX];

	if (!EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &modulus) ||
	    !EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &exponent))
		return error_set_openssl(err, ERROR_INVALID, "RSA key");
	if (BN_num_bytes(modulus) > (int)sizeof(n) ||
	    BN_num_bytes(exponent) > (int)sizeof(e))
		return error_set(err, ERROR_INVALID, "the RSA key is too long");
	return key_public_set_rsa(key, n, (size_t)BN_bn2bin(modulus, n), e,
	    (size_t)BN_bn2bin(exponent, e), err);
}

static enum error_code
edwards_from_pkey(
    const EVP_PKEY *pkey, struct key_public *key, struct error *err)
{
	unsigned char point[KEY_POINT_MAX];
	size_t length = sizeof(point);

	if (!EVP_PKEY_get_raw_public_key(pkey, point, &length))
		return error_set_openssl(err, ERROR_INVALID, "Ed25519 key");
	key->curve = &ed25519;
	return set_edwards_point(key, point, length, err);
}

enum error_code
key_public_from_pkey(
    const EVP_PKEY *pkey, struct key_public *ret_key, struct error *err)
{
	struct key_public key = {0};

	if (EVP_PKEY_is_a(pkey, "EC")) {
		if (ec_from_pkey(pkey, &key, err))
			return err->code;
	} else if (EVP_PKEY_is_a(pkey, "RSA")) {
		if (rsa_from_pkey(pkey, &key, err))
			return err->code;
	} else if (EVP_PKEY_is_a(pkey, "ED25519")) {
		if (edwards_from_pkey(pkey, &key, err))
			return err->code;
	} else {
		return error_set(err, ERROR_INVALID,
		    "only EC, RSA and Ed25519 keys are supported");
	}
	*ret_key = key;
	return ERROR_NONE;
}

size_t
key_public_compressed_point(
    const struct key_public *key, unsigned char ret_point[KEY_POINT_MAX])
{
	size_t size = coordinate_size(key->curve);

	if (key->algorithm == KEY_EDWARDS) {
		memcpy(ret_point, key->point, key->point_length);
		return key->point_length;
	}
	ret_point[0] = key->point[key->point_length - 1] & 1
			   ? POINT_CONVERSION_COMPRESSED + 1
			   : POINT_CONVERSION_COMPRESSED;
	memcpy(ret_point + 1, key->point + 1, size);
	return 1 + size;
}

static bool
push_rsa(
    OSSL_PARAM_BLD *builder, const struct key_public *key, BIGNUM *n, BIGNUM *e)
{
	return BN_bin2bn(key->modulus, (int)key->modulus_length, n) &&
	       BN_bin2bn(key->exponent, (int)key->exponent_length, e) &&
	       OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) &&
	       OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e);
}

static bool
push_point(OSSL_PARAM_BLD *builder, const struct key_public *key)
{
	return (key->algorithm == KEY_EDWARDS ||
		   OSSL_PARAM_BLD_push_utf8_string(builder,
		       OSSL_PKEY_PARAM_GROUP_NAME, key->curve->name, 0)) &&
	       OSSL_PARAM_BLD_push_octet_string(builder,
		   OSSL_PKEY_PARAM_PUB_KEY, key->point, key->point_length);
}

enum error_code
key_public_to_pkey(
    const struct key_public *key, EVP_PKEY **ret_pkey, struct error *err)
{
	static const char *const names[] = {
	    [KEY_EC] = "EC", [KEY_RSA] = "RSA", [KEY_EDWARDS] = "ED25519"};
	CLEANUP(param_builder) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	CLEANUP(params) OSSL_PARAM *params = NULL;
	CLEANUP(pkey_ctx)
	EVP_PKEY_CTX *context =
	    EVP_PKEY_CTX_new_from_name(NULL, names[key->algorithm], NULL);
	CLEANUP(bignum) BIGNUM *n = BN_new(); /* the builder borrows them */
	CLEANUP(bignum) BIGNUM *e = BN_new();
	EVP_PKEY *pkey = NULL;

	if (builder && context && n && e &&
	    (key->algorithm == KEY_RSA ? push_rsa(builder, key, n, e)
				       : push_point(builder, key)))
		params = OSSL_PARAM_BLD_to_param(builder);
	if (!params || EVP_PKEY_fromdata_init(context) <= 0 ||
	    EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		return error_set_openssl(err, ERROR_INTERNAL, "public key");
	*ret_pkey = pkey;
	return ERROR_NONE;
}

static enum error_code
tag_of(const unsigned char *data, size_t length, struct key_tag *ret_tag,
    struct error *err)
{
	if (!EVP_Q_digest(NULL, "SHA1", NULL, data, length, ret_tag->data,
		&ret_tag->length))
		return error_set_openssl(err, ERROR_INTERNAL, "SHA-1");
	return ERROR_NONE;
}

enum error_code
key_public_tag(
    const struct key_public *key, struct key_tag *ret_tag, struct error *err)
{
	CLEANUP(pkey) EVP_PKEY *pkey = NULL;
	unsigned char *der = NULL;
	enum error_code code;
	int length;

	if (key->algorithm != KEY_RSA)
		return tag_of(key->point, key->point_length, ret_tag, err);

	if (key_public_to_pkey(key, &pkey, err))
		return err->code;
	length = i2d_PublicKey(pkey, &der);
	if (length < 0)
		return error_set_openssl(err, ERROR_INTERNAL, "RSAPublicKey");
	code = tag_of(der, (size_t)length, ret_tag, err);
	OPENSSL_free(der);
	return code;
}

enum error_code
key_public_fingerprint(const struct key_public *key,
    char ret_text[KEY_FINGERPRINT_SIZE], struct error *err)
{
	const unsigned char *data =
	    key->algorithm == KEY_RSA ? key->modulus : key->point;
	size_t length =
	    key->algorithm == KEY_RSA ? key->modulus_length : key->point_length;
	unsigned char digest[SHA256_DIGEST_LENGTH];

	if (!EVP_Q_digest(NULL, "SHA256", NULL, data, length, digest, NULL))
		return error_set_openssl(err, ERROR_INTERNAL, "SHA-256");
	(void)EVP_EncodeBlock(
	    (unsigned char *)ret_text, digest, sizeof(digest));
	return ERROR_NONE;
}

bool
key_tag_equal(const struct key_tag *a, const struct key_tag *b)
{
	return a->length == b->length &&
	       memcmp(a->data, b->data, a->length) == 0;
}
