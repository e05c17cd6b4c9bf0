/* SPDX-License-Identifier: MIT */
/*
 * The part of the store that is in files: keys that an operator preloads (PEM,
 * or the raw bytes of a secret), and secrets that keyd makes where no token
 * can have them. A file is read when its key is first used, and again once it
 * is another one. As store.h says, for each.
 */
#ifndef KEYD_STORE_FILE_H
#define KEYD_STORE_FILE_H

#include "store.h"

struct file_store;

/* state is the folder of keyd's own files; NULL: there are none. */
MUST_CHECK enum error_code file_store_open(
    const char *state, struct file_store **ret_store, struct error *err);

void file_store_close(struct file_store *store);

/* True if name is in a file. */
bool file_store_has(const struct key_name *name);

MUST_CHECK enum error_code file_store_find(struct file_store *store,
    const struct key_name *name, struct key_facts *ret_facts,
    struct error *err);

MUST_CHECK enum error_code file_store_sign(struct file_store *store,
    const struct key_name *name, enum key_mechanism mechanism,
    const struct key_input *input, struct key_signature *ret_signature,
    struct error *err);

MUST_CHECK enum error_code file_store_decrypt(struct file_store *store,
    const struct key_name *name, enum key_padding padding,
    const struct key_input *ciphertext, const struct key_input *label,
    struct key_plain *ret_plain, struct error *err);

MUST_CHECK enum error_code file_store_agree(struct file_store *store,
    const struct key_name *name, const struct key_public *peer,
    struct key_plain *ret_secret, struct error *err);

MUST_CHECK enum error_code file_store_mac(struct file_store *store,
    const struct key_name *name, const struct key_input *message,
    unsigned char ret_mac[KEY_MAC_SIZE], struct error *err);

MUST_CHECK enum error_code file_store_seal(struct file_store *store,
    const struct key_name *name, const struct key_seal *seal,
    const struct key_input *plain, unsigned char *ret_sealed,
    struct error *err);

MUST_CHECK enum error_code file_store_unseal(struct file_store *store,
    const struct key_name *name, const struct key_seal *seal,
    const struct key_input *sealed, unsigned char *ret_plain, bool *ret_genuine,
    struct error *err);

/* Writes value, or a new secret if that is NULL, into the file for label. */
MUST_CHECK enum error_code file_store_make_secret(struct file_store *store,
    const char *label, const struct key_input *value,
    struct key_facts *ret_facts, struct error *err);

/* Removes a secret that keyd made. */
MUST_CHECK enum error_code file_store_destroy(
    struct file_store *store, const struct key_name *name, struct error *err);

#endif
