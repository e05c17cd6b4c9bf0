/* SPDX-License-Identifier: MIT */
#include "signer_pkcs11.h"

#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <string.h>

#include "common/file.h"

#define SLOTS_MAX 32
#define PIN_MAX 256

struct signer_pkcs11 {
	CK_FUNCTION_LIST *functions;
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE key;
	enum signer_operation operation;
};

/* DER of a DigestInfo for SHA-256, without the digest (RFC 8017 9.2). */
static const unsigned char sha256_prefix[] = {0x30, 0x31, 0x30, 0x0d, 0x06,
    0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20};

static enum error_code
failed(const char *call, CK_RV rv, struct error *err)
{
	return error_set(err, ERROR_UNAVAILABLE, "%s: 0x%lx", call, rv);
}

static enum error_code
load(const char *module, CK_FUNCTION_LIST **ret_functions, struct error *err)
{
	void *library = dlopen(module, RTLD_NOW | RTLD_LOCAL);
	void *symbol = library ? dlsym(library, "C_GetFunctionList") : NULL;
	CK_C_INITIALIZE_ARGS args = {.flags = CKF_OS_LOCKING_OK};
	CK_C_GetFunctionList get;
	CK_RV rv;

	if (!symbol)
		return error_set(
		    err, ERROR_INVALID, "'%s': %s", module, dlerror());
	memcpy(&get, &symbol, sizeof(get));
	rv = get(ret_functions);
	if (rv != CKR_OK)
		return failed("C_GetFunctionList", rv, err);
	rv = (*ret_functions)->C_Initialize(&args);
	if (rv != CKR_OK && rv != CKR_CRYPTOKI_ALREADY_INITIALIZED)
		return failed("C_Initialize", rv, err);
	return ERROR_NONE;
}

static bool
has_label(CK_FUNCTION_LIST *functions, CK_SLOT_ID slot, const char *label)
{
	size_t length = strlen(label);
	CK_TOKEN_INFO info;

	return functions->C_GetTokenInfo(slot, &info) == CKR_OK &&
	       length <= sizeof(info.label) &&
	       memcmp(info.label, label, length) == 0 &&
	       (length == sizeof(info.label) || info.label[length] == ' ');
}

static enum error_code
find_slot(CK_FUNCTION_LIST *functions, const char *label, CK_SLOT_ID *ret_slot,
    struct error *err)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG count = SLOTS_MAX;
	CK_RV rv = functions->C_GetSlotList(CK_TRUE, slots, &count);

	if (rv != CKR_OK)
		return failed("C_GetSlotList", rv, err);
	for (CK_ULONG i = 0; i < count; i++)
		if (has_label(functions, slots[i], label)) {
			*ret_slot = slots[i];
			return ERROR_NONE;
		}
	return error_set(err, ERROR_NOT_FOUND, "no token '%s'", label);
}

static enum error_code
login(struct signer_pkcs11 *signer, const char *pin_file, struct error *err)
{
	CLEANUP(secret) char *pin = NULL;
	CK_RV rv;

	if (!pin_file)
		return ERROR_NONE;
	if (file_read(pin_file, PIN_MAX, &pin, NULL, err))
		return err->code;
	pin[strcspn(pin, "\n")] = '\0';
	rv = signer->functions->C_Login(
	    signer->session, CKU_USER, (CK_UTF8CHAR *)pin, strlen(pin));
	if (rv != CKR_OK && rv != CKR_USER_ALREADY_LOGGED_IN)
		return failed("C_Login", rv, err);
	return ERROR_NONE;
}

static enum error_code
find_key(struct signer_pkcs11 *signer, const char *label, struct error *err)
{
	CK_OBJECT_CLASS class =
	    signer->operation == SIGNER_ECDSA || signer->operation == SIGNER_RSA
		? CKO_PRIVATE_KEY
		: CKO_SECRET_KEY;
	CLEANUP(string) char *copy = strdup(label);
	CK_ATTRIBUTE template[] = {
	    {CKA_CLASS, &class, sizeof(class)},
	    {CKA_LABEL, copy,   strlen(label)},
	};
	CK_ULONG count = 0;
	CK_RV rv =
	    signer->functions->C_FindObjectsInit(signer->session, template, 2);

	if (rv != CKR_OK)
		return failed("C_FindObjectsInit", rv, err);
	rv = signer->functions->C_FindObjects(
	    signer->session, &signer->key, 1, &count);
	(void)signer->functions->C_FindObjectsFinal(signer->session);
	if (rv != CKR_OK)
		return failed("C_FindObjects", rv, err);
	if (count != 1)
		return error_set(err, ERROR_NOT_FOUND, "no key '%s'", label);
	return ERROR_NONE;
}

