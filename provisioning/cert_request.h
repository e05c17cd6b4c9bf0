/* SPDX-License-Identifier: MIT */
/* What certd is asked for: a certificate of the device's, or of a module's. */
#ifndef PROVISIONING_CERT_REQUEST_H
#define PROVISIONING_CERT_REQUEST_H

#include "common/openssl.h"

/* Keys in the token: what every TLS stack, and DPS itself, can do. */
#define CERT_REQUEST_ALGORITHMS "ec-p256:rsa-2048:*"

typedef STACK_OF(X509_EXTENSION) x509_extensions;

/*
 * Makes a request for common_name with these extensions, which may be NULL, and
 * has key sign it. *ret_pem is the caller's.
 *
 * Fails with ERROR_INVALID (no such name) or ERROR_INTERNAL.
 */
MUST_CHECK enum error_code cert_request_make(EVP_PKEY *key,
    const char *common_name, x509_extensions *extensions, char **ret_pem,
    struct error *err);

#endif
