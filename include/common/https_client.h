/* SPDX-License-Identifier: MIT */
/* HTTPS requests to DPS, the hub and EST servers (libcurl). */
#ifndef COMMON_HTTPS_CLIENT_H
#define COMMON_HTTPS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/openssl.h"

#define HTTPS_BODY_MAX ((size_t)1024 * 1024)
#define HTTPS_HEADERS_MAX 8
#define HTTPS_AUTHORITY_MAX 272 /* of a host's name, a port, and a NUL */

/*
 * What requests to one server share that are made one after the other: each
 * goes over the connection that the one before it has left, if that is still
 * there, which saves a handshake, and the signature in it. They have the same
 * key, chain and roots, which outlive it.
 */
struct https_connection;

struct https_request {
	struct https_connection *connection; /* NULL: one of its own */
	const char *method;
	const char *url;                        /* https:, see allow_http */
	const char *headers[HTTPS_HEADERS_MAX]; /* "name: value", then NULL */
	const void *body;                       /* NULL: none */
	size_t body_length;
	EVP_PKEY *key;           /* for client authentication, or NULL */
	const x509_stack *chain; /* leaf first; needed with key */
	const char *ca_file;     /* trust these PEM roots only; NULL: the
				    system's, or SSL_CERT_FILE */
	const char *ca_pem;      /* the same as text, instead of ca_file */
	bool system_roots_too;   /* beside ca_pem, what OpenSSL trusts */
	bool any_peer;           /* whoever answers: only for what is proved
				    otherwise (RFC 7030 section 4.1.1) */
	bool allow_http;         /* url may be http:, which proves nothing */
	bool no_proxy;           /* none is asked, whatever is said elsewhere */
	long timeout_ms;         /* for the whole exchange */
};

struct https_response {
	long status;
	char *body; /* never NULL after success, ends in NUL */
	size_t body_length;
	long retry_after_seconds; /* Retry-After, also as a date; -1: none */
	int64_t date;             /* seconds since 1970; 0: none is given */
	char content_type[128];   /* "" if absent */
	char location[256];       /* where a 3xx points to; "" if absent */
};

/* The caller's; opens nothing yet. Fails with ERROR_INTERNAL: no memory. */
MUST_CHECK enum error_code https_connection_create(
    struct https_connection **ret_connection, struct error *err);

/* Closes it. */
void https_connection_free(struct https_connection *connection);
DEFINE_CLEANUP(https_connection, struct https_connection, https_connection_free)

/*
 * The "host:port" that url leads to, cut to what there is room for. Fails with
 * ERROR_INVALID if it is no https URL, nor, if that is allowed, an http URL.
 */
MUST_CHECK enum error_code https_authority(const char *url, bool allow_http,
    char ret_authority[static HTTPS_AUTHORITY_MAX], struct error *err);

/* Releases the contents, not the struct. */
void https_response_done(struct https_response *response);

/*
 * Sends request and reads the answer, whatever its status. Redirects are not
 * followed. A proxy is asked if https_proxy and no_proxy in the environment say
 * so, and the request does not have it otherwise. On success the contents of
 * ret_response are the caller's.
 *
 * Fails with ERROR_UNAVAILABLE (no connection, or it broke, or key does not
 * sign), ERROR_TIMEOUT, ERROR_INVALID (an URL that is no https URL, roots
 * that cannot be used, a key that is not the certificate's, a proxy that wants
 * another password or does not let us through), ERROR_UPSTREAM
 * (TLS: the peer's certificate is not trusted, or it refuses ours; the message
 * says which), ERROR_INTERNAL (an answer that is too long). The caller ignores
 * SIGPIPE, as daemon_start() does.
 */
MUST_CHECK enum error_code https_send(const struct https_request *request,
    struct https_response *ret_response, struct error *err);

#endif
