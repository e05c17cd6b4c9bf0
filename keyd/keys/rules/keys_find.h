/* SPDX-License-Identifier: MIT */
/* For keys*.c and the rules: the service, who may, and where a key is. */
#ifndef KEYD_KEYS_FIND_H
#define KEYD_KEYS_FIND_H

#include <pthread.h>

#include "keys.h"

struct keys {
	struct keys_parts parts; /* but for access */
	pthread_rwlock_t lock;   /* for what follows */
	struct access *access;
	struct error trouble;
};

/* A key id's place in the store. name points into record and uri. */
struct key_place {
	struct index_record record;
	struct key_name name;
	bool preloaded;
};

/*
 * Fails unless who has one of rights to key: with ERROR_INVALID (no id) or
 * ERROR_DENIED.
 */
MUST_CHECK enum error_code keys_authorize(struct keys *keys,
    const struct peer *who, const struct key_ref *key, unsigned rights,
    struct error *err);

/* The URI of a preloaded key, or NULL. */
const char *keys_preloaded_uri(const struct keys *keys, const char *id);

/* How to name the object of record. Borrows from record. */
struct key_name keys_name_of(const struct index_record *record);

/*
 * Finds the key: preloaded, in the index, or in the token under a CKA_LABEL
 * that is the id; the latter is taken into the index, and not looked for if key
 * says so. Of a derived key it finds what it is derived from. ret_place must
 * not be copied.
 *
 * Fails with ERROR_NOT_FOUND, also if the pair has not the fingerprint that key
 * says, or as the store does. Only an operator's uid is
 * told which other keys there are.
 */
MUST_CHECK enum error_code keys_find(struct keys *keys, const struct peer *who,
    const struct key_ref *key, struct key_place *ret_place,
    struct key_facts *ret_facts, struct error *err);

/* keys_authorize() and keys_find(). */
MUST_CHECK enum error_code keys_find_for(struct keys *keys,
    const struct peer *who, const struct key_ref *key, unsigned rights,
    struct key_place *ret_place, struct key_facts *ret_facts,
    struct error *err);

/*
 * Takes into the index what has the label id in the token, or in a file. Fails
 * with ERROR_NOT_FOUND, and with ERROR_EXISTS if it has been taken meanwhile.
 */
MUST_CHECK enum error_code keys_adopt(
    struct keys *keys, enum key_kind kind, const char *id, struct error *err);

/*
 * Takes into the index what lies in the token without being in it. What cannot
 * be taken in is left out.
 */
void keys_adopt_all(struct keys *keys);

#endif
