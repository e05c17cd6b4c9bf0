/* SPDX-License-Identifier: MIT */
/*
 * What an EST server wants of requests (CsrAttrs, RFC 7030 section 4.5.2). Of
 * it, the kind of key, the hash and the extended key usage are done, and
 * alternative names if there are any; what we do not have is named, so that a
 * later refusal can be understood.
 */
#ifndef CERTD_EST_CSRATTRS_H
#define CERTD_EST_CSRATTRS_H

#include "common/openssl.h"

#define EST_WISHES_TEXT_MAX 200

struct est_wishes {
	const char *key_kind; /* as keyd prefers ("ec-p384"); NULL: any */
	const EVP_MD *hash;   /* NULL: any */
	bool usage;           /* the request says what for */
	bool names;           /* the request has alternative names */
	char missing[EST_WISHES_TEXT_MAX]; /* "macAddress, ..."; "": nothing */
};

/*
 * Reads the body of an answer; "" asks for nothing. Fails with ERROR_UPSTREAM.
 */
MUST_CHECK enum error_code est_csrattrs_read(
    const char *text, struct est_wishes *ret_wishes, struct error *err);

/* Adds name to what is missing. */
void est_wishes_miss(struct est_wishes *wishes, const char *name);

/* As keyd is asked for one like key, which may be NULL; NULL: it makes none. */
const char *est_key_kind(const EVP_PKEY *key);

/* True if key is of the kind that is wished for, or if none is. */
bool est_wishes_allow(const struct est_wishes *wishes, const EVP_PKEY *key);

#endif
