/* SPDX-License-Identifier: MIT */
/*
 * Keys that were found in tokens: their object handles, and what is known of
 * them. A handle is good for one generation of its token's sessions.
 */
#ifndef KEYD_KEY_CACHE_H
#define KEYD_KEY_CACHE_H

#include <p11-kit/pkcs11.h>

#include "store.h"

struct key_cache;
struct key_entry;

MUST_CHECK enum error_code key_cache_create(
    struct key_cache **ret_cache, struct error *err);
void key_cache_free(struct key_cache *cache);
DEFINE_CLEANUP(key_cache, struct key_cache, key_cache_free)

/* An entry does not change; it lasts until everyone has released it. */
CK_OBJECT_HANDLE key_entry_handle(const struct key_entry *entry);
const struct key_facts *key_entry_facts(const struct key_entry *entry);
void key_entry_release(struct key_entry *entry);
DEFINE_CLEANUP(key_entry, struct key_entry, key_entry_release)

/*
 * True once the entry has been dropped. Tokens give the handle of an object
 * that is no more to the next one that is made, so what was done with a handle
 * counts only if it is false afterwards.
 */
bool key_entry_is_gone(const struct key_entry *entry);

/* The key with name, to be released; NULL if not known for this generation. */
struct key_entry *key_cache_get(
    struct key_cache *cache, const struct key_name *name, unsigned generation);

/*
 * Remembers a key. If another thread was first, then what it put stays and is
 * *ret_entry.
 *
 * Fails with ERROR_NOT_FOUND if the key is doomed.
 */
MUST_CHECK enum error_code key_cache_put(struct key_cache *cache,
    const struct key_name *name, unsigned generation, CK_OBJECT_HANDLE handle,
    const struct key_facts *facts, struct key_entry **ret_entry,
    struct error *err);

/* Forgets entry, whose handle turned out to be of no use. */
void key_cache_forget(struct key_cache *cache, const struct key_entry *entry);

/* Forgets the key with name, and every other name for the same CKA_ID. */
void key_cache_drop(struct key_cache *cache, const struct key_name *name);

/*
 * Forgets it, and does not take it again until it is spared. name is borrowed
 * until then.
 */
struct key_doom {
	struct key_doom *next;
	const struct key_name *name;
};
void key_cache_doom(struct key_cache *cache, const struct key_name *name,
    struct key_doom *doom);
void key_cache_spare(struct key_cache *cache, struct key_doom *doom);

#endif
