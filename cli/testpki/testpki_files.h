/* SPDX-License-Identifier: MIT */
/* The files of a test PKI: how they are called, read and written. */
#ifndef CLI_TESTPKI_FILES_H
#define CLI_TESTPKI_FILES_H

#include "common/openssl.h"

struct testpki_paths {
	char *certificate; /* DIRECTORY/certs/STEM.cert.pem */
	char *chain;       /* DIRECTORY/certs/STEM-full-chain.cert.pem */
	char *private_key; /* DIRECTORY/private/STEM.key.pem */
};

/* Releases the contents, not the struct. */
void testpki_paths_done(struct testpki_paths *paths);

/* On success the contents of ret_paths are the caller's. */
MUST_CHECK enum error_code testpki_paths_create(const char *directory,
    const char *stem, struct testpki_paths *ret_paths, struct error *err);

/* Fails with ERROR_EXISTS if path, unless it is NULL, is there. */
MUST_CHECK enum error_code testpki_check_free(
    const char *path, struct error *err);

/* Makes DIRECTORY/certs and DIRECTORY/private. */
MUST_CHECK enum error_code testpki_make_folders(
    const char *directory, struct error *err);

/*
 * Reads a certificate and the key that belongs to it. Fails with
 * ERROR_NOT_FOUND, or with ERROR_INVALID if they are not a pair.
 */
MUST_CHECK enum error_code testpki_read_pair(const struct testpki_paths *paths,
    X509 **ret_certificate, EVP_PKEY **ret_key, struct error *err);

/* Reads a public key (SPKI, PEM). Fails with ERROR_INVALID if it is none. */
MUST_CHECK enum error_code testpki_read_public_key(
    const char *path, EVP_PKEY **ret_key, struct error *err);

/* Writes key, unencrypted, for its owner only. */
MUST_CHECK enum error_code testpki_write_key(
    const char *path, const EVP_PKEY *key, struct error *err);

MUST_CHECK enum error_code testpki_write_certificates(
    const char *path, const x509_stack *chain, struct error *err);

#endif
