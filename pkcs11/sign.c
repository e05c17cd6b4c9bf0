/* SPDX-License-Identifier: MIT */
/*
 * Signatures: C_SignInit and C_SignUpdate are local, C_Sign and C_SignFinal are
 * one round trip. The length of a signature is known from the key, so asking
 * for it costs nothing and signs nothing.
 */
#include <string.h>

#include "module.h"

static CK_RV
begin(struct session *session, const CK_MECHANISM *mechanism,
    const struct key *key)
{
	struct operation operation = {
	    .active = true, .signature_length = key->signature_length};
	CK_RV rv = scheme_choose(mechanism, key, &operation.scheme);

	if (rv != CKR_OK)
		return rv;
	operation.key_id = strdup(key->id);
	if (!operation.key_id)
		return CKR_HOST_MEMORY;
	session->sign = operation;
	return CKR_OK;
}

CK_RV
C_SignInit(
    CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	struct session *session;
	struct object object;

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	session = session_find(&module->sessions, handle);
	if (!session)
		return CKR_SESSION_HANDLE_INVALID;
	if (!mechanism)
		return CKR_ARGUMENTS_BAD;
	if (session->sign.active)
		return CKR_OPERATION_ACTIVE;
	if (object_find(&module->objects, key, &object) != CKR_OK)
		return CKR_KEY_HANDLE_INVALID;
	if (object.class != CKO_PRIVATE_KEY)
		return CKR_KEY_FUNCTION_NOT_PERMITTED;
	return begin(session, mechanism, object.key);
}

/*
 * Takes the operation from its session, which ends it, to go on without the
 * lock. It stays, and *ret_operation is not active, while the caller only asks
 * for the length or has too little room for the signature.
 */
static CK_RV
take_operation(CK_SESSION_HANDLE handle, bool wants_signature, CK_ULONG *length,
    struct operation *ret_operation, struct remote **ret_remote)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	struct session *session;
	CK_ULONG room = *length;

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	session = session_find(&module->sessions, handle);
	if (!session)
		return CKR_SESSION_HANDLE_INVALID;
	if (!session->sign.active)
		return CKR_OPERATION_NOT_INITIALIZED;

	*length = session->sign.signature_length;
	if (!wants_signature)
		return CKR_OK;
	if (room < *length)
		return CKR_BUFFER_TOO_SMALL;
	*ret_operation = TAKE_CONTENTS(session->sign);
	*ret_remote = module->remote;
	return CKR_OK;
}

/*
 * What PKCS#11 calls a failure of keyd. None is final: the next signature may
 * succeed, with the same session and key.
 */
static CK_RV
failure_of(enum error_code code)
{
	switch (code) {
	case ERROR_NONE:
		return CKR_OK;
	case ERROR_INVALID:
		return CKR_DATA_INVALID;
	case ERROR_DENIED:
		return CKR_FUNCTION_REJECTED;
	case ERROR_NOT_FOUND:
		return CKR_KEY_HANDLE_INVALID;
	case ERROR_UNAVAILABLE:
	case ERROR_TIMEOUT:
	case ERROR_UPSTREAM:
		return CKR_DEVICE_ERROR;
	case ERROR_MALFORMED:
	case ERROR_EXISTS:
	case ERROR_INTERNAL:
		break;
	}
	return CKR_GENERAL_ERROR;
}

static CK_RV
sign(struct remote *remote, const struct operation *operation,
    const unsigned char *data, size_t length, unsigned char *ret_signature)
{
	struct message message;
	struct signature signature;
	struct error err;
	enum error_code code;
	CK_RV rv = scheme_fit(&operation->scheme, data, length, &message);

	if (rv != CKR_OK)
		return rv;
	code = remote_sign(remote, operation->key_id, &operation->scheme,
	    &message, &signature, &err);
	if (code)
		return failure_of(code);
	/* Another length is another key, which has taken the id. */
	if (signature.length != operation->signature_length)
		return CKR_KEY_HANDLE_INVALID;
	memcpy(ret_signature, signature.data, signature.length);
	return CKR_OK;
}

CK_RV
C_Sign(CK_SESSION_HANDLE handle, unsigned char *data, unsigned long data_length,
    unsigned char *ret_signature, unsigned long *ret_length)
{
	CLEANUP_DONE(operation) struct operation operation = {0};
	struct remote *remote = NULL;
	CK_RV rv;

	if (!ret_length || (!data && data_length > 0))
		return CKR_ARGUMENTS_BAD;
	rv = take_operation(
	    handle, ret_signature != NULL, ret_length, &operation, &remote);
	if (rv != CKR_OK || !operation.active)
		return rv;
	if (operation.parts) /* it had to end with C_SignFinal */
		return CKR_OPERATION_ACTIVE;
	return sign(remote, &operation, data, data_length, ret_signature);
}

/* Adds a part to those that C_SignFinal will sign. */
static CK_RV
add_part(
    struct operation *operation, const unsigned char *part, CK_ULONG length)
{
	struct message *parts = operation->parts;

	if (!parts)
		parts = calloc(1, sizeof(*parts));
	if (!parts)
		return CKR_HOST_MEMORY;
	operation->parts = parts;
	if (length > sizeof(parts->data) - parts->length)
		return CKR_DATA_LEN_RANGE;
	if (length > 0)
		memcpy(parts->data + parts->length, part, length);
	parts->length += length;
	return CKR_OK;
}

CK_RV
C_SignUpdate(
    CK_SESSION_HANDLE handle, unsigned char *part, unsigned long length)
{
	CLEANUP(module_lock) struct module *module = module_lock();
	struct session *session;
	CK_RV rv;

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	session = session_find(&module->sessions, handle);
	if (!session)
		return CKR_SESSION_HANDLE_INVALID;
	if (!session->sign.active)
		return CKR_OPERATION_NOT_INITIALIZED;
	rv = part || length == 0 ? add_part(&session->sign, part, length)
				 : CKR_ARGUMENTS_BAD;
	if (rv != CKR_OK)
		operation_done(&session->sign);
	return rv;
}

CK_RV
C_SignFinal(CK_SESSION_HANDLE handle, unsigned char *ret_signature,
    unsigned long *ret_length)
{
	CLEANUP_DONE(operation) struct operation operation = {0};
	struct remote *remote = NULL;
	CK_RV rv;

	if (!ret_length)
		return CKR_ARGUMENTS_BAD;
	rv = take_operation(
	    handle, ret_signature != NULL, ret_length, &operation, &remote);
	if (rv != CKR_OK || !operation.active)
		return rv;
	if (!operation.parts)
		return CKR_OPERATION_NOT_INITIALIZED;
	return sign(remote, &operation, operation.parts->data,
	    operation.parts->length, ret_signature);
}
