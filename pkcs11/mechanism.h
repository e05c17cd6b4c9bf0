/* SPDX-License-Identifier: MIT */
/* The mechanisms of the token, and what each asks of keyd. */
#ifndef PKCS11_MECHANISM_H
#define PKCS11_MECHANISM_H

#include <p11-kit/pkcs11.h>

#include "key.h"

/* Bytes of a message that keyd hashes; more do not fit a request. */
#define MESSAGE_MAX ((size_t)512 * 1024)

#define OAEP_LABEL_MAX 1024 /* bytes */

/* What a session can be in the middle of, one of each. */
enum purpose { PURPOSE_SIGN, PURPOSE_VERIFY, PURPOSE_DECRYPT, PURPOSE_COUNT };

/* How the caller's data becomes what keyd's algorithm takes. */
enum scheme_fit {
	FIT_EXACT, /* it must have the length */
	FIT_SHORT, /* it has between one byte and the length */
	FIT_ANY,   /* as FIT_SHORT, or nothing at all */
	FIT_PAD,   /* shorter is filled with zeros on the left */
	FIT_CUT,   /* as FIT_PAD, and longer is cut on the right */
};

/* An operation as keyd is asked for it. */
struct scheme {
	const char *algorithm; /* "ES256", "PS384", "RSA-PKCS1" ... */
	const char *member;    /* "digest", "message" or "ciphertext" */
	enum scheme_fit fit;
	size_t length;        /* of that member, in bytes */
	size_t output_length; /* of a signature; of the longest plaintext */
	struct bytes label;   /* of OAEP; owned */
};

void scheme_done(struct scheme *scheme);

/* Data in the form that keyd takes. */
struct message {
	const unsigned char *data; /* the caller's, or room */
	size_t length;
	unsigned char room[KEY_MODULUS_MAX]; /* for what had to be filled up */
};

/*
 * Chooses how to do purpose with key by mechanism; *ret_scheme is to be
 * released. Returns CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID,
 * CKR_KEY_TYPE_INCONSISTENT, CKR_KEY_SIZE_RANGE or
 * CKR_KEY_FUNCTION_NOT_PERMITTED if that cannot be.
 */
CK_RV scheme_choose(const CK_MECHANISM *mechanism, enum purpose purpose,
    const struct key *key, struct scheme *ret_scheme);

/*
 * Brings data into the form; it must outlive the message. Returns
 * CKR_DATA_LEN_RANGE if it cannot be.
 */
CK_RV scheme_fit(const struct scheme *scheme, const unsigned char *data,
    size_t length, struct message *ret_message);

/*
 * The type of the keys that mechanism is for. Returns CKR_MECHANISM_INVALID if
 * it does not do what flag (CKF_DERIVE ...) says.
 */
CK_RV mechanism_key_type(
    const CK_MECHANISM *mechanism, CK_FLAGS flag, CK_KEY_TYPE *ret_type);

#endif
