/* SPDX-License-Identifier: MIT */
/* The client for Unix sockets, with its failures as those of a test. */
#ifndef UNIX_CLIENT_H
#define UNIX_CLIENT_H

#include "common/unix_http.h"

#define UNIX_CLIENT_PATIENCE_MS 60000

/* What unix_client_get_ab() gets, as a scripted server answers it. */
#define ANSWER_OK(body) "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n" body

struct unix_http *unix_client_of(const char *path, unsigned timeout_ms);

/* Sends a request; asserts that a success has this status and answer. */
enum error_code unix_client_request(struct unix_http *client,
    const char *method, const char *target, const char *body, unsigned status,
    const char *answer);

/* One GET whose answer is "ab". */
enum error_code unix_client_get_ab(struct unix_http *client);

#endif
