/* SPDX-License-Identifier: MIT */
/*
 * A keyd for the unit tests of the PKCS#11 module: remote.h implemented in
 * memory, chosen by the linker. Starts empty after fake_remote_reset().
 */
#ifndef FAKE_REMOTE_H
#define FAKE_REMOTE_H

#include "mechanism.h"
#include "remote.h"

void fake_remote_reset(void);

/*
 * Adds a key pair that may be used for everything and managed. fill decides
 * its public half, so that two pairs can have the same id.
 */
void fake_remote_add_ec(const char *id, const char *curve, unsigned char fill);
void fake_remote_add_rsa(const char *id, size_t bytes, unsigned char fill);

/*
 * Adds a certificate of certd's, which answers from then on. fill, a letter,
 * decides its value.
 */
void fake_remote_add_certificate(const char *id, const char *key_id, char fill);

/* Lets certd answer no more, and forget its certificates. */
void fake_remote_stop_certd(void);

/* Changes what keyd says of the latest key; NULL: it says nothing of it. */
void fake_remote_set_usage(const char *const *words);
void fake_remote_set_rights(const char *const *words);

/* Gives the latest key a CKA_ID of its own, base64. */
void fake_remote_set_cka_id(const char *text);

/* Forgets the keys, as if keyd showed none to this uid. */
void fake_remote_remove_keys(void);

/* Lets every call fail until it is ERROR_NONE again. */
void fake_remote_fail(enum error_code code);

/* Makes each use of a key take as long as a slow token's. */
void fake_remote_delay_ms(int64_t milliseconds);

/* How often keyd was asked, and by how many threads at once at most. */
unsigned fake_remote_lists(void);
unsigned fake_remote_uses(void);
unsigned fake_remote_most_at_once(void);

/* What the latest use was asked for, and the first member's data. */
const char *fake_remote_algorithm(void);
const struct output *fake_remote_message(void);

/* The label of the latest decryption. */
const struct output *fake_remote_label(void);

/* The usage of the latest creation. */
const char *fake_remote_usage(void);

/*
 * Every byte of the signature of a message that begins with first, which is
 * what is valid; a message of nothing begins with 0.
 */
unsigned char fake_remote_signature_byte(unsigned char first);

/* What every decryption yields, until it is another. */
void fake_remote_set_plaintext(const char *text);

/* Every byte of a derived secret is this; the length is that of the curve. */
#define FAKE_REMOTE_SECRET 0x3c
#define FAKE_REMOTE_RANDOM 0x77

#endif
