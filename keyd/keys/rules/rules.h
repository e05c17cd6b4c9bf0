/* SPDX-License-Identifier: MIT */
/*
 * The rules, each for the function of keys.h with its name, which is this and
 * its record in the audit log.
 */
#ifndef KEYD_RULES_H
#define KEYD_RULES_H

#include "keys_find.h"

MUST_CHECK enum error_code rules_get(struct keys *keys, const struct peer *who,
    const struct key_ref *key, struct key_info *ret_info, struct error *err);

MUST_CHECK enum error_code rules_load(struct keys *keys, const struct peer *who,
    const struct key_ref *key, struct key_info *ret_info, struct error *err);

MUST_CHECK enum error_code rules_create_pair(struct keys *keys,
    const struct peer *who, const struct key_ref *key,
    const struct pair_wish *wish, struct error *err);

MUST_CHECK enum error_code rules_import_pair(struct keys *keys,
    const struct peer *who, const struct key_ref *key, const char *pem,
    unsigned usage, struct error *err);

MUST_CHECK enum error_code rules_move_pair(struct keys *keys,
    const struct peer *who, const struct key_ref *from,
    const struct key_ref *to, struct error *err);

MUST_CHECK enum error_code rules_create_secret(struct keys *keys,
    const struct peer *who, const struct key_ref *key, unsigned usage,
    struct error *err);

MUST_CHECK enum error_code rules_import_secret(struct keys *keys,
    const struct peer *who, const struct key_ref *key,
    const struct key_input *secret, unsigned usage, struct error *err);

MUST_CHECK enum error_code rules_delete(struct keys *keys,
    const struct peer *who, const struct key_ref *key, struct error *err);

MUST_CHECK enum error_code rules_sign_ecdsa(struct keys *keys,
    const struct peer *who, const struct key_ref *key,
    const struct key_input *digest, struct key_signature *ret_signature,
    struct error *err);

MUST_CHECK enum error_code rules_sign_rsa(struct keys *keys,
    const struct peer *who, const struct key_ref *key,
    enum key_mechanism mechanism, const struct key_input *message,
    struct key_signature *ret_signature, struct error *err);

MUST_CHECK enum error_code rules_decrypt(struct keys *keys,
    const struct peer *who, const struct key_ref *key, enum key_padding padding,
    const struct key_input *ciphertext, const struct key_input *label,
    struct key_plain *ret_plain, struct error *err);

MUST_CHECK enum error_code rules_agree(struct keys *keys,
    const struct peer *who, const struct key_ref *key,
    const struct key_input *point, struct key_plain *ret_secret,
    struct error *err);

MUST_CHECK enum error_code rules_agree_pem(struct keys *keys,
    const struct peer *who, const struct key_ref *key, const char *pem,
    struct key_plain *ret_secret, struct error *err);

MUST_CHECK enum error_code rules_sign(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const struct key_task *task,
    struct key_signature *ret_signature, struct error *err);

MUST_CHECK enum error_code rules_verify(struct keys *keys,
    const struct peer *who, const struct key_ref *key,
    const struct key_task *task, const struct key_input *signature,
    bool *ret_valid, struct error *err);

MUST_CHECK enum error_code rules_mac(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const struct key_input *message,
    unsigned char ret_mac[KEY_MAC_SIZE], struct error *err);

MUST_CHECK enum error_code rules_seal(struct keys *keys, const struct peer *who,
    const struct key_ref *key, const struct key_seal *seal,
    const struct key_input *plain, unsigned char *ret_ciphertext,
    struct error *err);

MUST_CHECK enum error_code rules_unseal(struct keys *keys,
    const struct peer *who, const struct key_ref *key,
    const struct key_seal *seal, const struct key_input *ciphertext,
    unsigned char *ret_plain, size_t *ret_length, bool *ret_genuine,
    struct error *err);

MUST_CHECK enum error_code rules_check_derive(struct keys *keys,
    const struct peer *who, const struct key_ref *key, struct error *err);

MUST_CHECK enum error_code rules_export(struct keys *keys,
    const struct peer *who, const struct key_ref *key,
    unsigned char ret_secret[KEY_MAC_SIZE], struct error *err);

MUST_CHECK enum error_code rules_check_delegate(struct keys *keys,
    const struct peer *who, const struct key_ref *key, struct error *err);

MUST_CHECK enum error_code rules_resolve(struct keys *keys,
    const struct peer *who, struct key_ref *key, struct error *err);

#endif
