/* SPDX-License-Identifier: MIT */
/*
 * A keyd for the unit tests of the PKCS#11 module: remote.h implemented in
 * memory, chosen by the linker. Starts empty after fake_remote_reset().
 */
#ifndef FAKE_REMOTE_H
#define FAKE_REMOTE_H

#include "remote.h"

void fake_remote_reset(void);

/*
 * Adds a key pair. fill decides its public half, so that two pairs can have
 * the same id.
 */
void fake_remote_add_ec(const char *id, const char *curve, unsigned char fill);
void fake_remote_add_rsa(const char *id, size_t bytes, unsigned char fill);

/* Forgets the keys, as if keyd showed none to this uid. */
void fake_remote_remove_keys(void);

/* Lets every call fail until it is ERROR_NONE again. */
void fake_remote_fail(enum error_code code);

/* Makes each signature take as long as a slow token's. */
void fake_remote_delay_ms(int64_t milliseconds);

/* How often keyd was asked, and by how many threads at once at most. */
unsigned fake_remote_lists(void);
unsigned fake_remote_signs(void);
unsigned fake_remote_most_at_once(void);

/* What the latest signature was asked for. */
const char *fake_remote_algorithm(void);
const struct message *fake_remote_message(void);

/* Every byte of the signature of a message that begins with first. */
unsigned char fake_remote_signature_byte(unsigned char first);

#endif
