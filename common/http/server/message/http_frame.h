/* SPDX-License-Identifier: MIT */
/*
 * One HTTP request out of bytes, as they come. It knows no socket: the server
 * feeds it what was received, the fuzzer what it likes.
 */
#ifndef COMMON_HTTP_FRAME_H
#define COMMON_HTTP_FRAME_H

#include <http_parser.h>
#include <stdbool.h>
#include <stddef.h>

#include "http_buffer.h"

#define HTTP_FIELD_NAME_MAX 16 /* of those that matter to us */

enum http_stage {
	HTTP_STAGE_EMPTY, /* nothing of a request is there */
	HTTP_STAGE_HEAD,
	HTTP_STAGE_BODY,
	HTTP_STAGE_WHOLE,
	HTTP_STAGE_REFUSED, /* ->status and ->problem say why */
};

enum http_field { HTTP_FIELD_OTHER, HTTP_FIELD_TYPE, HTTP_FIELD_EXPECT };

struct http_frame {
	http_parser parser;
	enum http_stage stage;
	struct http_buffer target;
	struct http_buffer content_type;
	struct http_buffer body;
	bool has_content_type;
	bool keep_alive;       /* the peer allows another request */
	bool expects_continue; /* it waits for "100 Continue" */
	unsigned status;
	const char *problem;

	/* The field of the head that is being read. */
	enum http_field field;
	char field_name[HTTP_FIELD_NAME_MAX + 1];
	size_t field_length;
	bool in_value;
	size_t head_length;
};

/* Makes frame, zeroed or used, ready for the next request. */
void http_frame_reset(struct http_frame *frame);

/* Releases the contents. */
void http_frame_done(struct http_frame *frame);

/*
 * Reads data up to the end of the request and moves ->stage. Returns how much
 * was read; what is behind the end of the request is not. Nothing more may be
 * fed to a frame that is whole or refused.
 */
size_t http_frame_feed(
    struct http_frame *frame, const char *data, size_t length);

/* Ends the request with an error of the reader's. */
void http_frame_refuse(
    struct http_frame *frame, unsigned status, const char *problem);

/* The method of a whole request, in capitals. */
const char *http_frame_method(const struct http_frame *frame);

#endif
