/* SPDX-License-Identifier: MIT */
/* A reply as bytes, and on its way. */
#ifndef COMMON_HTTP_RESPONSE_H
#define COMMON_HTTP_RESPONSE_H

#include <stdbool.h>

#include "common/http.h"

#include "http_buffer.h"

/* What aziot's clients read at once; they give up on a longer head. */
#define HTTP_RESPONSE_HEAD_MAX 512

struct http_response {
	char head[HTTP_RESPONSE_HEAD_MAX];
	size_t head_length;
	char *body; /* NULL if there is none */
	size_t body_length;
};

/*
 * Renders reply, whose body it takes. closes says that the connection ends
 * behind the answer. What cannot be rendered becomes a 500.
 */
void http_response_render(
    struct http_reply *reply, bool closes, struct http_response *ret_response);

void http_response_done(struct http_response *response);

/*
 * Sends response without waiting, head and body in one system call; what the
 * socket does not take is appended to rest. Returns false if the peer is gone
 * or there is no memory.
 */
bool http_response_send(
    struct http_response *response, int fd, struct http_buffer *rest);

#endif
