/* SPDX-License-Identifier: MIT */
/*
 * What a device shows in the TLS handshake. The server asks for a certificate
 * and names no CAs; whatever comes, or nothing, is judged per request, so that
 * a device gets an answer and not a broken handshake. Sessions are never
 * resumed: a resumed one would have lost the intermediates.
 */
#ifndef CLOUD_SERVER_TLS_H
#define CLOUD_SERVER_TLS_H

#include <microhttpd.h>

#include "common/openssl.h"

/* For GnuTLS: version is "1.2" or "1.3"; NULL: both. NULL: none of these. */
const char *server_tls_priorities(const char *version);

/* MHD's notification of a new connection, before its handshake. */
void server_tls_prepare(void *context, struct MHD_Connection *connection,
    void **socket_context, enum MHD_ConnectionNotificationCode code);

/*
 * The certificates that the client presented, leaf first; empty if there are
 * none or if they cannot be read. The caller owns it; NULL: no memory.
 */
x509_stack *server_tls_chain(struct MHD_Connection *connection);

/* "TLS1.2" or "TLS1.3". */
const char *server_tls_version(struct MHD_Connection *connection);

#endif
