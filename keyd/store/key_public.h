/* SPDX-License-Identifier: MIT */
/*
 * The public half of a key pair, as values: what callers ask for, and what the
 * rules for signing depend on.
 */
#ifndef KEYD_KEY_PUBLIC_H
#define KEYD_KEY_PUBLIC_H

#include <stdbool.h>
#include <stddef.h>

#include "common/openssl.h"

#define KEY_MODULUS_MAX 1024 /* RSA-8192 */
#define KEY_EXPONENT_MAX 16
#define KEY_POINT_MAX 133 /* P-521, uncompressed */
#define KEY_TAG_MAX 64
#define KEY_FINGERPRINT_SIZE 45 /* characters, with the NUL */

enum key_algorithm { KEY_EC, KEY_RSA, KEY_EDWARDS };

struct key_curve {
	const char *name; /* "P-256", "Ed25519" */
	unsigned bits;    /* of the order; of Ed25519, of a coordinate */
	size_t oid_length;
	unsigned char oid[16]; /* DER, with tag and length */
};

/* A CKA_ID. */
struct key_tag {
	size_t length; /* 0: there is none */
	unsigned char data[KEY_TAG_MAX];
};

struct key_public {
	enum key_algorithm algorithm;
	/* EC and Edwards */
	const struct key_curve *curve;
	size_t point_length;
	/* X9.62, uncompressed; of Ed25519 as RFC 8032 encodes it */
	unsigned char point[KEY_POINT_MAX];
	/* RSA, big endian, no leading zeros */
	size_t modulus_length, exponent_length;
	unsigned char modulus[KEY_MODULUS_MAX];
	unsigned char exponent[KEY_EXPONENT_MAX];
};

/* "EC", "RSA" or "EdDSA". */
const char *key_algorithm_name(enum key_algorithm algorithm);

/* The curve by its DER object identifier, or NULL. */
const struct key_curve *key_curve_of_oid(const void *der, size_t length);

/* Bytes of the group order (EC), of the modulus (RSA), of the point (EdDSA).
 */
size_t key_public_size(const struct key_public *key);

/*
 * Sets the point of a key whose ->curve is set, given in any X9.62 form (of
 * Ed25519 as RFC 8032 encodes it), bare or within a DER OCTET STRING. Fails
 * with ERROR_INVALID, also if the point is not on the curve.
 */
MUST_CHECK enum error_code key_public_set_point(struct key_public *key,
    const unsigned char *data, size_t length, struct error *err);

/* Sets modulus and exponent of an RSA key. Fails with ERROR_INVALID. */
MUST_CHECK enum error_code key_public_set_rsa(struct key_public *key,
    const unsigned char *modulus, size_t modulus_length,
    const unsigned char *exponent, size_t exponent_length, struct error *err);

/* Reads it from key. Fails with ERROR_INVALID: of another algorithm. */
MUST_CHECK enum error_code key_public_from_pkey(
    const EVP_PKEY *key, struct key_public *ret_key, struct error *err);

/* As a key of OpenSSL, to verify with or to write as PEM; the caller's. */
MUST_CHECK enum error_code key_public_to_pkey(
    const struct key_public *key, EVP_PKEY **ret_pkey, struct error *err);

/* The point in compressed form (of Ed25519 its only one); its length. */
size_t key_public_compressed_point(
    const struct key_public *key, unsigned char ret_point[KEY_POINT_MAX]);

/*
 * SHA-1 of the subjectPublicKey bits (RFC 5280 section 4.2.1.2, method 1),
 * which is what a certificate for the key has as its subject key identifier.
 */
MUST_CHECK enum error_code key_public_tag(
    const struct key_public *key, struct key_tag *ret_tag, struct error *err);

/*
 * Base64 of a SHA-256 over the public half: another key has another one. For
 * each use of a key it costs less than an encoding that others know.
 */
MUST_CHECK enum error_code key_public_fingerprint(const struct key_public *key,
    char ret_text[KEY_FINGERPRINT_SIZE], struct error *err);

bool key_tag_equal(const struct key_tag *a, const struct key_tag *b);

#endif
