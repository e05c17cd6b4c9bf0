/* SPDX-License-Identifier: MIT */
/* The numbers of a key pair, as attributes of its halves in a token. */
#ifndef KEYD_PAIR_PARTS_H
#define KEYD_PAIR_PARTS_H

#include "template.h"

#define PAIR_PARTS_SIZE (8 * KEY_MODULUS_MAX)

struct pair_parts {
	CK_KEY_TYPE type;
	struct key_public public;
	size_t used;
	unsigned char room[PAIR_PARTS_SIZE]; /* wiped by pair_parts_done() */
};

/* pair is that of public_half. */
void pair_parts_start(
    struct pair_parts *parts, const struct key_public *public_half);
void pair_parts_done(struct pair_parts *parts);

/* Puts the key type and the numbers; template borrows from parts. */
MUST_CHECK enum error_code pair_parts_put_public(
    struct pair_parts *parts, struct template *template, struct error *err);
MUST_CHECK enum error_code pair_parts_put_private(struct pair_parts *parts,
    const EVP_PKEY *pair, struct template *template, struct error *err);

#endif
