/* SPDX-License-Identifier: MIT */
/*
 * Verification, by keyd: this library has no arithmetic. C_Verify and
 * C_VerifyFinal are one round trip.
 */
#include "module.h"

CK_RV
C_VerifyInit(
    CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return operation_begin(handle, PURPOSE_VERIFY, mechanism, key);
}

static CK_RV
verify(struct remote *remote, const struct operation *operation,
    const struct bytes *data, const struct bytes *signature)
{
	struct message message;
	struct use use;
	struct error err;
	enum error_code code;
	bool valid = false;
	CK_RV rv =
	    scheme_fit(&operation->scheme, data->data, data->length, &message);

	if (rv != CKR_OK)
		return rv;
	if (signature->length != operation->scheme.output_length)
		return CKR_SIGNATURE_LEN_RANGE;
	use = operation_use(operation, &message);
	use.members[1] = (struct use_member){
	    "signature", signature->data, signature->length};
	code = remote_verify(remote, &use, &valid, &err);
	if (code)
		return operation_failure(code, CKR_DATA_INVALID);
	return valid ? CKR_OK : CKR_SIGNATURE_INVALID;
}

/* Takes the operation, which ends with each verification (PKCS#11 5.12). */
static CK_RV
take(CK_SESSION_HANDLE handle, struct operation *ret_operation,
    struct remote **ret_remote)
{
	CK_ULONG room = KEY_OUTPUT_MAX;

	return operation_take(
	    handle, PURPOSE_VERIFY, true, &room, ret_operation, ret_remote);
}

/* NOLINTBEGIN(readability-non-const-parameter): PKCS#11 decides the type. */
CK_RV
C_Verify(CK_SESSION_HANDLE handle, unsigned char *data,
    unsigned long data_length, unsigned char *signature,
    unsigned long signature_length)
{
	CLEANUP_DONE(operation) struct operation operation = {0};
	const struct bytes whole = {data, data_length};
	const struct bytes claim = {signature, signature_length};
	struct remote *remote = NULL;
	CK_RV rv = take(handle, &operation, &remote);

	if (rv != CKR_OK)
		return rv;
	if (!signature || (!data && data_length > 0))
		return CKR_ARGUMENTS_BAD;
	if (operation.in_parts) /* it had to end with C_VerifyFinal */
		return CKR_OPERATION_ACTIVE;
	return verify(remote, &operation, &whole, &claim);
}
/* NOLINTEND(readability-non-const-parameter) */

CK_RV
C_VerifyUpdate(
    CK_SESSION_HANDLE handle, unsigned char *part, unsigned long length)
{
	return operation_add(handle, PURPOSE_VERIFY, part, length);
}

/* NOLINTBEGIN(readability-non-const-parameter): PKCS#11 decides the type. */
CK_RV
C_VerifyFinal(CK_SESSION_HANDLE handle, unsigned char *signature,
    unsigned long signature_length)
{
	CLEANUP_DONE(operation) struct operation operation = {0};
	const struct bytes claim = {signature, signature_length};
	struct remote *remote = NULL;
	CK_RV rv = take(handle, &operation, &remote);

	if (rv != CKR_OK)
		return rv;
	return signature ? verify(remote, &operation, &operation.parts, &claim)
			 : CKR_ARGUMENTS_BAD;
}
/* NOLINTEND(readability-non-const-parameter) */
