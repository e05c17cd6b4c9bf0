/* SPDX-License-Identifier: MIT */
/*
 * Keys, requests and certificates for unit tests. Nothing here fails: a test
 * that cannot have its fixture ends.
 */
#ifndef PKI_FIXTURE_H
#define PKI_FIXTURE_H

#include "common/certificate.h"

#define FIXTURE_NOW INT64_C(1800000000) /* 2027-01-15T08:00:00Z */
#define FIXTURE_DAY INT64_C(86400)

/* type: "P-256", "P-384", "RSA-1024", "RSA-2048" or "ED25519". */
EVP_PKEY *fixture_key(const char *type);

X509_NAME *fixture_name(const char *common_name);

/*
 * A signed request. extensions is a NULL-ended list of name, value, as in an
 * OpenSSL configuration file ("subjectAltName", "DNS:a"); NULL: none.
 */
X509_REQ *fixture_request(
    EVP_PKEY *key, const char *common_name, const char *const *extensions);
char *fixture_request_pem(
    EVP_PKEY *key, const char *common_name, const char *const *extensions);

/* A self-signed CA certificate, from a day before FIXTURE_NOW until until. */
X509 *fixture_ca(EVP_PKEY *key, const char *common_name, int64_t until);

/* A leaf for key, signed by ca, valid around FIXTURE_NOW. */
X509 *fixture_leaf(
    EVP_PKEY *key, const char *common_name, const X509 *ca, EVP_PKEY *ca_key);

char *fixture_pem(const X509 *certificate);

#endif
