/* SPDX-License-Identifier: MIT */
/*
 * A key store in memory, with a switch for each failure that a token can have.
 * It takes the place of keyd/store.c.
 *
 * A signature by a fake key is its input, backwards; for ECDSA that stands
 * twice, as r and as s.
 */
#ifndef FAKE_STORE_H
#define FAKE_STORE_H

#include "store.h"

#define FAKE_SERIAL "5e41a1"

/* Never fails: it ends the test if there is no memory. */
struct key_store *fake_store_open(void);

/* Until called with false, every use of the token fails as an absent one. */
void fake_store_unplug(struct key_store *store, bool unplugged);

/* Until called with false, nothing can be destroyed or labelled. */
void fake_store_protect(struct key_store *store, bool is_protected);

/* The token makes no keys of this kind. */
void fake_store_refuse(struct key_store *store, enum key_spec spec);

/* Another token is in the slot. */
void fake_store_exchange(struct key_store *store, const char *serial);

/* Puts a key there that others made. tag 0: it has no CKA_ID. */
void fake_store_add(
    struct key_store *store, const char *label, unsigned char tag);

/* Makes a preloaded key reachable. */
void fake_store_add_uri(
    struct key_store *store, const char *uri, enum key_spec spec);

/* Removes the key with label behind keyd's back. */
void fake_store_lose(struct key_store *store, const char *label);

/* How many keys have label; NULL: any. */
unsigned fake_store_count(const struct key_store *store, const char *label);

/* The CKA_ID's first byte of the key with label; 0: no such key, or none. */
unsigned char fake_store_tag(const struct key_store *store, const char *label);

#endif
