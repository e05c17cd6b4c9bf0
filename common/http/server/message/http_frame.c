/* SPDX-License-Identifier: MIT */
#include "http_frame.h"

#include <string.h>
#include <strings.h>

#include "common/http_server.h"

void
http_frame_refuse(
    struct http_frame *frame, unsigned status, const char *problem)
{
	frame->stage = HTTP_STAGE_REFUSED;
	frame->status = status;
	frame->problem = problem;
}

/* As above, for callbacks: makes the parser stop. */
static int
refuse(struct http_frame *frame, unsigned status, const char *problem)
{
	http_frame_refuse(frame, status, problem);
	return -1;
}

/* Counts what a head holds; bytes between fields do not matter. */
static int
count_head(struct http_frame *frame, size_t length)
{
	frame->head_length += length;
	if (frame->head_length > HTTP_HEAD_MAX)
		return refuse(frame, 431, "the head of the request is too big");
	return 0;
}

static int
append(struct http_frame *frame, struct http_buffer *buffer, const char *data,
    size_t length)
{
	if (!http_buffer_append(buffer, data, length))
		return refuse(frame, 500, "out of memory");
	return 0;
}

static int
on_message_begin(http_parser *parser)
{
	struct http_frame *frame = parser->data;

	frame->stage = HTTP_STAGE_HEAD;
	return 0;
}

static int
on_url(http_parser *parser, const char *data, size_t length)
{
	struct http_frame *frame = parser->data;

	if (count_head(frame, length))
		return -1;
	return append(frame, &frame->target, data, length);
}

/* Keeps the start of a field's name, of which there may come several parts. */
static int
on_header_field(http_parser *parser, const char *data, size_t length)
{
	struct http_frame *frame = parser->data;
	size_t room;

	if (count_head(frame, length))
		return -1;
	if (frame->in_value)
		frame->field_length = 0;
	frame->in_value = false;

	/* One byte more than the longest we know tells "longer" apart. */
	room = HTTP_FIELD_NAME_MAX - frame->field_length;
	if (length > room)
		length = room;
	memcpy(frame->field_name + frame->field_length, data, length);
	frame->field_length += length;
	frame->field_name[frame->field_length] = '\0';
	return 0;
}

/* Decides what the value that begins is for. A trailer is for nothing. */
static enum http_field
classify(struct http_frame *frame)
{
	if (frame->stage != HTTP_STAGE_HEAD)
		return HTTP_FIELD_OTHER;
	if (strcasecmp(frame->field_name, "expect") == 0)
		return HTTP_FIELD_EXPECT;
	if (strcasecmp(frame->field_name, "content-type") == 0 &&
	    !frame->has_content_type) {
		frame->has_content_type = true;
		return HTTP_FIELD_TYPE;
	}
	return HTTP_FIELD_OTHER;
}

static int
on_header_value(http_parser *parser, const char *data, size_t length)
{
	struct http_frame *frame = parser->data;

	if (count_head(frame, length))
		return -1;
	if (!frame->in_value)
		frame->field = classify(frame);
	frame->in_value = true;

	/* The only expectation there is (RFC 9110 section 10.1.1). */
	if (frame->field == HTTP_FIELD_EXPECT)
		frame->expects_continue = true;
	if (frame->field == HTTP_FIELD_TYPE)
		return append(frame, &frame->content_type, data, length);
	return 0;
}

static int
on_headers_complete(http_parser *parser)
{
	struct http_frame *frame = parser->data;

	if (parser->http_major != 1)
		return refuse(frame, 400, "this is not HTTP/1.1");
	if (parser->flags & F_CONTENTLENGTH &&
	    parser->content_length > HTTP_BODY_MAX)
		return refuse(frame, 413, "the body of the request is too big");

	/* We offer no other protocol, and the peer may not insist. */
	parser->upgrade = 0;
	frame->keep_alive =
	    parser->http_minor >= 1 && http_should_keep_alive(parser);
	frame->stage = HTTP_STAGE_BODY;
	return 0;
}

static int
on_body(http_parser *parser, const char *data, size_t length)
{
	struct http_frame *frame = parser->data;

	if (frame->body.length + length > HTTP_BODY_MAX)
		return refuse(frame, 413, "the body of the request is too big");
	return append(frame, &frame->body, data, length);
}

static int
on_message_complete(http_parser *parser)
{
	struct http_frame *frame = parser->data;

	frame->stage = HTTP_STAGE_WHOLE;
	http_parser_pause(parser, 1); /* what follows is the next request's */
	return 0;
}

static const http_parser_settings settings = {
    .on_message_begin = on_message_begin,
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

void
http_frame_reset(struct http_frame *frame)
{
	struct http_buffer target = frame->target;
	struct http_buffer content_type = frame->content_type;
	struct http_buffer body = frame->body;

	http_buffer_reset(&target);
	http_buffer_reset(&content_type);
	http_buffer_reset(&body);
	*frame = (struct http_frame){
	    .target = target, .content_type = content_type, .body = body};
	http_parser_init(&frame->parser, HTTP_REQUEST);
	frame->parser.data = frame;
}

void
http_frame_done(struct http_frame *frame)
{
	http_buffer_done(&frame->target);
	http_buffer_done(&frame->content_type);
	http_buffer_done(&frame->body);
}

size_t
http_frame_feed(struct http_frame *frame, const char *data, size_t length)
{
	size_t used =
	    http_parser_execute(&frame->parser, &settings, data, length);
	enum http_errno problem = HTTP_PARSER_ERRNO(&frame->parser);

	if (problem == HPE_OK || problem == HPE_PAUSED ||
	    frame->stage == HTTP_STAGE_REFUSED)
		return used;
	if (problem == HPE_HEADER_OVERFLOW)
		(void)refuse(frame, 431, "the head of the request is too big");
	else
		(void)refuse(frame, 400, http_errno_description(problem));
	return used;
}

const char *
http_frame_method(const struct http_frame *frame)
{
	return http_method_str((enum http_method)frame->parser.method);
}
