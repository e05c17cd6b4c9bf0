/* SPDX-License-Identifier: MIT */
#include "half.h"

#include <string.h>

#include "half_file.h"

#define CERTIFICATE_MAX 8192

/*
 * Takes the public half from object's own attributes. *ret_found is false if
 * it does not have them.
 */
static enum error_code
rsa_from_object(struct token_lease *lease, CK_OBJECT_HANDLE object,
    struct key_public *key, bool *ret_found, struct error *err)
{
	unsigned char modulus[KEY_MODULUS_MAX + 1];
	unsigned char exponent[KEY_EXPONENT_MAX];
	size_t modulus_length, exponent_length;

	*ret_found = false;
	if (object_read(lease, object, CKA_MODULUS, modulus, sizeof(modulus),
		&modulus_length, err) ||
	    object_read(lease, object, CKA_PUBLIC_EXPONENT, exponent,
		sizeof(exponent), &exponent_length, err))
		return err->code;
	if (modulus_length == 0 || exponent_length == 0)
		return ERROR_NONE;
	*ret_found = true;
	return key_public_set_rsa(
	    key, modulus, modulus_length, exponent, exponent_length, err);
}

/* PKCS#11 3.0 also lets a token name this curve in plain text. */
static const struct key_curve *
edwards_curve(const unsigned char *params, size_t length)
{
	static const unsigned char text[] = "\x13\x0c"
					    "edwards25519";
	static const unsigned char oid[] = {0x06, 0x03, 0x2b, 0x65, 0x70};

	if (length == sizeof(text) - 1 && memcmp(params, text, length) == 0)
		return key_curve_of_oid(oid, sizeof(oid));
	return key_curve_of_oid(params, length);
}

static enum error_code
ec_from_object(struct token_lease *lease, CK_OBJECT_HANDLE object,
    struct key_public *key, bool *ret_found, struct error *err)
{
	unsigned char params[64], point[KEY_POINT_MAX + 4];
	size_t params_length, point_length;

	*ret_found = false;
	if (object_read(lease, object, CKA_EC_PARAMS, params, sizeof(params),
		&params_length, err) ||
	    object_read(lease, object, CKA_EC_POINT, point, sizeof(point),
		&point_length, err))
		return err->code;
	if (params_length == 0 || point_length == 0)
		return ERROR_NONE;
	key->curve = edwards_curve(params, params_length);
	if (!key->curve)
		return error_set(err, ERROR_INVALID,
		    "the curve of the key is not supported; P-256, P-384, "
		    "P-521 and Ed25519 are");
	*ret_found = true;
	return key_public_set_point(key, point, point_length, err);
}

static enum error_code
public_from_object(struct token_lease *lease, CK_OBJECT_HANDLE object,
    CK_KEY_TYPE type, struct key_public *key, bool *ret_found,
    struct error *err)
{
	return type == CKK_RSA
		   ? rsa_from_object(lease, object, key, ret_found, err)
		   : ec_from_object(lease, object, key, ret_found, err);
}

/* The first object of class that belongs to the pair, if there is one. */
static enum error_code
find_companion(struct token_lease *lease, CK_OBJECT_CLASS class,
    const struct object_query *pair, CK_OBJECT_HANDLE *ret_object,
    bool *ret_found, struct error *err)
{
	struct object_list list;

	if (object_find_named(lease, class, pair, false, &list, err))
		return err->code;
	*ret_found = list.count > 0;
	*ret_object = list.items[0];
	return ERROR_NONE;
}

static enum error_code
public_from_other_half(struct token_lease *lease, CK_KEY_TYPE type,
    const struct object_query *pair, struct key_public *key, bool *ret_found,
    struct error *err)
{
	CK_OBJECT_HANDLE object;

	if (find_companion(
		lease, CKO_PUBLIC_KEY, pair, &object, ret_found, err))
		return err->code;
	if (!*ret_found)
		return ERROR_NONE;
	return public_from_object(lease, object, type, key, ret_found, err);
}

