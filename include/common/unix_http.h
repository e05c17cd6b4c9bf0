/* SPDX-License-Identifier: MIT */
/*
 * A client for HTTP/1.1 over a Unix socket. It serves every client.c and is
 * inside libsignet-pkcs11.so, hence inside curl, nginx and ssh: it needs libc
 * only, raises no SIGPIPE, starts no thread, and never blocks past its
 * deadline.
 *
 * One connection, kept alive, for one thread at a time. After a fork the child
 * leaves the parent's connection alone and opens its own. A request that finds
 * a kept connection closed before any byte of an answer is sent once more on a
 * new one: our servers never close on a request they have begun to work on.
 */
#ifndef COMMON_UNIX_HTTP_H
#define COMMON_UNIX_HTTP_H

#include <stddef.h>

#include "common/cleanup.h"
#include "common/error.h"

#define UNIX_HTTP_HEAD_MAX 4096
#define UNIX_HTTP_BODY_MAX ((size_t)4 * 1024 * 1024)

struct unix_http;

struct unix_http_response {
	unsigned status;
	char *body; /* never NULL after success, ends in NUL; free() */
	size_t body_length;
};

/* Remembers where to connect. No connection is made. */
MUST_CHECK enum error_code unix_http_create(const char *socket_path,
    unsigned timeout_ms, struct unix_http **ret_client, struct error *err);

/* Closes. NULL is allowed. */
void unix_http_free(struct unix_http *client);
DEFINE_CLEANUP(unix_http, struct unix_http, unix_http_free)

/* What a request may take from now on. */
void unix_http_set_timeout(struct unix_http *client, unsigned timeout_ms);

/*
 * Sends a request (body may be NULL; it is sent as application/json) and reads
 * the answer, whatever its status, within the timeout.
 *
 * Fails with ERROR_UNAVAILABLE (nobody listens, or the connection broke),
 * ERROR_DENIED (we may not open the socket), ERROR_TIMEOUT, or ERROR_INTERNAL
 * (the answer is no HTTP). After a failure the next request connects anew.
 */
MUST_CHECK enum error_code unix_http_request(struct unix_http *client,
    const char *method, const char *target, const char *body,
    size_t body_length, struct unix_http_response *ret_response,
    struct error *err);

#endif
