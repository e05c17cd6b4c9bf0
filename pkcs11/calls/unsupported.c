/* SPDX-License-Identifier: MIT */
#include "unsupported.h"

/* PKCS#11 decides the types of arguments. */
/* NOLINTBEGIN(readability-non-const-parameter) */

CK_RV
unsupported_init_token(CK_SLOT_ID slot, unsigned char *pin,
    unsigned long pin_length, unsigned char *label)
{
	(void)slot;
	(void)pin;
	(void)pin_length;
	(void)label;
	return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV
unsupported_init_pin(
    CK_SESSION_HANDLE session, unsigned char *pin, unsigned long length)
{
	(void)session;
	(void)pin;
	(void)length;
	return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV
unsupported_set_pin(CK_SESSION_HANDLE session, unsigned char *old_pin,
    unsigned long old_length, unsigned char *new_pin, unsigned long new_length)
{
	(void)session;
	(void)old_pin;
	(void)old_length;
	(void)new_pin;
	(void)new_length;
	return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV
unsupported_set_state(CK_SESSION_HANDLE session, unsigned char *state,
    unsigned long length, CK_OBJECT_HANDLE encryption_key,
    CK_OBJECT_HANDLE authentication_key)
{
	(void)session;
	(void)state;
	(void)length;
	(void)encryption_key;
	(void)authentication_key;
	return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV
unsupported_init(
    CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	(void)session;
	(void)mechanism;
	(void)key;
	return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV
unsupported_digest_init(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism)
{
	(void)session;
	(void)mechanism;
	return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV
unsupported_key(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
	(void)session;
	(void)key;
	return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV
unsupported_input(
    CK_SESSION_HANDLE session, unsigned char *part, unsigned long length)
{
	(void)session;
	(void)part;
	(void)length;
	return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV
unsupported_output(
    CK_SESSION_HANDLE session, unsigned char *part, unsigned long *length)
{
	(void)session;
	(void)part;
	(void)length;
	return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV
unsupported_transform(CK_SESSION_HANDLE session, unsigned char *in,
    unsigned long in_length, unsigned char *out, unsigned long *out_length)
{
	(void)session;
	(void)in;
	(void)in_length;
	(void)out;
	(void)out_length;
	return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV
unsupported_object_size(
    CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, unsigned long *size)
{
	(void)session;
	(void)object;
	(void)size;
	return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV
unsupported_wrap(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE wrapping_key, CK_OBJECT_HANDLE key, unsigned char *wrapped,
    unsigned long *length)
{
	(void)session;
	(void)mechanism;
	(void)wrapping_key;
	(void)key;
	(void)wrapped;
	(void)length;
	return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV
unsupported_set_attributes(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE *attributes, unsigned long count)
{
	(void)session;
	(void)object;
	(void)attributes;
	(void)count;
	return CKR_ACTION_PROHIBITED;
}

CK_RV
unsupported_create(CK_SESSION_HANDLE session, CK_ATTRIBUTE *attributes,
    unsigned long count, CK_OBJECT_HANDLE *object)
{
	(void)session;
	(void)attributes;
	(void)count;
	(void)object;
	return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV
unsupported_copy(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE *attributes, unsigned long count, CK_OBJECT_HANDLE *copy)
{
	(void)session;
	(void)object;
	(void)attributes;
	(void)count;
	(void)copy;
	return CKR_ACTION_PROHIBITED;
}

CK_RV
unsupported_generate(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_ATTRIBUTE *attributes, unsigned long count, CK_OBJECT_HANDLE *key)
{
	(void)session;
	(void)mechanism;
	(void)attributes;
	(void)count;
	(void)key;
	return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV
unsupported_unwrap(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE unwrapping_key, unsigned char *wrapped,
    unsigned long length, CK_ATTRIBUTE *attributes, unsigned long count,
    CK_OBJECT_HANDLE *key)
{
	(void)session;
	(void)mechanism;
	(void)unwrapping_key;
	(void)wrapped;
	(void)length;
	(void)attributes;
	(void)count;
	(void)key;
	return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV
unsupported_parallel(CK_SESSION_HANDLE session)
{
	(void)session;
	return CKR_FUNCTION_NOT_PARALLEL;
}
/* NOLINTEND(readability-non-const-parameter) */
