/* SPDX-License-Identifier: MIT */
/*
 * What a hostile peer controls: the bytes of a connection, and where they are
 * cut. The first byte is the length of the pieces; the rest is framed as the
 * server does it, and each request is dispatched. Framing must not depend on
 * where the cuts are.
 */
#include "fuzz.h"

#include <string.h>

#include "common/http.h"
#include "common/http_server.h"

#include "http_frame.h"
#include "http_response.h"

/* Looks at all that a handler may look at. */
static enum error_code
echo(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	char value[64];

	(void)context;
	if (http_query(request, "name", value, sizeof(value), err))
		return err->code;
	reply->body = json_pack("{s:s, s:s, s:s, s:O?}", "first",
	    request->params[0], "second", request->params[1], "name", value,
	    "body", request->body);
	FUZZ_REQUIRE(reply->body);
	return ERROR_NONE;
}

static const struct http_route routes[] = {
    {"GET",    "/keys",         20200901, HTTP_ANYONE, 0, echo},
    {"GET",    "/keys/{}",      20200901, HTTP_ANYONE, 0, echo},
    {"POST",   "/keys/{}/sign", 20200901, HTTP_ANYONE, 0, echo},
    {"PUT",    "/{}/in/{}",     20200901, HTTP_ANYONE, 0, echo},
    {"DELETE", "/keys",         20261201, HTTP_ROOT,   0, echo},
};

static const unsigned versions[] = {20200901, 20261201};

static const struct http_service service = {.routes = routes,
    .route_count = sizeof(routes) / sizeof(routes[0]),
    .versions = versions,
    .version_count = sizeof(versions) / sizeof(versions[0])};

/* Feeds frame in pieces until it is full. Returns how much was read. */
static size_t
feed(struct http_frame *frame, const char *data, size_t size, size_t piece)
{
	size_t used = 0;

	while (used < size && frame->stage < HTTP_STAGE_WHOLE) {
		size_t length = size - used < piece ? size - used : piece;

		used += http_frame_feed(frame, data + used, length);
	}
	return used;
}

static void
require_same(const struct http_buffer *buffer, const struct http_buffer *other)
{
	FUZZ_REQUIRE(buffer->length == other->length);
	FUZZ_REQUIRE(buffer->length == 0 ||
		     memcmp(buffer->data, other->data, buffer->length) == 0);
}

static void
dispatch(const struct http_frame *frame)
{
	struct http_message message = {.method = http_frame_method(frame),
	    .target = frame->target.data,
	    .content_type =
		frame->has_content_type ? frame->content_type.data : NULL,
	    .body = frame->body.length > 0 ? frame->body.data : "",
	    .body_length = frame->body.length};
	struct http_response response;
	struct http_reply reply;

	http_dispatch(&service, &message, &reply);
	FUZZ_REQUIRE(reply.body);
	http_response_render(&reply, !frame->keep_alive, &response);
	FUZZ_REQUIRE(response.head_length < HTTP_RESPONSE_HEAD_MAX);
	FUZZ_REQUIRE(response.body_length == strlen(response.body));
	http_response_done(&response);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_frame cut = {0}, whole = {0};
	const char *text = (const char *)data + 1;
	size_t piece, used;

	if (size < 2)
		return 0;
	piece = data[0] + 1U;
	size--;
	do {
		http_frame_reset(&cut);
		http_frame_reset(&whole);
		used = feed(&cut, text, size, piece);
		(void)feed(&whole, text, size, size);
		FUZZ_REQUIRE(cut.stage == whole.stage);
		FUZZ_REQUIRE(cut.body.length <= HTTP_BODY_MAX);
		if (cut.stage != HTTP_STAGE_WHOLE)
			break;
		require_same(&cut.target, &whole.target);
		require_same(&cut.content_type, &whole.content_type);
		require_same(&cut.body, &whole.body);
		dispatch(&cut);
		text += used;
		size -= used;
	} while (size > 0);
	http_frame_done(&cut);
	http_frame_done(&whole);
	return 0;
}
