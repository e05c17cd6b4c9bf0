/* SPDX-License-Identifier: MIT */
#include "decrypt.h"

#include <string.h>

#include "ckr.h"
#include "object.h"
#include "software.h"

/* A token that has no fault says so of a ciphertext that it does not like. */
static bool
is_about_ciphertext(struct token_lease *lease, CK_RV rv)
{
	CK_SESSION_INFO info;

	switch (rv) {
	case CKR_ENCRYPTED_DATA_INVALID:
	case CKR_ENCRYPTED_DATA_LEN_RANGE:
	case CKR_DATA_INVALID:
	case CKR_DATA_LEN_RANGE:
		return true;
	case CKR_GENERAL_ERROR:
	case CKR_FUNCTION_FAILED:
		return lease->functions->C_GetSessionInfo(
			   lease->session, &info) == CKR_OK;
	default:
		return false;
	}
}

/* Decrypts after C_DecryptInit, into room for any block. */
static enum error_code
decrypt_block(struct token_lease *lease, const struct key_input *ciphertext,
    struct key_plain *plain, struct error *err)
{
	CK_ULONG got = sizeof(plain->data);
	CK_RV rv = lease->functions->C_Decrypt(lease->session,
	    object_input(ciphertext), ciphertext->length, plain->data, &got);

	if (rv != CKR_OK && is_about_ciphertext(lease, rv))
		return software_not_encrypted(err);
	if (rv != CKR_OK)
		return token_failed(lease, rv, "C_Decrypt", err);
	plain->length = got;
	return ERROR_NONE;
}

/* Some tokens leave out the zeros in front of a number. */
static enum error_code
fill_up(struct key_plain *block, size_t size, struct error *err)
{
	size_t missing;

	if (block->length > size)
		return error_set(err, ERROR_UNAVAILABLE,
		    "the token gave %zu bytes, not %zu", block->length, size);
	missing = size - block->length;
	memmove(block->data + missing, block->data, block->length);
	memset(block->data, 0, missing);
	block->length = size;
	return ERROR_NONE;
}

static CK_RV
start(struct token_lease *lease, CK_OBJECT_HANDLE private,
    CK_MECHANISM_TYPE type, void *parameter, CK_ULONG length)
{
	CK_MECHANISM mechanism = {type, parameter, length};

	return lease->functions->C_DecryptInit(
	    lease->session, &mechanism, private);
}

static CK_RSA_PKCS_OAEP_PARAMS
oaep_parameters(enum key_padding padding, const struct key_input *label)
{
	CK_RSA_PKCS_OAEP_PARAMS oaep = {
	    .hash_alg = CKM_SHA_1,
	    .mgf = CKG_MGF1_SHA1,
	    .source = CKZ_DATA_SPECIFIED,
	    .source_data = label->length > 0 ? object_input(label) : NULL,
	    .source_data_len = label->length,
	};

	if (padding == KEY_PADDING_OAEP_SHA256) {
		oaep.hash_alg = CKM_SHA256;
		oaep.mgf = CKG_MGF1_SHA256;
	} else if (padding == KEY_PADDING_OAEP_SHA384) {
		oaep.hash_alg = CKM_SHA384;
		oaep.mgf = CKG_MGF1_SHA384;
	} else if (padding == KEY_PADDING_OAEP_SHA512) {
		oaep.hash_alg = CKM_SHA512;
		oaep.mgf = CKG_MGF1_SHA512;
	}
	return oaep;
}

/* The token also removes the padding. */
static enum error_code
decrypt_padded(struct token_lease *lease, CK_OBJECT_HANDLE private,
    enum key_padding padding, const struct key_input *ciphertext,
    const struct key_input *label, struct key_plain *plain, struct error *err)
{
	CK_RSA_PKCS_OAEP_PARAMS oaep = oaep_parameters(padding, label);
	CK_RV rv =
	    padding == KEY_PADDING_PKCS1
		? start(lease, private, CKM_RSA_PKCS, NULL, 0)
		: start(lease, private, CKM_RSA_PKCS_OAEP, &oaep, sizeof(oaep));

	if (rv != CKR_OK)
		return token_failed(lease, rv, "C_DecryptInit", err);
	return decrypt_block(lease, ciphertext, plain, err);
}

/*
 * The token does the private operation, and OpenSSL removes the padding in
 * constant time. SoftHSM has OAEP with SHA-1 only; and from such a token as
 * answers a bad padding with CKR_GENERAL_ERROR a caller would get a restart of
 * all sessions for each ciphertext that is none. A token that has no raw RSA
 * does all of it.
 */
