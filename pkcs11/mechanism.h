/* SPDX-License-Identifier: MIT */
/* The mechanisms of the token, and what each asks of keyd. */
#ifndef PKCS11_MECHANISM_H
#define PKCS11_MECHANISM_H

#include <p11-kit/pkcs11.h>

#include "key.h"

/* How the caller's data becomes what keyd's algorithm takes. */
enum scheme_fit {
	FIT_EXACT, /* it must have the length */
	FIT_SHORT, /* it may have at most the length, and goes as it is */
	FIT_PAD,   /* shorter is filled with zeros on the left */
	FIT_CUT,   /* as FIT_PAD, and longer is cut on the right */
};

/* A signature as keyd is asked for it. */
struct scheme {
	const char *algorithm; /* "ES256", "PS384", "RSA-PKCS1" ... */
	const char *member;    /* "digest" or "message" */
	enum scheme_fit fit;
	size_t length; /* of that member, in bytes */
};

struct message {
	size_t length;
	unsigned char data[KEY_MODULUS_MAX];
};

/*
 * Chooses how to sign with key by mechanism. Returns CKR_MECHANISM_INVALID,
 * CKR_MECHANISM_PARAM_INVALID or CKR_KEY_TYPE_INCONSISTENT if that cannot be.
 */
CK_RV scheme_choose(const CK_MECHANISM *mechanism, const struct key *key,
    struct scheme *ret_scheme);

/*
 * Brings data into the form. Returns CKR_DATA_LEN_RANGE if it cannot be, and
 * for no data at all.
 */
CK_RV scheme_fit(const struct scheme *scheme, const unsigned char *data,
    size_t length, struct message *ret_message);

#endif
