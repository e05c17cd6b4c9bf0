/* SPDX-License-Identifier: MIT */
/*
 * One client's way to have a digest signed, or encrypted as if it were a text,
 * which is a "signature" here all the same. The two kinds are PKCS#11 (a module
 * in this process) and keyd's HTTP calls.
 */
#ifndef BENCH_SIGNER_H
#define BENCH_SIGNER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

#define SIGNER_SIGNATURE_MAX 512
#define SIGNER_DIGEST_LENGTH 32

/* With a key pair, or with a secret. */
enum signer_operation {
	SIGNER_ECDSA,
	SIGNER_RSA,  /* PKCS#1 v1.5 with SHA-256 */
	SIGNER_HMAC, /* SHA-256 */
	SIGNER_AEAD, /* AES-GCM: encrypts */
};

/* What AES-GCM gets beside the text. It is the same each time: no secret. */
#define SIGNER_IV "signet-bench"
#define SIGNER_IV_LENGTH (sizeof(SIGNER_IV) - 1)
#define SIGNER_AAD "aad"
#define SIGNER_AAD_LENGTH (sizeof(SIGNER_AAD) - 1)

struct signer_options {
	const char *module;   /* a PKCS#11 module, or NULL: HTTP */
	const char *token;    /* label of the token to use */
	const char *pin_file; /* NULL: no login */
	const char *key;      /* label, and key id of keyd */
	enum signer_operation operation;
};

struct signature {
	size_t length;
	/* ECDSA: r||s; AES-GCM: the ciphertext and the tag */
	unsigned char data[SIGNER_SIGNATURE_MAX];
};

struct signer;

/*
 * Opens what one client needs, once: session, object handle, connection.
 * *ret_signer is the caller's.
 */
MUST_CHECK enum error_code signer_open(const struct signer_options *options,
    struct signer **ret_signer, struct error *err);

/* One signature: exactly one C_Sign or C_Encrypt, or one HTTP request. */
MUST_CHECK enum error_code signer_sign(struct signer *signer,
    const unsigned char digest[static SIGNER_DIGEST_LENGTH],
    struct signature *ret_signature, struct error *err);

void signer_close(struct signer *signer);

#endif
