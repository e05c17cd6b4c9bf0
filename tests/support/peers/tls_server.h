/* SPDX-License-Identifier: MIT */
/*
 * A TLS server on a free port of 127.0.0.1, in a thread. Each connection gets
 * one answer, or as many as the options say, chosen by the path; the last
 * request is kept for the test.
 * Nothing here fails: a test that cannot have its server ends.
 */
#ifndef TLS_SERVER_H
#define TLS_SERVER_H

#include <stdbool.h>

#include "common/openssl.h"

struct tls_server_options {
	X509 *certificate;
	EVP_PKEY *key;
	X509 *client_root; /* demand a certificate below it; NULL: do not ask */
	int version;       /* TLS1_2_VERSION or TLS1_3_VERSION */
	unsigned answers;  /* on one connection; 0: 1 */
	bool hangs_up;     /* upon the request that is one too many */
};

struct tls_server;

struct tls_server *tls_server_start(const struct tls_server_options *options);
void tls_server_stop(struct tls_server *server);
DEFINE_CLEANUP(tls_server, struct tls_server, tls_server_stop)

unsigned tls_server_port(const struct tls_server *server);

/* How many connections there were that a handshake succeeded on. */
unsigned tls_server_connections(const struct tls_server *server);

/* What came last, head and body; "" before. Borrowed, until the next one. */
const char *tls_server_request(const struct tls_server *server);

/*
 * The answers: "/ok" 200, {"a":1}, Retry-After: 7; "/date" 503 with a date in
 * Retry-After, 90 s after its own; "/over", "/far" and "/soon" 503
 * with one of 1999, one of 2055 and with nonsense; "/empty" 204; "/moved" 302
 * to
 * "/ok"; "/long" 2 MiB; others cut the connection.
 */

/*
 * A certificate that is valid now: a CA, or a leaf for either end of TLS on
 * 127.0.0.1. issuer NULL: signed by itself. The caller owns it.
 */
X509 *tls_certificate(const char *common_name, EVP_PKEY *public_key,
    const X509 *issuer, EVP_PKEY *signing_key, bool is_ca);

#endif
