/* SPDX-License-Identifier: MIT */
/* The part of the store that is in tokens. As store.h says, for each. */
#ifndef KEYD_STORE_PKCS11_H
#define KEYD_STORE_PKCS11_H

#include "generate.h"
#include "store.h"

struct pkcs11_store;

MUST_CHECK enum error_code pkcs11_store_open(
    const struct key_store_settings *settings, struct pkcs11_store **ret_store,
    struct error *err);

void pkcs11_store_close(struct pkcs11_store *store);

MUST_CHECK enum error_code pkcs11_store_check(struct pkcs11_store *store,
    char ret_serial[KEY_SERIAL_MAX + 1], struct error *err);

/* True if a token is configured for the keys that keyd makes. */
bool pkcs11_store_has_token(const struct pkcs11_store *store);

unsigned pkcs11_store_sessions(struct pkcs11_store *store, const char *uri);

size_t pkcs11_store_figures(struct pkcs11_store *store,
    struct token_figures ret_figures[KEY_STORE_TOKENS_MAX]);

MUST_CHECK enum error_code pkcs11_store_hang(
    struct pkcs11_store *store, const char *uri, struct error *err);

bool pkcs11_store_alive(struct pkcs11_store *store);

MUST_CHECK enum error_code pkcs11_store_find(struct pkcs11_store *store,
    const struct key_name *name, struct key_facts *ret_facts,
    struct error *err);

MUST_CHECK enum error_code pkcs11_store_sign(struct pkcs11_store *store,
    const struct key_name *name, enum key_mechanism mechanism,
    const struct key_input *input, struct key_signature *ret_signature,
    struct error *err);

MUST_CHECK enum error_code pkcs11_store_decrypt(struct pkcs11_store *store,
    const struct key_name *name, enum key_padding padding,
    const struct key_input *ciphertext, const struct key_input *label,
    struct key_plain *ret_plain, struct error *err);

MUST_CHECK enum error_code pkcs11_store_agree(struct pkcs11_store *store,
    const struct key_name *name, const struct key_public *peer,
    struct key_plain *ret_secret, struct error *err);

MUST_CHECK enum error_code pkcs11_store_mac(struct pkcs11_store *store,
    const struct key_name *name, const struct key_input *message,
    unsigned char ret_mac[KEY_MAC_SIZE], struct error *err);

MUST_CHECK enum error_code pkcs11_store_seal(struct pkcs11_store *store,
    const struct key_name *name, const struct key_seal *seal,
    const struct key_input *plain, unsigned char *ret_sealed,
    struct error *err);

MUST_CHECK enum error_code pkcs11_store_unseal(struct pkcs11_store *store,
    const struct key_name *name, const struct key_seal *seal,
    const struct key_input *sealed, unsigned char *ret_plain, bool *ret_genuine,
    struct error *err);

MUST_CHECK enum error_code pkcs11_store_random(struct pkcs11_store *store,
    unsigned char *ret_data, size_t length, struct error *err);

MUST_CHECK enum error_code pkcs11_store_generate(struct pkcs11_store *store,
    const struct generate_wish *wish, struct key_facts *ret_facts,
    struct error *err);

MUST_CHECK enum error_code pkcs11_store_import_pair(struct pkcs11_store *store,
    EVP_PKEY *pair, const struct generate_wish *wish,
    struct key_facts *ret_facts, struct error *err);

/* value NULL: the token makes it. */
MUST_CHECK enum error_code pkcs11_store_make_secret(struct pkcs11_store *store,
    const char *label, unsigned usage, const struct key_input *value,
    struct key_facts *ret_facts, struct error *err);

MUST_CHECK enum error_code pkcs11_store_destroy(
    struct pkcs11_store *store, const struct key_name *name, struct error *err);

MUST_CHECK enum error_code pkcs11_store_set_label(struct pkcs11_store *store,
    const struct key_name *name, const char *label, struct error *err);

MUST_CHECK enum error_code pkcs11_store_set_tag(struct pkcs11_store *store,
    const struct key_name *name, const struct key_tag *tag, struct error *err);

MUST_CHECK enum error_code pkcs11_store_list(struct pkcs11_store *store,
    enum key_kind kind, const char *label, key_visitor *visit, void *context,
    struct error *err);

MUST_CHECK enum error_code pkcs11_store_certificates(struct pkcs11_store *store,
    const struct key_name *name, key_visitor *visit, void *context,
    struct error *err);

#endif
