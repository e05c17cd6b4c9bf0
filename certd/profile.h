/* SPDX-License-Identifier: MIT */
/*
 * What an issued certificate contains. The configuration and this file decide;
 * of what a request asks for, only names and TLS usages are taken over. Asking
 * for CA:TRUE does not help.
 */
#ifndef CERTD_PROFILE_H
#define CERTD_PROFILE_H

#include <stdint.h>

#include "common/openssl.h"

#define PROFILE_EXPIRY_DAYS_DEFAULT 30
#define PROFILE_EXPIRY_DAYS_MAX 36500

/* Clocks differ: a certificate is valid from a little before it is made. */
#define PROFILE_BACKDATE_SECONDS 300

/* RFC 5280 appendix A.1, ub-common-name: characters, not bytes. */
#define PROFILE_COMMON_NAME_MAX 64

struct profile {
	const char *common_name; /* NULL: the request's subject. Borrowed */
	unsigned expiry_days;    /* 0: PROFILE_EXPIRY_DAYS_DEFAULT */
};

/*
 * Makes a leaf certificate for request, signed with issuer_key, which belongs
 * to issuer. *ret_certificate is the caller's.
 *
 * Fails with ERROR_INVALID if the request has no subject where it needs one,
 * or extensions that cannot be read, and with ERROR_INTERNAL if the key does
 * not sign.
 */
MUST_CHECK enum error_code profile_certificate(const struct profile *profile,
    X509_REQ *request, const X509 *issuer, EVP_PKEY *issuer_key, int64_t now,
    X509 **ret_certificate, struct error *err);

/*
 * The first PROFILE_COMMON_NAME_MAX characters of a UTF-8 text; a character is
 * never cut apart. The caller frees it; NULL: no memory.
 */
char *profile_cut_common_name(const char *text);

#endif
