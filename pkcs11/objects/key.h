/* SPDX-License-Identifier: MIT */
/*
 * What keyd answers: key pairs, that is everything but the private half, in
 * the encodings that PKCS#11 wants; and what came out of using one.
 */
#ifndef PKCS11_KEY_H
#define PKCS11_KEY_H

#include <p11-kit/pkcs11.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "common/json.h"

#define KEY_ID_MAX 1023        /* bytes; longer ones fit no path segment */
#define KEY_MODULUS_MAX 1024   /* bytes: RSA-8192 */
#define KEY_OUTPUT_MAX 1024    /* bytes: a signature, a plaintext, a secret */
#define KEY_FINGERPRINT_MAX 64 /* characters */

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
	CK_KEY_TYPE type;      /* CKK_EC or CKK_EC_EDWARDS */
	CK_ULONG bits;
	size_t digest_length; /* that algorithm takes; 0: it takes a message */
	size_t order_length;  /* of r, of s, and of a coordinate */
	const char *point;    /* keyd's name of the parameter */
	size_t point_length;
	size_t params_length;
	unsigned char params[14]; /* DER: CKA_EC_PARAMS */
};

/* What a key is for, and what its caller may do with it. */
enum key_usage {
	KEY_SIGN = 1 << 0,
	KEY_VERIFY = 1 << 1,
	KEY_DECRYPT = 1 << 2,
	KEY_DERIVE = 1 << 3,
	KEY_MANAGE = 1 << 4, /* it may be destroyed */
};

struct key {
	char *id;            /* CKA_LABEL */
	struct bytes cka_id; /* CKA_ID; of length 0: the id */
	char fingerprint[KEY_FINGERPRINT_MAX + 1]; /* "": keyd tells none */
	unsigned usage;                            /* enum key_usage */
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

/* What a private half has made. It may be a secret, so it is wiped. */
struct output {
	size_t length;
	unsigned char data[KEY_OUTPUT_MAX];
};

static inline void
output_done(struct output *output)
{
	explicit_bzero(output->data, output->length);
	output->length = 0;
}

/* Releases the contents and zeroes them. */
void key_done(struct key *key);
void key_list_done(struct key_list *list);

/* True if both are the same key pair under the same id. */
bool key_equals(const struct key *a, const struct key *b);

/* Its CKA_ID, borrowed. */
struct bytes key_cka_id(const struct key *key);

/* CKK_RSA, CKK_EC or CKK_EC_EDWARDS. */
CK_KEY_TYPE key_type(const struct key *key);

/* The length of its modulus, or of the order of its curve. */
CK_ULONG key_bits(const struct key *key);

/* The curve with these CKA_EC_PARAMS, in any of their forms; NULL: none. */
const struct curve *curve_from_params(
    const unsigned char *params, size_t length);

/*
 * Reads the answer to GET /keys. What this module cannot show (a symmetric
 * key, another algorithm or curve, a key that keyd lists with "error", or that
 * its caller can neither use nor destroy) is left out.
 *
 * Fails with ERROR_MALFORMED if the answer is not what keyd documents.
 */
MUST_CHECK enum error_code key_list_from_json(
    const json_t *answer, struct key_list *ret_list, struct error *err);

/*
 * Reads the bytes that member of an answer has, and wipes them there. Fails
 * with ERROR_MALFORMED.
 */
MUST_CHECK enum error_code output_from_json(const json_t *answer,
    const char *member, struct output *ret_output, struct error *err);

#endif
