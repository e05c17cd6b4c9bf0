/* SPDX-License-Identifier: MIT */
/*
 * Bodies of EST messages: base64 with or without line breaks (RFC 8951), which
 * some servers dress up as PEM.
 */
#ifndef CERTD_EST_BODY_H
#define CERTD_EST_BODY_H

#include "common/openssl.h"

#define EST_CERTIFICATES_MAX 32

/*
 * The bytes that text stands for; *ret_data is the caller's. Fails with
 * ERROR_UPSTREAM.
 */
MUST_CHECK enum error_code est_body_decode(const char *text,
    unsigned char **ret_data, size_t *ret_length, struct error *err);

/* The body of a request: base64 in lines of 64. Free it; NULL: no memory. */
char *est_body_encode(const void *data, size_t length);

/*
 * The certificates of a degenerate PKCS#7 (RFC 5652), in the order in which
 * they stand there, which means nothing; at least one. *ret_certificates is the
 * caller's. Fails with ERROR_UPSTREAM.
 */
MUST_CHECK enum error_code est_certificates(
    const char *text, x509_stack **ret_certificates, struct error *err);

#endif