static enum error_code
open_session(struct signer_pkcs11 *signer, const struct signer_options *options,
    struct error *err)
{
	CK_SLOT_ID slot;
	CK_RV rv;

	if (load(options->module, &signer->functions, err) ||
	    find_slot(signer->functions, options->token, &slot, err))
		return err->code;
	rv = signer->functions->C_OpenSession(
	    slot, CKF_SERIAL_SESSION, NULL, NULL, &signer->session);
	if (rv != CKR_OK)
		return failed("C_OpenSession", rv, err);
	if (login(signer, options->pin_file, err))
		return err->code;
	return find_key(signer, options->key, err);
}

enum error_code
signer_pkcs11_open(const struct signer_options *options,
    struct signer_pkcs11 **ret_signer, struct error *err)
{
	struct signer_pkcs11 *signer = calloc(1, sizeof(*signer));

	if (!signer)
		return error_no_memory(err);
	signer->operation = options->operation;
	if (open_session(signer, options, err)) {
		signer_pkcs11_close(signer);
		return err->code;
	}
	*ret_signer = signer;
	return ERROR_NONE;
}

static enum error_code
sign(struct signer_pkcs11 *signer, CK_MECHANISM_TYPE type, unsigned char *input,
    CK_ULONG input_length, struct signature *ret_signature, struct error *err)
{
	CK_MECHANISM mechanism = {type, NULL, 0};
	CK_ULONG length = sizeof(ret_signature->data);
	CK_RV rv = signer->functions->C_SignInit(
	    signer->session, &mechanism, signer->key);

	if (rv != CKR_OK)
		return failed("C_SignInit", rv, err);
	rv = signer->functions->C_Sign(
	    signer->session, input, input_length, ret_signature->data, &length);
	if (rv != CKR_OK)
		return failed("C_Sign", rv, err);
	ret_signature->length = length;
	return ERROR_NONE;
}

static enum error_code
encrypt(struct signer_pkcs11 *signer, unsigned char *text, CK_ULONG text_length,
    struct signature *ret_signature, struct error *err)
{
	unsigned char iv[] = SIGNER_IV, aad[] = SIGNER_AAD;
	CK_GCM_PARAMS gcm = {
	    .iv_ptr = iv,
	    .iv_len = SIGNER_IV_LENGTH,
	    .iv_bits = SIGNER_IV_LENGTH * 8,
	    .aad_ptr = aad,
	    .aad_len = SIGNER_AAD_LENGTH,
	    .tag_bits = 128,
	};
	CK_MECHANISM mechanism = {CKM_AES_GCM, &gcm, sizeof(gcm)};
	CK_ULONG length = sizeof(ret_signature->data);
	CK_RV rv = signer->functions->C_EncryptInit(
	    signer->session, &mechanism, signer->key);

	if (rv != CKR_OK)
		return failed("C_EncryptInit", rv, err);
	rv = signer->functions->C_Encrypt(
	    signer->session, text, text_length, ret_signature->data, &length);
	if (rv != CKR_OK)
		return failed("C_Encrypt", rv, err);
	ret_signature->length = length;
	return ERROR_NONE;
}

enum error_code
signer_pkcs11_sign(struct signer_pkcs11 *signer,
    const unsigned char digest[static SIGNER_DIGEST_LENGTH],
    struct signature *ret_signature, struct error *err)
{
	unsigned char input[sizeof(sha256_prefix) + SIGNER_DIGEST_LENGTH];
	unsigned char *copy = input + sizeof(sha256_prefix);

	memcpy(copy, digest, SIGNER_DIGEST_LENGTH);
	switch (signer->operation) {
	case SIGNER_RSA:
		memcpy(input, sha256_prefix, sizeof(sha256_prefix));
		return sign(signer, CKM_RSA_PKCS, input, sizeof(input),
		    ret_signature, err);
	case SIGNER_HMAC:
		return sign(signer, CKM_SHA256_HMAC, copy, SIGNER_DIGEST_LENGTH,
		    ret_signature, err);
	case SIGNER_AEAD:
		return encrypt(
		    signer, copy, SIGNER_DIGEST_LENGTH, ret_signature, err);
	case SIGNER_ECDSA:
		break;
	}
	return sign(
	    signer, CKM_ECDSA, copy, SIGNER_DIGEST_LENGTH, ret_signature, err);
}

void
signer_pkcs11_close(struct signer_pkcs11 *signer)
{
	if (!signer)
		return;
	if (signer->session)
		(void)signer->functions->C_CloseSession(signer->session);
	free(signer);
}
