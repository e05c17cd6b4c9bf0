/* SPDX-License-Identifier: MIT */
#include "http_buffer.h"

#include <stdlib.h>
#include <string.h>

#define CAPACITY_MIN 256
#define CAPACITY_KEPT 4096

bool
http_buffer_append(struct http_buffer *buffer, const char *data, size_t length)
{
	size_t needed = buffer->length + length + 1;
	size_t capacity = buffer->capacity ? buffer->capacity : CAPACITY_MIN;
	char *grown;

	while (capacity < needed)
		capacity *= 2;
	if (capacity != buffer->capacity) {
		grown = realloc(buffer->data, capacity);
		if (!grown)
			return false;
		buffer->data = grown;
		buffer->capacity = capacity;
	}
	if (length)
		memcpy(buffer->data + buffer->length, data, length);
	buffer->length += length;
	buffer->data[buffer->length] = '\0';
	return true;
}

void
http_buffer_consume(struct http_buffer *buffer, size_t length)
{
	buffer->length -= length;
	if (buffer->length)
		memmove(buffer->data, buffer->data + length, buffer->length);
}

void
http_buffer_reset(struct http_buffer *buffer)
{
	if (buffer->capacity > CAPACITY_KEPT)
		http_buffer_done(buffer);
	buffer->length = 0;
}

void
http_buffer_done(struct http_buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct http_buffer){0};
}
