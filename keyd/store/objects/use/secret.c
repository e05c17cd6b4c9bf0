/* SPDX-License-Identifier: MIT */
#include "secret.h"

#include <string.h>

#include "ckr.h"
#include "object.h"

/* PKCS#11 3.0 */
#define CKR_AEAD_DECRYPT_FAILED 0x42UL

#define SPARE 64 /* of room: some tokens ask for a block more */

enum error_code
secret_mac(struct token_lease *lease, CK_OBJECT_HANDLE secret,
    const struct key_input *message, unsigned char ret_mac[KEY_MAC_SIZE],
    struct error *err)
{
	CK_MECHANISM mechanism = {CKM_SHA256_HMAC, NULL, 0};
	unsigned char mac[KEY_MAC_SIZE + SPARE];
	CK_ULONG got = sizeof(mac);
	CK_RV rv;

	rv = lease->functions->C_SignInit(lease->session, &mechanism, secret);
	if (rv != CKR_OK)
		return token_failed(lease, rv, "C_SignInit", err);
	rv = lease->functions->C_Sign(
	    lease->session, object_input(message), message->length, mac, &got);
	if (rv != CKR_OK)
		return token_failed(lease, rv, "C_Sign", err);
	if (got != KEY_MAC_SIZE)
		return error_set(err, ERROR_UNAVAILABLE,
		    "the token made a MAC of %lu bytes", got);
	memcpy(ret_mac, mac, KEY_MAC_SIZE);
	return ERROR_NONE;
}

static CK_GCM_PARAMS
gcm_parameters(const struct key_seal *seal)
{
	return (CK_GCM_PARAMS){
	    .iv_ptr = object_input(&seal->iv),
	    .iv_len = seal->iv.length,
	    .iv_bits = seal->iv.length * 8,
	    .aad_ptr = object_input(&seal->aad),
	    .aad_len = seal->aad.length,
	    .tag_bits = KEY_SEAL_SIZE * 8,
	};
}

/* Runs the whole of C_Encrypt into room that is large enough. */
static enum error_code
encrypt_into(struct token_lease *lease, CK_OBJECT_HANDLE secret,
    const struct key_seal *seal, const struct key_input *plain,
    unsigned char *room, CK_ULONG *length, struct error *err)
{
	CK_GCM_PARAMS gcm = gcm_parameters(seal);
	CK_MECHANISM mechanism = {CKM_AES_GCM, &gcm, sizeof(gcm)};
	CK_RV rv =
	    lease->functions->C_EncryptInit(lease->session, &mechanism, secret);

	if (rv != CKR_OK)
		return token_failed(lease, rv, "C_EncryptInit", err);
	rv = lease->functions->C_Encrypt(
	    lease->session, object_input(plain), plain->length, room, length);
	if (rv != CKR_OK)
		return token_failed(lease, rv, "C_Encrypt", err);
	if (*length != plain->length + KEY_SEAL_SIZE)
		return error_set(err, ERROR_UNAVAILABLE,
		    "the token encrypted %zu bytes to %lu", plain->length,
		    *length);
	return ERROR_NONE;
}

enum error_code
secret_seal(struct token_lease *lease, CK_OBJECT_HANDLE secret,
    const struct key_seal *seal, const struct key_input *plain,
    unsigned char *ret_sealed, struct error *err)
{
	CK_ULONG length = plain->length + KEY_SEAL_SIZE + SPARE;
	CLEANUP(bytes) unsigned char *room = malloc(length);

	if (!room)
		return error_no_memory(err);
	if (encrypt_into(lease, secret, seal, plain, room, &length, err))
		return err->code;
	memcpy(ret_sealed, room, length);
	return ERROR_NONE;
}