enum error_code
decrypt_with(struct token_lease *lease, CK_OBJECT_HANDLE private,
    enum key_padding padding, const struct key_input *ciphertext,
    const struct key_input *label, struct key_plain *ret_plain,
    struct error *err)
{
	CLEANUP_DONE(key_plain) struct key_plain plain = {0};
	CK_RV rv = start(lease, private, CKM_RSA_X_509, NULL, 0);

	if (rv != CKR_OK && padding == KEY_PADDING_NONE)
		return token_failed(lease, rv, "C_DecryptInit", err);
	if (rv == CKR_MECHANISM_INVALID) {
		if (decrypt_padded(lease, private, padding, ciphertext, label,
			&plain, err))
			return err->code;
		*ret_plain = plain;
		return ERROR_NONE;
	}
	if (rv != CKR_OK)
		return token_failed(lease, rv, "C_DecryptInit", err);
	if (decrypt_block(lease, ciphertext, &plain, err) ||
	    fill_up(&plain, ciphertext->length, err))
		return err->code;
	return software_unpad(padding, &plain, label, ret_plain, err);
}

/* ---- ECDH ---- */

static CK_RV
derive(struct token_lease *lease, CK_OBJECT_HANDLE private,
    const struct key_input *point, CK_ULONG size, CK_OBJECT_HANDLE *ret_secret)
{
	CK_ECDH1_DERIVE_PARAMS ecdh = {
	    .kdf = CKD_NULL,
	    .public_data_len = point->length,
	    .public_data = object_input(point),
	};
	CK_MECHANISM mechanism = {CKM_ECDH1_DERIVE, &ecdh, sizeof(ecdh)};
	CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	CK_KEY_TYPE type = CKK_GENERIC_SECRET;
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_ATTRIBUTE template[] = {
	    {CKA_CLASS,       &class, sizeof(class)},
	    {CKA_KEY_TYPE,    &type,  sizeof(type) },
	    {CKA_TOKEN,       &no,    sizeof(no)   },
	    {CKA_SENSITIVE,   &no,    sizeof(no)   },
	    {CKA_EXTRACTABLE, &yes,   sizeof(yes)  },
	    {CKA_VALUE_LEN,   &size,  sizeof(size) },
	};

	return lease->functions->C_DeriveKey(lease->session, &mechanism,
	    private, template, sizeof(template) / sizeof(template[0]),
	    ret_secret);
}

/* The point as PKCS#11 says it, and then as a DER OCTET STRING. */
static CK_RV
derive_either_way(struct token_lease *lease, CK_OBJECT_HANDLE private,
    const struct key_public *peer, CK_OBJECT_HANDLE *ret_secret)
{
	unsigned char der[KEY_POINT_MAX + 3] = {0x04, 0x81};
	size_t header = peer->point_length < 0x80 ? 2 : 3;
	struct key_input point = {peer->point, peer->point_length};
	CK_ULONG size = key_public_size(peer);
	CK_RV rv = derive(lease, private, &point, size, ret_secret);

	if (rv != CKR_MECHANISM_PARAM_INVALID && rv != CKR_ARGUMENTS_BAD)
		return rv;
	der[header - 1] = (unsigned char)peer->point_length;
	memcpy(der + header, peer->point, peer->point_length);
	point = (struct key_input){der, header + peer->point_length};
	return derive(lease, private, &point, size, ret_secret);
}

enum error_code
agree_with(struct token_lease *lease, CK_OBJECT_HANDLE private,
    const struct key_public *peer, struct key_plain *ret_secret,
    struct error *err)
{
	CLEANUP_DONE(key_plain) struct key_plain secret = {0};
	CK_OBJECT_HANDLE object;
	enum error_code code;
	CK_RV rv = derive_either_way(lease, private, peer, &object);

	if (rv != CKR_OK)
		return token_failed(lease, rv, "C_DeriveKey", err);
	code = object_read(lease, object, CKA_VALUE, secret.data,
	    sizeof(secret.data), &secret.length, err);
	(void)lease->functions->C_DestroyObject(lease->session, object);
	if (code)
		return code;
	if (secret.length == 0)
		return error_set(err, ERROR_INVALID,
		    "the token keeps to itself what was agreed on");
	if (fill_up(&secret, key_public_size(peer), err))
		return err->code;
	*ret_secret = secret;
	return ERROR_NONE;
}