/* A label says too little to tie a certificate to a key. */
static enum error_code
public_from_certificate(struct token_lease *lease,
    const struct object_query *pair, struct key_public *key, bool *ret_found,
    struct error *err)
{
	CLEANUP(x509) X509 *certificate = NULL;
	unsigned char der[CERTIFICATE_MAX];
	const unsigned char *position = der;
	CK_OBJECT_HANDLE object;
	size_t length;

	*ret_found = false;
	if (pair->tag_length == 0)
		return ERROR_NONE;
	if (find_companion(
		lease, CKO_CERTIFICATE, pair, &object, ret_found, err))
		return err->code;
	if (!*ret_found)
		return ERROR_NONE;
	if (object_read(
		lease, object, CKA_VALUE, der, sizeof(der), &length, err))
		return err->code;
	certificate = length ? d2i_X509(NULL, &position, (long)length) : NULL;
	if (!certificate)
		return error_set_openssl(err, ERROR_INVALID,
		    "the certificate beside the key in the token");
	return key_public_from_pkey(X509_get0_pubkey(certificate), key, err);
}

/*
 * A pair of ours whose making was cut off before its private half got the
 * CKA_ID that the public one has: that half has our label, and the CKA_ID that
 * is computed from itself.
 */
static enum error_code
public_from_unfinished(struct token_lease *lease, CK_KEY_TYPE type,
    const struct object_query *pair, struct key_public *key, bool *ret_found,
    struct error *err)
{
	const struct object_query by_label = {.label = pair->label};
	struct key_tag tag, computed;
	CK_OBJECT_HANDLE object;

	*ret_found = false;
	if (!pair->label || !*pair->label || pair->tag_length == 0)
		return ERROR_NONE;
	if (find_companion(
		lease, CKO_PUBLIC_KEY, &by_label, &object, ret_found, err))
		return err->code;
	if (!*ret_found)
		return ERROR_NONE;
	if (public_from_object(lease, object, type, key, ret_found, err))
		return err->code;
	if (!*ret_found)
		return ERROR_NONE;
	if (key_public_tag(key, &computed, err) ||
	    object_read_tag(lease, object, &tag, err))
		return err->code;
	*ret_found = key_tag_equal(&tag, &computed);
	return ERROR_NONE;
}

/* What keyd has seen once it can use for ever. */
static enum error_code
public_from_certificate_kept(struct token_lease *lease,
    const struct half_owner *owner, struct key_public *key, bool *ret_found,
    struct error *err)
{
	if (public_from_certificate(lease, &owner->pair, key, ret_found, err))
		return err->code;
	if (*ret_found && owner->file)
		half_file_keep(owner->file, key);
	return ERROR_NONE;
}

static enum error_code
public_from_file(struct token_lease *lease, const struct half_owner *owner,
    struct key_public *key, struct error *err)
{
	enum error_code code = ERROR_NOT_FOUND;

	if (owner->file)
		code = half_file_read(
		    owner->file, lease, owner->object, owner->signs, key, err);
	if (code != ERROR_NOT_FOUND)
		return code;
	return error_set(err, ERROR_INVALID,
	    "the token holds the private half only; put the public key or the "
	    "certificate beside it, with the same CKA_ID%s%s",
	    owner->file ? ", or as PEM into " : "",
	    owner->file ? owner->file : "");
}

enum error_code
half_find(struct token_lease *lease, const struct half_owner *owner,
    struct key_public *key, struct error *err)
{
	const struct object_query *pair = &owner->pair;
	CK_KEY_TYPE type = owner->type;
	bool found;

	if (type != CKK_EC && type != CKK_RSA && type != CKK_EC_EDWARDS)
		return error_set(err, ERROR_INVALID,
		    "only EC, RSA and Ed25519 keys are supported");
	if (public_from_object(lease, owner->object, type, key, &found, err))
		return err->code;
	if (!found &&
	    public_from_other_half(lease, type, pair, key, &found, err))
		return err->code;
	if (!found &&
	    public_from_certificate_kept(lease, owner, key, &found, err))
		return err->code;
	if (!found &&
	    public_from_unfinished(lease, type, pair, key, &found, err))
		return err->code;
	return found ? ERROR_NONE : public_from_file(lease, owner, key, err);
}
