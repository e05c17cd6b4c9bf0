/* SPDX-License-Identifier: MIT */
/* Bytes that grow. A zeroed buffer is empty. */
#ifndef COMMON_HTTP_BUFFER_H
#define COMMON_HTTP_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct http_buffer {
	char *data; /* ends in NUL behind length, or is NULL */
	size_t length;
	size_t capacity;
};

/* Appends. Returns false, leaving buffer as it was, if there is no memory. */
bool http_buffer_append(
    struct http_buffer *buffer, const char *data, size_t length);

/* Removes the first length bytes. */
void http_buffer_consume(struct http_buffer *buffer, size_t length);

/* Empties buffer; gives back memory that a usual message does not need. */
void http_buffer_reset(struct http_buffer *buffer);

/* Releases the contents. */
void http_buffer_done(struct http_buffer *buffer);

#endif
