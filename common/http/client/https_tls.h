/* SPDX-License-Identifier: MIT */
/* TLS as the HTTPS client does it: our certificate, and the peer's alerts. */
#ifndef COMMON_HTTPS_TLS_H
#define COMMON_HTTPS_TLS_H

#include <openssl/ssl.h>

#include "common/openssl.h"

/* What became of the handshakes of one connection. */
struct https_tls {
	EVP_PKEY *key; /* borrowed; NULL: no client certificate */
	const x509_stack *chain;
	const char *alert; /* of the peer, in words; NULL: it sent none */
	bool alert_on_us;  /* the alert is about our certificate */
};

/*
 * Lets context present the chain and sign with the key of tls, and record the
 * peer's alert there; tls must outlive context.
 *
 * Fails with ERROR_INVALID if key and certificate do not match.
 */
MUST_CHECK enum error_code https_tls_prepare(
    struct https_tls *tls, SSL_CTX *context, struct error *err);

#endif
