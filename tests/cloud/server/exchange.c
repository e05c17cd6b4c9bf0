/* SPDX-License-Identifier: MIT */
#include "exchange.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "stamp.h"

#define JSON_CONTENT_TYPE "application/json; charset=utf-8"

DEFINE_CLEANUP(response, struct MHD_Response, MHD_destroy_response)

struct exchange *
exchange_create(const char *target)
{
	struct exchange *exchange = calloc(1, sizeof(*exchange));

	if (!exchange)
		return NULL;
	exchange->target = strdup(target);
	if (!exchange->target) {
		free(exchange);
		return NULL;
	}
	return exchange;
}

void
exchange_free(struct exchange *exchange)
{
	if (!exchange)
		return;
	free(exchange->target);
	free(exchange->body);
	message_properties_done(&exchange->properties);
	free(exchange);
}

void
exchange_add_body(struct exchange *exchange, const char *data, size_t length)
{
	char *body = NULL;

	if (length <= EXCHANGE_BODY_MAX - exchange->body_length &&
	    !exchange->is_too_large)
		body = realloc(exchange->body, exchange->body_length + length);
	if (!body) {
		exchange->is_too_large = true;
		return;
	}
	memcpy(body + exchange->body_length, data, length);
	exchange->body = body;
	exchange->body_length += length;
}

static enum MHD_Result
count_lengths(
    void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	unsigned *lengths = context;

	(void)kind;
	(void)value;
	*lengths += strcasecmp(name, "Content-Length") == 0;
	return MHD_YES;
}

bool
exchange_has_two_lengths(struct MHD_Connection *connection)
{
	unsigned lengths = 0;

	(void)MHD_get_connection_values(
	    connection, MHD_HEADER_KIND, count_lengths, &lengths);
	return lengths > 1;
}

static const char *
header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static enum MHD_Result
note_property(
    void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct exchange *exchange = context;

	(void)kind;
	message_properties_note(
	    &exchange->properties, name, value ? value : "");
	return MHD_YES;
}

struct request_headers
exchange_headers(struct exchange *exchange, struct MHD_Connection *connection)
{
	(void)MHD_get_connection_values(
	    connection, MHD_HEADER_KIND, note_property, exchange);
	return (struct request_headers){
	    .host = header(connection, "Host"),
	    .authorization = header(connection, "Authorization"),
	    .if_match = header(connection, "If-Match"),
	    .content_type = header(connection, "Content-Type"),
	    .cookie = header(connection, "Cookie"),
	    .origin = header(connection, "Origin"),
	    .page_size = header(connection, "x-ms-max-item-count"),
	    .continuation = header(connection, "x-ms-continuation"),
	    .properties = exchange->properties,
	};
}

/* A value of NULL is no header. */
static bool
add_header(struct MHD_Response *response, const char *name, const char *value)
{
	return !value || MHD_add_response_header(response, name, value);
}

static const char *
content_type(const struct reply *reply)
{
	if (reply->text)
		return reply->text_type;
	return reply->body ? JSON_CONTENT_TYPE : NULL;
}

static bool
add_headers(struct MHD_Response *response, const struct reply *reply)
{
	const char *continuation =
	    *reply->continuation ? reply->continuation : NULL;
	/* Errors quote what was sent: no browser shall take it for a page. */
	const char *sniffing =
	    reply->surface == SURFACE_PORTAL ? NULL : "nosniff";
	struct uuid_text request_id;
	struct error ignored;
	char seconds[16];

	(void)snprintf(
	    seconds, sizeof(seconds), "%u", reply->retry_after_seconds);
	for (size_t i = 0; i < reply->header_count; i++)
		if (!add_header(response, reply->headers[i].name,
			reply->headers[i].value))
			return false;
	return add_header(response, "Content-Type", content_type(reply)) &&
	       add_header(response, "X-Content-Type-Options", sniffing) &&
	       add_header(response, "Retry-After",
		   reply->retry_after_seconds ? seconds : NULL) &&
	       add_header(response, "x-ms-item-type", reply->item_type) &&
	       add_header(response, "x-ms-continuation", continuation) &&
	       (uuid_create(&request_id, &ignored) ||
		   add_header(response, "x-ms-request-id", request_id.text));
}

/* The caller frees it; NULL: no memory. */
static char *
content_of(const struct reply *reply)
{
	if (reply->text)
		return strdup(reply->text);
	return reply->body ? json_text(reply->body) : strdup("");
}

enum MHD_Result
exchange_send(struct MHD_Connection *connection, const struct reply *reply)
{
	CLEANUP(response) struct MHD_Response *response = NULL;
	char *text = content_of(reply);

	if (!text)
		return MHD_NO;
	response = MHD_create_response_from_buffer(
	    strlen(text), text, MHD_RESPMEM_MUST_FREE);
	if (!response) {
		free(text);
		return MHD_NO;
	}
	if (!add_headers(response, reply))
		return MHD_NO;
	return MHD_queue_response(connection, reply->status, response);
}
