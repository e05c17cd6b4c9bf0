/* SPDX-License-Identifier: MIT */
/*
 * CAs that have been opened, to be opened once: to load a key takes more calls
 * of keyd than to sign with it, and to read a certificate takes longer than to
 * make one. A CA that does not sign, as its key was replaced or is not ours any
 * more, is forgotten by who finds that out.
 */
#ifndef CERTD_ISSUERS_H
#define CERTD_ISSUERS_H

#include "common/openssl.h"

#define ISSUERS_MAX 16

struct issuer {
	x509_stack *chain; /* the CA first; NULL: it signs for itself */
	EVP_PKEY *key;
};

/* Releases the contents, not the struct. */
void issuer_done(struct issuer *issuer);

struct issuers;

MUST_CHECK enum error_code issuers_create(
    struct issuers **ret_issuers, struct error *err);
void issuers_free(struct issuers *issuers);
DEFINE_CLEANUP(issuers, struct issuers, issuers_free)

/*
 * Returns true if a CA of this key and, to the letter, this chain is kept: then
 * the contents of *ret_issuer are the caller's. Any thread.
 */
bool issuers_find(struct issuers *issuers, const char *chain_pem,
    const char *key_id, struct issuer *ret_issuer);

/*
 * Keeps issuer, in place of what is kept for key_id, or of the oldest. Without
 * memory it does not.
 */
void issuers_keep(struct issuers *issuers, const char *chain_pem,
    const char *key_id, const struct issuer *issuer);

/* Forgets all, so that they are opened anew; false: there were none. */
bool issuers_forget(struct issuers *issuers);

#endif
