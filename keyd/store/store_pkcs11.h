/* SPDX-License-Identifier: MIT */
/* The part of the store that is in tokens. As store.h says, for each. */
#ifndef KEYD_STORE_PKCS11_H
#define KEYD_STORE_PKCS11_H

#include "store.h"

struct pkcs11_store;

MUST_CHECK enum error_code pkcs11_store_open(
    const struct key_store_settings *settings, struct pkcs11_store **ret_store,
    struct error *err);

void pkcs11_store_close(struct pkcs11_store *store);

MUST_CHECK enum error_code pkcs11_store_check(struct pkcs11_store *store,
    char ret_serial[KEY_SERIAL_MAX + 1], struct error *err);

/*
 * How many sessions keyd's own token signs with, less those that hang; 0 if it
 * is not open.
 */
unsigned pkcs11_store_sessions(struct pkcs11_store *store);

size_t pkcs11_store_figures(struct pkcs11_store *store,
    struct token_figures ret_figures[KEY_STORE_TOKENS_MAX]);

MUST_CHECK enum error_code pkcs11_store_hang(
    struct pkcs11_store *store, struct error *err);

bool pkcs11_store_alive(struct pkcs11_store *store);

MUST_CHECK enum error_code pkcs11_store_find(struct pkcs11_store *store,
    const struct key_name *name, struct key_facts *ret_facts,
    struct error *err);

MUST_CHECK enum error_code pkcs11_store_sign(struct pkcs11_store *store,
    const struct key_name *name, enum key_mechanism mechanism,
    const struct key_input *input, struct key_signature *ret_signature,
    struct error *err);

MUST_CHECK enum error_code pkcs11_store_generate(struct pkcs11_store *store,
    const char *label, enum key_spec spec, unsigned usage,
    struct key_facts *ret_facts, struct error *err);

MUST_CHECK enum error_code pkcs11_store_destroy(
    struct pkcs11_store *store, const struct key_name *name, struct error *err);

MUST_CHECK enum error_code pkcs11_store_set_label(struct pkcs11_store *store,
    const struct key_name *name, const char *label, struct error *err);

MUST_CHECK enum error_code pkcs11_store_set_tag(struct pkcs11_store *store,
    const struct key_name *name, const struct key_tag *tag, struct error *err);

MUST_CHECK enum error_code pkcs11_store_list(struct pkcs11_store *store,
    const char *label, key_visitor *visit, void *context, struct error *err);

#endif
