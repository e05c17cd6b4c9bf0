/* SPDX-License-Identifier: MIT */
/*
 * One TLS connection, looked at closely: how far it gets, and whom it meets.
 * Whoever answers is let finish the handshake, so that an interceptor can be
 * named; nothing of ours is sent to him.
 */
#ifndef CLI_TLS_PROBE_H
#define CLI_TLS_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "endpoint.h"

struct tls_probe_request {
	const struct endpoint *server;
	const struct endpoint *proxy; /* NULL: none */
	const char *ca_file;          /* NULL: the system's */
	const char *ca_pem;           /* instead: these, be they roots or not */
	bool system_roots_too;        /* besides ca_pem */
	unsigned timeout_ms;          /* for each step */
};

/* Where it ended. */
enum tls_stage {
	TLS_STAGE_NAME,    /* no address for it */
	TLS_STAGE_CONNECT, /* TCP */
	TLS_STAGE_PROXY,   /* the proxy refuses CONNECT */
	TLS_STAGE_TLS,     /* the handshake */
	TLS_STAGE_TRUST,   /* whoever answers is not trusted */
	TLS_STAGE_DONE,
};

#define TLS_PROBE_NO_DATE INT64_C(-1)

struct tls_probe {
	enum tls_stage stage;
	char reason[512]; /* why it ended; "" if done */
	bool asked;       /* for a certificate of ours */
	char issuer[256]; /* of the certificate that was shown, or "" */
	int64_t date;     /* of its HTTP answer, or TLS_PROBE_NO_DATE */
};

void tls_probe(
    const struct tls_probe_request *request, struct tls_probe *ret_probe);

#endif
