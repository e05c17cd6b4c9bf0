/* SPDX-License-Identifier: MIT */
/*
 * The private and the secret operations in process, with OpenSSL: for keys in
 * files, for keys that are derived from others, and for the store of the tests.
 * Each fails as its namesake in store.h does.
 */
#ifndef KEYD_SOFTWARE_H
#define KEYD_SOFTWARE_H

#include "store.h"

MUST_CHECK enum error_code software_sign(EVP_PKEY *pair,
    enum key_mechanism mechanism, const struct key_input *input,
    struct key_signature *ret_signature, struct error *err);

MUST_CHECK enum error_code software_decrypt(EVP_PKEY *pair,
    enum key_padding padding, const struct key_input *ciphertext,
    const struct key_input *label, struct key_plain *ret_plain,
    struct error *err);

/* The hash of an OAEP padding, else NULL. */
const EVP_MD *software_oaep_hash(enum key_padding padding);

/* The one failure of all decryption. */
enum error_code software_not_encrypted(struct error *err);

/*
 * Removes the padding of block, which is as long as the modulus: what the raw
 * private operation of a token yields. In constant time.
 */
MUST_CHECK enum error_code software_unpad(enum key_padding padding,
    const struct key_plain *block, const struct key_input *label,
    struct key_plain *ret_plain, struct error *err);

MUST_CHECK enum error_code software_agree(EVP_PKEY *pair,
    const struct key_public *peer, struct key_plain *ret_secret,
    struct error *err);

MUST_CHECK enum error_code software_mac(const struct key_input *secret,
    const struct key_input *message, unsigned char ret_mac[KEY_MAC_SIZE],
    struct error *err);

/* secret has 16 or 32 bytes (AES-128, AES-256), else ERROR_INVALID. */
MUST_CHECK enum error_code software_seal(const struct key_input *secret,
    const struct key_seal *seal, const struct key_input *plain,
    unsigned char *ret_sealed, struct error *err);
MUST_CHECK enum error_code software_unseal(const struct key_input *secret,
    const struct key_seal *seal, const struct key_input *sealed,
    unsigned char *ret_plain, bool *ret_genuine, struct error *err);

/* What pairs of this algorithm can be used for. */
unsigned software_usage_of_pair(enum key_algorithm algorithm);

/*
 * Fails with ERROR_INVALID if the bytes are the text of a PEM file: they are
 * another kind of key, and not as secret as one of these.
 */
MUST_CHECK enum error_code software_check_secret(
    const struct key_input *secret, struct error *err);

/* What bytes of this length can be used for. */
unsigned software_usage_of_secret(size_t length);

#endif
