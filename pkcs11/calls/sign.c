/* SPDX-License-Identifier: MIT */
/*
 * Signatures: C_SignInit and C_SignUpdate are local, C_Sign and C_SignFinal are
 * one round trip. The length of a signature is known from the key, so asking
 * for it costs nothing and signs nothing.
 */
#include "module.h"

CK_RV
C_SignInit(
    CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return operation_begin(handle, PURPOSE_SIGN, mechanism, key);
}

static CK_RV
sign(struct remote *remote, const struct operation *operation,
    const unsigned char *data, size_t length, unsigned char *ret_signature)
{
	struct message message;
	struct output signature;
	struct use use;
	struct error err;
	enum error_code code;
	CK_RV rv = scheme_fit(&operation->scheme, data, length, &message);

	if (rv != CKR_OK)
		return rv;
	use = operation_use(operation, &message);
	code = remote_sign(remote, &use, &signature, &err);
	if (code)
		return operation_failure(code, CKR_DATA_INVALID);
	/* Another length is another key, which has taken the id. */
	if (signature.length != operation->scheme.output_length)
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
	rv = operation_take(handle, PURPOSE_SIGN, ret_signature != NULL,
	    ret_length, &operation, &remote);
	if (rv != CKR_OK || !operation.active)
		return rv;
	if (operation.in_parts) /* it had to end with C_SignFinal */
		return CKR_OPERATION_ACTIVE;
	return sign(remote, &operation, data, data_length, ret_signature);
}

CK_RV
C_SignUpdate(
    CK_SESSION_HANDLE handle, unsigned char *part, unsigned long length)
{
	return operation_add(handle, PURPOSE_SIGN, part, length);
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
	rv = operation_take(handle, PURPOSE_SIGN, ret_signature != NULL,
	    ret_length, &operation, &remote);
	if (rv != CKR_OK || !operation.active)
		return rv;
	return sign(remote, &operation, operation.parts.data,
	    operation.parts.length, ret_signature);
}
