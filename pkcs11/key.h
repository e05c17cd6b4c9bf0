/* SPDX-License-Identifier: MIT */
/*
 * What keyd answers: key pairs, that is everything but the private half, in
 * the encodings that PKCS#11 wants; and signatures.
 */
#ifndef PKCS11_KEY_H
#define PKCS11_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "common/json.h"

#define KEY_ID_MAX 1023        /* bytes; longer ones fit no path segment */
#define KEY_MODULUS_MAX 1024   /* bytes: RSA-8192 */
#define KEY_SIGNATURE_MAX 1024 /* bytes */

struct bytes {
	unsigned char *data;
	size_t length;
};

static inline void
bytes_done(struct bytes *bytes)
{
	free(bytes->data);
	*bytes = (struct bytes){0};
}

/* A curve, and how keyd signs with it. */
struct curve {
	const char *name;      /* keyd's: "P-256" */
	const char *algorithm; /* keyd's: "ES256" */
	size_t digest_length;  /* that algorithm takes */
	size_t order_length;   /* of r, of s, and of a coordinate */
	size_t params_length;
	unsigned char params[10]; /* DER: its OBJECT IDENTIFIER */
};

struct key {
	char *id;
	bool sensitive;
	bool extractable;
	bool always_sensitive;
	bool never_extractable;
	bool local;
	size_t signature_length;
	const struct curve *curve; /* NULL: an RSA key */
	struct bytes point;        /* EC: DER OCTET STRING, uncompressed */
	struct bytes modulus;      /* RSA: big endian, no leading zero */
	struct bytes exponent;     /* RSA: likewise */
};

struct key_list {
	size_t count;
	struct key *items;
};

struct signature {
	size_t length;
	unsigned char data[KEY_SIGNATURE_MAX];
};

/* Releases the contents and zeroes them. */
void key_done(struct key *key);
void key_list_done(struct key_list *list);

/* True if both are the same key pair under the same id. */
bool key_equals(const struct key *a, const struct key *b);

/*
 * Reads the answer to GET /keys. What this module cannot sign with (another
 * algorithm or curve, a key that keyd lists with "error") is left out.
 *
 * Fails with ERROR_MALFORMED if the answer is not what keyd documents.
 */
MUST_CHECK enum error_code key_list_from_json(
    const json_t *answer, struct key_list *ret_list, struct error *err);

/* Reads the answer to POST /keys/{id}/sign. Fails with ERROR_MALFORMED. */
MUST_CHECK enum error_code signature_from_json(
    const json_t *answer, struct signature *ret_signature, struct error *err);

#endif
