/* SPDX-License-Identifier: MIT */
/*
 * The part of the store that is in PEM files: keys that an operator preloads.
 * A file is read once, when its key is first used. As store.h says, for each.
 */
#ifndef KEYD_STORE_FILE_H
#define KEYD_STORE_FILE_H

#include "store.h"

struct file_store;

MUST_CHECK enum error_code file_store_open(
    struct file_store **ret_store, struct error *err);

void file_store_close(struct file_store *store);

MUST_CHECK enum error_code file_store_find(struct file_store *store,
    const struct key_name *name, struct key_facts *ret_facts,
    struct error *err);

MUST_CHECK enum error_code file_store_sign(struct file_store *store,
    const struct key_name *name, enum key_mechanism mechanism,
    const struct key_input *input, struct key_signature *ret_signature,
    struct error *err);

#endif
