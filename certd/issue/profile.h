/* SPDX-License-Identifier: MIT */
/*
 * What an issued certificate contains. The configuration and this file decide;
 * of what a request asks for, only what the profile accepts is taken over.
 * Asking for CA:TRUE does not help.
 */
#ifndef CERTD_PROFILE_H
#define CERTD_PROFILE_H

#include "certd/limits.h"
#include <stdint.h>

#include "common/config.h"
#include "common/openssl.h"

#define PROFILE_PATH_LENGTH_MAX 16

/* Clocks differ: a certificate is valid from a little before it is made. */
#define PROFILE_BACKDATE_SECONDS 300

/* RFC 5280 appendix A.1, ub-common-name: characters, not bytes. */
#define PROFILE_COMMON_NAME_MAX 64

enum profile_kind {
	PROFILE_BY_REQUEST, /* a leaf for the TLS usages that are asked for */
	PROFILE_DEVICE_IDENTITY,
	PROFILE_SERVER,
	PROFILE_CLIENT,
	PROFILE_CA,
};

struct profile {
	const char *common_name; /* NULL: the request's subject. Borrowed */
	unsigned expiry_days;    /* 0: CERTD_EXPIRY_DAYS_DEFAULT */
	enum profile_kind kind;
	int path_length; /* of PROFILE_CA */
	unsigned accept; /* of a request; 0: what the kind accepts */
	/* RDN -> text, in place of the request's; NULL or empty: none */
	const struct config_map *subject;
	const EVP_MD *digest; /* NULL: natural for the issuer's key */
	bool clip; /* end with the issuer rather than refuse expiry_days */
	bool copy_extensions; /* the request's, as aziot-certd does */
	bool ask_usage;       /* a request of ours says what the kind is for */
};

/* "server" and so on; NULL is PROFILE_BY_REQUEST. Fails with ERROR_INVALID. */
MUST_CHECK enum error_code profile_kind_parse(
    const char *name, enum profile_kind *ret_kind, struct error *err);

/* "by-request" for PROFILE_BY_REQUEST. */
const char *profile_kind_name(enum profile_kind kind);

/*
 * Reads a list of what a request may bring: "subject", or parts of it (CN, O,
 * OU, C, ST, L, serialNumber); "dns", "ip", "uri", "email" and "other" names;
 * "usage", TLS client or server. An empty list is what kind accepts.
 * Fails with ERROR_INVALID.
 */
MUST_CHECK enum error_code profile_accept_parse(
    const struct config_strings *names, enum profile_kind kind,
    unsigned *ret_accept, struct error *err);

/* The name of the number-th of these parts, NULL behind the last. */
const char *profile_part_name(unsigned number);

/* True if the number-th part is one of the subject, not all of it. */
bool profile_part_is_of_subject(unsigned number);

/* True if accept, as profile_accept_parse() made it, has the number-th part. */
bool profile_accepts(unsigned accept, unsigned number);

/* Fails with ERROR_INVALID if map cannot be a subject. */
MUST_CHECK enum error_code profile_subject_check(
    const struct config_map *map, struct error *err);

/*
 * The subject that profile gives a certificate, whatever is asked for; NULL,
 * which is success, if it takes that of the request. The caller's.
 */
MUST_CHECK enum error_code profile_own_subject(
    const struct profile *profile, X509_NAME **ret_subject, struct error *err);

/*
 * Makes a certificate for request, signed with issuer_key, which belongs to
 * issuer; issuer is NULL if it is signed by its own key. *ret_certificate is
 * the caller's, and without its key decoded (common/public_key.h).
 *
 * Fails with ERROR_INVALID if the request has no subject where it needs one,
 * or extensions that cannot be read, or if the issuer may not have a CA below
 * it; with ERROR_TIMEOUT if all else is well, but the issuer ends too early for
 * expiry_days; with ERROR_INTERNAL if the key does not sign.
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
