/* SPDX-License-Identifier: MIT */
/*
 * Secrets that C_DeriveKey made: objects of a session, in the memory of this
 * process only, wiped when the session ends or they are destroyed. They are
 * there to be read (CKA_VALUE); nothing here computes with them.
 */
#ifndef PKCS11_SECRET_H
#define PKCS11_SECRET_H

#include <p11-kit/pkcs11.h>

#include "key.h"

/* Handles of secrets begin here; those of key pairs are below. */
#define SECRET_HANDLE_MIN 0x40000000UL

#define SECRET_ATTRIBUTE_COUNT 24

struct secret {
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE handle;
	struct bytes values[SECRET_ATTRIBUTE_COUNT]; /* secret.c knows which */
};

struct secret_table {
	struct secret *items;
	size_t count;
	CK_OBJECT_HANDLE used; /* handles are not used again */
};

/* Releases the contents, wiped, and zeroes them. */
void secret_done(struct secret *secret);

/* The same for all; handles go on from where they are. */
void secret_table_done(struct secret_table *table);

/*
 * Begins a secret with what template says and the defaults of PKCS#11 4.10.
 * Returns CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_VALUE_INVALID or
 * CKR_TEMPLATE_INCONSISTENT if that cannot be.
 */
CK_RV secret_begin(
    const CK_ATTRIBUTE *template, CK_ULONG count, struct secret *ret_secret);

/*
 * Gives it its value: the last bytes of output, as many as it wants (PKCS#11
 * mechanisms 2.3.6). Returns CKR_TEMPLATE_INCONSISTENT if there are too few.
 */
CK_RV secret_set_value(struct secret *secret, const struct output *output);

/* Files it as an object of session. Takes the secret. */
CK_RV secret_add(struct secret_table *table, CK_SESSION_HANDLE session,
    struct secret *secret, CK_OBJECT_HANDLE *ret_handle);

/* NULL: none. Valid until the table changes. */
const struct secret *secret_find(
    const struct secret_table *table, CK_OBJECT_HANDLE handle);

/* Destroys one, or all of a session. */
void secret_destroy(struct secret_table *table, CK_OBJECT_HANDLE handle);
void secret_table_close(struct secret_table *table, CK_SESSION_HANDLE session);

/*
 * Its attribute of type. Returns CKR_ATTRIBUTE_SENSITIVE or
 * CKR_ATTRIBUTE_TYPE_INVALID.
 */
CK_RV secret_read(const struct secret *secret, CK_ATTRIBUTE_TYPE type,
    const struct bytes **ret_value);

#endif
