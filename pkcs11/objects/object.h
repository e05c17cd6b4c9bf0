/* SPDX-License-Identifier: MIT */
/*
 * Objects: a private and a public half for each key that keyd showed us. (The
 * secrets of secret.h and the certificates of certificate.h are objects too, in
 * tables of their own.)
 *
 * A handle means one key pair for as long as the module is initialised,
 * through any restart of keyd. When an id gets a new pair, the new pair gets
 * new handles and the old ones sign no more: keyd is asked by id, and would
 * sign with the wrong key.
 */
#ifndef PKCS11_OBJECT_H
#define PKCS11_OBJECT_H

#include <p11-kit/pkcs11.h>

#include "certificate.h"
#include "secret.h"

/* Half of a key pair, a secret or a certificate; borrowed from its table. */
struct object {
	CK_OBJECT_HANDLE handle;
	CK_OBJECT_CLASS class;
	/* Of these one is not NULL, or a certificate and the key that it is
	 * for.
	 */
	const struct key *key;
	const struct secret *secret;
	const struct certificate *certificate;
};

struct object object_of_secret(const struct secret *secret);

struct object_entry {
	struct key key;
	bool gone;   /* destroyed, or another pair has its id now */
	bool listed; /* in the latest list */
};

struct object_table {
	struct object_entry *items;
	size_t count;
};

/* Releases the contents and zeroes them. */
void object_table_done(struct object_table *table);

/*
 * Takes in a new list from keyd, and empties it. Returns CKR_HOST_MEMORY if it
 * cannot; the table is as it was then.
 */
CK_RV object_table_update(struct object_table *table, struct key_list *keys);

/* The certificate with the key in table that it is for, if there is one. */
struct object object_of_certificate(
    const struct object_table *table, const struct certificate *certificate);

/* How many objects there can be: places for object_at(). */
size_t object_table_size(const struct object_table *table);

/*
 * Lets the pair of handle be no more, for it has been destroyed. Its handles
 * are not used again.
 */
void object_forget(struct object_table *table, CK_OBJECT_HANDLE handle);

/* Fills ret_object with the half at place; false: not in the latest list. */
bool object_at(
    const struct object_table *table, size_t place, struct object *ret_object);

/*
 * Fills ret_object with the half that handle means. Returns
 * CKR_OBJECT_HANDLE_INVALID.
 */
CK_RV object_find(const struct object_table *table, CK_OBJECT_HANDLE handle,
    struct object *ret_object);

#endif
