/* SPDX-License-Identifier: MIT */
/*
 * What this token does not do. PKCS#11 wants a function in every place of its
 * list; those here say CKR_FUNCTION_NOT_SUPPORTED, or CKR_ACTION_PROHIBITED
 * where an object would be changed or copied (none is CKA_MODIFIABLE or
 * CKA_COPYABLE), and what the standard prescribes for parallel functions. One
 * for each shape of arguments.
 */
#ifndef PKCS11_UNSUPPORTED_H
#define PKCS11_UNSUPPORTED_H

#include <p11-kit/pkcs11.h>

CK_RV unsupported_init_token(CK_SLOT_ID slot, unsigned char *pin,
    unsigned long pin_length, unsigned char *label);
CK_RV unsupported_init_pin(
    CK_SESSION_HANDLE session, unsigned char *pin, unsigned long length);
CK_RV unsupported_set_pin(CK_SESSION_HANDLE session, unsigned char *old_pin,
    unsigned long old_length, unsigned char *new_pin, unsigned long new_length);
CK_RV unsupported_set_state(CK_SESSION_HANDLE session, unsigned char *state,
    unsigned long length, CK_OBJECT_HANDLE encryption_key,
    CK_OBJECT_HANDLE authentication_key);

CK_RV unsupported_init(
    CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key);
CK_RV unsupported_digest_init(
    CK_SESSION_HANDLE session, CK_MECHANISM *mechanism);
CK_RV unsupported_key(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key);
CK_RV unsupported_input(
    CK_SESSION_HANDLE session, unsigned char *part, unsigned long length);
CK_RV unsupported_output(
    CK_SESSION_HANDLE session, unsigned char *part, unsigned long *length);
CK_RV unsupported_transform(CK_SESSION_HANDLE session, unsigned char *in,
    unsigned long in_length, unsigned char *out, unsigned long *out_length);
CK_RV unsupported_object_size(
    CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, unsigned long *size);
CK_RV unsupported_wrap(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE wrapping_key, CK_OBJECT_HANDLE key, unsigned char *wrapped,
    unsigned long *length);

CK_RV unsupported_set_attributes(CK_SESSION_HANDLE session,
    CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attributes, unsigned long count);
CK_RV unsupported_create(CK_SESSION_HANDLE session, CK_ATTRIBUTE *attributes,
    unsigned long count, CK_OBJECT_HANDLE *object);
CK_RV unsupported_copy(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE *attributes, unsigned long count, CK_OBJECT_HANDLE *copy);
CK_RV unsupported_generate(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_ATTRIBUTE *attributes, unsigned long count, CK_OBJECT_HANDLE *key);
CK_RV unsupported_unwrap(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE unwrapping_key, unsigned char *wrapped,
    unsigned long length, CK_ATTRIBUTE *attributes, unsigned long count,
    CK_OBJECT_HANDLE *key);

CK_RV unsupported_parallel(CK_SESSION_HANDLE session);

#endif
