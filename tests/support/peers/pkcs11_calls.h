/* SPDX-License-Identifier: MIT */
/* PKCS#11 calls as tests make them: over the list, failing the test. */
#ifndef PKCS11_CALLS_H
#define PKCS11_CALLS_H

#include <p11-kit/pkcs11.h>

/* The functions, as a program that loads the module gets them. */
CK_FUNCTION_LIST *token(void);

/* C_Initialize and a read-only session. */
CK_SESSION_HANDLE token_open(void);

/* The same with a session that may change the token. */
CK_SESSION_HANDLE token_open_read_write(void);

/* C_Finalize. */
void token_close(void);

/* Runs a whole search; the number of objects, of which up to room are told. */
CK_ULONG token_search(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template,
    CK_ULONG count, CK_OBJECT_HANDLE *ret_objects, CK_ULONG room);

/* The half of class of the key with label; 0: there is none. */
CK_OBJECT_HANDLE token_find(
    CK_SESSION_HANDLE session, CK_OBJECT_CLASS class, const char *label);

/* C_SignInit and C_Sign, of length bytes of which each is fill. */
CK_RV token_sign(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
    CK_MECHANISM_TYPE type, unsigned char fill, CK_ULONG length,
    unsigned char *ret_signature, CK_ULONG *ret_length);

#endif
