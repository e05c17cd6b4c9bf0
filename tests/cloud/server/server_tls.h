/* SPDX-License-Identifier: MIT */
/*
 * What a device shows in the TLS handshake. The server asks for a certificate
 * and names no CAs; whatever comes, or nothing, is judged per request, so that
 * a device gets an answer and not a broken handshake, unless its certificate
 * is revoked. Sessions are never
 * resumed: a resumed one would have lost the intermediates.
 */
#ifndef CLOUD_SERVER_TLS_H
#define CLOUD_SERVER_TLS_H

#include <gnutls/gnutls.h>
#include <microhttpd.h>

#include "common/openssl.h"

/* For GnuTLS: version is "1.2" or "1.3"; NULL: both. NULL: none of these. */
const char *server_tls_priorities(const char *version);

/* Who looks at the certificates that clients show; outlives the connections. */
struct server_tls_judge {
	/* Whether who shows leaf may stay. On any of the server's threads. */
	bool (*admits)(void *context, const X509 *leaf);
	void *context;
};

/*
 * To be called for a new connection, before its handshake. credentials are
 * shown instead of the daemon's, unless they are NULL. Whom judge does not
 * admit gets the alert certificate_revoked.
 */
void server_tls_prepare(struct MHD_Connection *connection,
    gnutls_certificate_credentials_t credentials,
    const struct server_tls_judge *judge);

/*
 * Credentials of a chain and a key, as PEM. *ret_credentials is the caller's
 * (gnutls_certificate_free_credentials()).
 */
MUST_CHECK enum error_code server_tls_credentials(const char *chain,
    const char *key, gnutls_certificate_credentials_t *ret_credentials,
    struct error *err);

/*
 * The certificates that the client presented, leaf first; empty if there are
 * none or if they cannot be read. The caller owns it; NULL: no memory.
 */
x509_stack *server_tls_chain(struct MHD_Connection *connection);

/* "TLS1.2" or "TLS1.3". */
const char *server_tls_version(struct MHD_Connection *connection);

#endif
