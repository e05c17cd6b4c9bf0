/* SPDX-License-Identifier: MIT */
/*
 * A key store in memory, with a switch for each failure that a token can have.
 * It takes the place of keyd/store/store.c. Its keys are real, but pairs of one
 * kind are all the same.
 */
#ifndef FAKE_STORE_H
#define FAKE_STORE_H

#include "store.h"

#define FAKE_SERIAL "5e41a1"
#define FAKE_SINCE 1796083200
#define FAKE_SESSIONS_OWN 4   /* of keyd's own token */
#define FAKE_SESSIONS_OTHER 2 /* of any other */

/* Never fails: it ends the test if there is no memory. */
struct key_store *fake_store_open(void);

/* Until called with false, every use of the token fails as an absent one. */
void fake_store_unplug(struct key_store *store, bool unplugged);

/* Until called with false, a call of the token seems to hang. */
void fake_store_hang(struct key_store *store, bool hangs);

/* Until called with false, nothing can be destroyed or labelled. */
void fake_store_protect(struct key_store *store, bool is_protected);

/* The token makes no keys of this kind. */
void fake_store_refuse(struct key_store *store, enum key_spec spec);

/* The token holds no secrets; allow_files: they may be in files then. */
void fake_store_refuse_secrets(struct key_store *store, bool allow_files);

/* Another token is in the slot. */
void fake_store_exchange(struct key_store *store, const char *serial);

/* Puts a key there that others made. tag 0: it has no CKA_ID. */
void fake_store_add(
    struct key_store *store, const char *label, unsigned char tag);

void fake_store_add_secret(struct key_store *store, const char *label,
    unsigned char tag, const void *secret, size_t length);

/* Makes a preloaded key reachable. */
void fake_store_add_uri(
    struct key_store *store, const char *uri, enum key_spec spec);

/* A certificate in the token (the store has one) with this CKA_ID. */
void fake_store_add_certificate(
    struct key_store *store, const char *label, unsigned char tag);

/* Removes the key with label behind keyd's back. */
void fake_store_lose(struct key_store *store, const char *label);

/* How many keys have label; NULL: any. */
unsigned fake_store_count(const struct key_store *store, const char *label);

/* The CKA_ID's first byte of the key with label; 0: no such key, or none. */
unsigned char fake_store_tag(const struct key_store *store, const char *label);

#endif
