/* SPDX-License-Identifier: MIT */
/*
 * What this token does not do. PKCS#11 wants a function in every place of its
 * list; those here say CKR_FUNCTION_NOT_SUPPORTED, CKR_TOKEN_WRITE_PROTECTED
 * where a key would be made or changed, and what the standard prescribes for
 * random numbers and parallel functions. One for each shape of arguments.
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
CK_RV unsupported_verify(CK_SESSION_HANDLE session, unsigned char *data,
    unsigned long length, unsigned char *signature,
    unsigned long signature_length);
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
CK_RV unsupported_destroy(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object);
CK_RV unsupported_generate(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_ATTRIBUTE *attributes, unsigned long count, CK_OBJECT_HANDLE *key);
CK_RV unsupported_generate_pair(CK_SESSION_HANDLE session,
    CK_MECHANISM *mechanism, CK_ATTRIBUTE *public_attributes,
    unsigned long public_count, CK_ATTRIBUTE *private_attributes,
    unsigned long private_count, CK_OBJECT_HANDLE *public_key,
    CK_OBJECT_HANDLE *private_key);
CK_RV unsupported_unwrap(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE unwrapping_key, unsigned char *wrapped,
    unsigned long length, CK_ATTRIBUTE *attributes, unsigned long count,
    CK_OBJECT_HANDLE *key);
CK_RV unsupported_derive(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE base_key, CK_ATTRIBUTE *attributes, unsigned long count,
    CK_OBJECT_HANDLE *key);

CK_RV unsupported_random(
    CK_SESSION_HANDLE session, unsigned char *data, unsigned long length);
CK_RV unsupported_parallel(CK_SESSION_HANDLE session);

#endif
