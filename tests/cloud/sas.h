/* SPDX-License-Identifier: MIT */
/*
 * Shared access signatures:
 *
 *	SharedAccessSignature sr=<resource>&sig=<mac>&se=<expiry>[&skn=<policy>]
 *
 * with the fields in any order. The MAC is over sr exactly as it was sent,
 * encoded or not, so a token is verified before its resource is decoded.
 */
#ifndef CLOUD_SAS_H
#define CLOUD_SAS_H

#include <stdint.h>

#include "common/cleanup.h"
#include "common/error.h"

struct sas_token {
	char *sent;           /* the token, cut up; the others point into it */
	const char *resource; /* sr as sent */
	const char *expiry;   /* se as sent */
	char *signature;      /* sig, decoded from percent encoding */
	char *policy;         /* skn, decoded; "" if absent */
};

/* Releases the contents. */
void sas_token_done(struct sas_token *token);

/*
 * Reads the value of an Authorization header, NULL if there is none. On success
 * the contents of ret_token are the caller's. Fails with ERROR_DENIED.
 */
MUST_CHECK enum error_code sas_parse(
    const char *authorization, struct sas_token *ret_token, struct error *err);

/*
 * Checks the MAC with key (base64), then that the token is for resource, in
 * whatever case, then that it has not expired. Fails with ERROR_DENIED.
 */
MUST_CHECK enum error_code sas_verify(const struct sas_token *token,
    const char *key, const char *resource, int64_t now, struct error *err);

/*
 * Makes a token for resource, as it is, that is valid until expiry. The caller
 * frees *ret_token.
 */
MUST_CHECK enum error_code sas_create(const char *resource, const char *policy,
    const char *key, int64_t expiry, char **ret_token, struct error *err);

#endif
