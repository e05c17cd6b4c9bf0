/* SPDX-License-Identifier: MIT */
/* What certd demands of a certification request before it looks further. */
#ifndef CERTD_CSR_H
#define CERTD_CSR_H

#include "common/openssl.h"

/* A 2048-bit RSA key has 112 bits of security. */
#define CSR_SECURITY_BITS_MIN 112

/*
 * Reads a PEM request whose signature proves that the asker has the private
 * key. *ret_request is the caller's, and without its key decoded
 * (common/public_key.h).
 *
 * Fails with ERROR_INVALID: not a PEM request, no key that we know, a key too
 * weak, or a signature by another key.
 */
MUST_CHECK enum error_code csr_read(
    const char *pem, X509_REQ **ret_request, struct error *err);

#endif