static CK_RV
decrypt_into(struct token_lease *lease, CK_OBJECT_HANDLE secret,
    const struct key_seal *seal, const struct key_input *sealed,
    unsigned char *room, CK_ULONG *length, const char **ret_function)
{
	CK_GCM_PARAMS gcm = gcm_parameters(seal);
	CK_MECHANISM mechanism = {CKM_AES_GCM, &gcm, sizeof(gcm)};
	CK_RV rv =
	    lease->functions->C_DecryptInit(lease->session, &mechanism, secret);

	*ret_function = "C_DecryptInit";
	if (rv != CKR_OK)
		return rv;
	*ret_function = "C_Decrypt";
	return lease->functions->C_Decrypt(
	    lease->session, object_input(sealed), sealed->length, room, length);
}

/* Seals and unseals something of its own. CKR_OK: the secret can do it. */
static enum error_code
try_aes(struct token_lease *lease, CK_OBJECT_HANDLE secret, struct error *err)
{
	static const unsigned char zeros[16];
	const struct key_input plain = {zeros, sizeof(zeros)};
	const struct key_seal seal = {
	    .iv = {zeros, 12},
              .aad = {zeros, 1 }
        };
	unsigned char sealed[sizeof(zeros) + KEY_SEAL_SIZE + SPARE];
	unsigned char back[sizeof(sealed)];
	CK_ULONG length = sizeof(sealed), got = sizeof(back);
	const char *function;
	CK_RV rv;

	if (encrypt_into(lease, secret, &seal, &plain, sealed, &length, err))
		return err->code;
	rv = decrypt_into(lease, secret, &seal,
	    &(struct key_input){sealed, length}, back, &got, &function);
	if (rv != CKR_OK)
		return token_failed(lease, rv, function, err);
	if (got != sizeof(zeros) || memcmp(back, zeros, got) != 0)
		return error_set(err, ERROR_INVALID,
		    "the token does not decrypt what it encrypts");
	return ERROR_NONE;
}

/*
 * PKCS#11 2.40 has no value for a tag that does not match. SoftHSM says
 * CKR_GENERAL_ERROR, as of a fault; it is none if the secret still works.
 */
static bool
is_forged(struct token_lease *lease, CK_OBJECT_HANDLE secret, CK_RV rv)
{
	struct error ignored;

	switch (rv) {
	case CKR_AEAD_DECRYPT_FAILED:
	case CKR_ENCRYPTED_DATA_INVALID:
	case CKR_ENCRYPTED_DATA_LEN_RANGE:
	case CKR_SIGNATURE_INVALID:
		return true;
	case CKR_DATA_INVALID:
	case CKR_GENERAL_ERROR:
	case CKR_FUNCTION_FAILED:
	case CKR_DEVICE_ERROR: /* NSS */
		return try_aes(lease, secret, &ignored) == ERROR_NONE;
	default:
		return false;
	}
}

enum error_code
secret_unseal(struct token_lease *lease, CK_OBJECT_HANDLE secret,
    const struct key_seal *seal, const struct key_input *sealed,
    unsigned char *ret_plain, bool *ret_genuine, struct error *err)
{
	CK_ULONG size = sealed->length + SPARE, length = size;
	unsigned char *room = OPENSSL_zalloc(size);
	enum error_code code = ERROR_NONE;
	const char *function;
	CK_RV rv;

	if (!room)
		return error_no_memory(err);
	rv =
	    decrypt_into(lease, secret, seal, sealed, room, &length, &function);
	if (rv == CKR_OK && length == sealed->length - KEY_SEAL_SIZE) {
		memcpy(ret_plain, room, length);
		*ret_genuine = true;
	} else if (rv != CKR_OK && is_forged(lease, secret, rv)) {
		*ret_genuine = false;
	} else {
		code = token_failed(
		    lease, rv == CKR_OK ? CKR_DEVICE_ERROR : rv, function, err);
	}
	OPENSSL_clear_free(room, size);
	return code;
}

enum error_code
secret_try(struct token_lease *lease, CK_OBJECT_HANDLE secret, unsigned usage,
    struct error *err)
{
	static const unsigned char byte[1];
	unsigned char mac[KEY_MAC_SIZE];

	if (usage & KEY_ENCRYPTS)
		return try_aes(lease, secret, err);
	return secret_mac(
	    lease, secret, &(struct key_input){byte, 1}, mac, err);
}
