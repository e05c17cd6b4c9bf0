/* SPDX-License-Identifier: MIT */
#include "http_response.h"

#include <errno.h>
#include <http_parser.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

static const char *
reason_of(unsigned status)
{
	return http_status_str((enum http_status)status);
}

/* The text of reply's body; NULL if there is no memory. */
static char *
body_text(const struct http_reply *reply)
{
	if (!reply->body)
		return strdup("{}");
	if (reply->type)
		return strdup(json_string_value(reply->body));
	return json_text(reply->body);
}

static void
render_head(unsigned status, const char *type, bool closes,
    struct http_response *response)
{
	int length = snprintf(response->head, sizeof(response->head),
	    "HTTP/1.1 %u %s\r\n"
	    "content-type: %s\r\n"
	    "content-length: %zu\r\n"
	    "%s\r\n",
	    status, reason_of(status), type, response->body_length,
	    closes ? "connection: close\r\n" : "");

	response->head_length = (size_t)length;
}

/* A 204 has no body, and closes: some clients read it to its end. */
static void
render_no_content(struct http_response *response)
{
	static const char head[] = "HTTP/1.1 204 No Content\r\n"
				   "connection: close\r\n\r\n";

	memcpy(response->head, head, sizeof(head));
	response->head_length = strlen(head);
}

void
http_response_render(
    struct http_reply *reply, bool closes, struct http_response *ret_response)
{
	static const char no_memory[] = "{\"message\":\"out of memory\"}";
	ret_response->body = NULL;
	ret_response->body_length = 0;
	if (reply->status == 204) {
		render_no_content(ret_response);
		return;
	}
	ret_response->body = body_text(reply);
	json_decref(reply->body);
	reply->body = NULL;
	if (ret_response->body) {
		ret_response->body_length = strlen(ret_response->body);
		render_head(reply->status,
		    reply->type ? reply->type : "application/json", closes,
		    ret_response);
		return;
	}
	ret_response->body_length = strlen(no_memory);
	render_head(500, "application/json", closes, ret_response);
	memcpy(ret_response->head + ret_response->head_length, no_memory,
	    strlen(no_memory));
	ret_response->head_length += strlen(no_memory);
	ret_response->body_length = 0;
}

void
http_response_done(struct http_response *response)
{
	free(response->body);
	response->body = NULL;
}

/* Appends what of response lies behind the first sent bytes. */
static bool
keep_rest(
    const struct http_response *response, size_t sent, struct http_buffer *rest)
{
	if (sent < response->head_length) {
		if (!http_buffer_append(rest, response->head + sent,
			response->head_length - sent))
			return false;
		sent = response->head_length;
	}
	sent -= response->head_length;
	return http_buffer_append(
	    rest, response->body + sent, response->body_length - sent);
}

bool
http_response_send(
    struct http_response *response, int fd, struct http_buffer *rest)
{
	struct iovec parts[] = {
	    {.iov_base = response->head, .iov_len = response->head_length},
	    {.iov_base = response->body, .iov_len = response->body_length},
	};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	ssize_t sent;

	do
		sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);

	if (sent < 0 && errno != EAGAIN)
		return false;
	if (sent < 0)
		sent = 0;
	if ((size_t)sent == response->head_length + response->body_length)
		return true;
	return keep_rest(response, (size_t)sent, rest);
}
