/* SPDX-License-Identifier: MIT */
#include "request.h"

#include <string.h>

#include "fuzz.h"

/* Nothing, a text, or an object. */
static bool
has_its_body(const struct http_reply *reply)
{
	if (reply->status == 204)
		return !reply->body;
	return reply->type ? json_is_string(reply->body)
			   : json_is_object(reply->body);
}

static void
check_reply(const struct http_reply *reply)
{
	bool is_error = reply->status >= 400;

	FUZZ_REQUIRE(reply->status >= 200 && reply->status <= 503);
	FUZZ_REQUIRE(has_its_body(reply));
	FUZZ_REQUIRE(!is_error ||
		     json_is_string(json_object_get(reply->body, "message")));
}

void
fuzz_request(const struct http_service *service, char *line, const char *body,
    size_t length)
{
	char *target = line;
	const char *method = strsep(&target, " ");
	const struct http_message message = {
	    .method = method,
	    .target = target,
	    .content_type = "application/json",
	    .body = body,
	    .body_length = length,
	};
	struct http_reply reply;

	if (!target)
		return;
	http_dispatch(service, &message, &reply);
	check_reply(&reply);
	json_decref(reply.body);
}
