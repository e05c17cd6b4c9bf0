/* SPDX-License-Identifier: MIT */
/*
 * One client's way to have a digest signed. The two kinds are PKCS#11 (a module
 * in this process) and keyd's HTTP calls.
 */
#ifndef BENCH_SIGNER_H
#define BENCH_SIGNER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

#define SIGNER_SIGNATURE_MAX 512
#define SIGNER_DIGEST_LENGTH 32

struct signer_options {
	const char *module;   /* a PKCS#11 module, or NULL: HTTP */
	const char *token;    /* label of the token to use */
	const char *pin_file; /* NULL: no login */
	const char *key;      /* label, and key id of keyd */
	bool is_rsa;          /* PKCS#1 v1.5 with SHA-256, else ECDSA */
};

struct signature {
	size_t length;
	unsigned char data[SIGNER_SIGNATURE_MAX]; /* ECDSA: DER or raw */
};

struct signer;

/*
 * Opens what one client needs, once: session, object handle, connection.
 * *ret_signer is the caller's.
 */
MUST_CHECK enum error_code signer_open(const struct signer_options *options,
    struct signer **ret_signer, struct error *err);

/* One signature: exactly one C_Sign, or one HTTP request. */
MUST_CHECK enum error_code signer_sign(struct signer *signer,
    const unsigned char digest[static SIGNER_DIGEST_LENGTH],
    struct signature *ret_signature, struct error *err);

void signer_close(struct signer *signer);

#endif
