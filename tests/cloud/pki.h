/* SPDX-License-Identifier: MIT */
/* The service's own CA, its server certificate for localhost, its EST CA. */
#ifndef CLOUD_PKI_H
#define CLOUD_PKI_H

#include "common/openssl.h"

/* PEM texts. */
struct pki {
	char *ca_certificate;
	char *ca_key;
	char *server_certificate;
	char *server_key;
	char *est_chain; /* the CA that EST issues by, then our own */
	char *est_key;
};

/* Releases the contents; keys are wiped. */
void pki_done(struct pki *pki);

/*
 * Makes a new CA, and by it a certificate for localhost, 127.0.0.1 and ::1 and
 * the CA of the EST server.
 * On success the contents of ret_pki are the caller's.
 */
MUST_CHECK enum error_code pki_create(struct pki *ret_pki, struct error *err);

/* A new key, the caller's, of P-256. */
MUST_CHECK enum error_code pki_create_key(
    EVP_PKEY **ret_key, struct error *err);

/* What may be wrong with a server certificate. */
enum pki_flaw { PKI_NO_FLAW, PKI_WRONG_NAME, PKI_EXPIRED };

/*
 * A certificate for the server's key by the CA, with a flaw; all are PEM texts.
 * The caller frees *ret_certificate.
 */
MUST_CHECK enum error_code pki_create_flawed(const char *server_key,
    const char *ca_certificate, const char *ca_key, enum pki_flaw flaw,
    char **ret_certificate, struct error *err);

/*
 * A CA certificate for key by the CA given as PEM texts; *ret_chain is it and
 * that of the CA. The caller frees it.
 */
MUST_CHECK enum error_code pki_create_est_ca(EVP_PKEY *key,
    const char *ca_certificate, const char *ca_key, char **ret_chain,
    struct error *err);

#endif
