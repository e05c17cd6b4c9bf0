/* SPDX-License-Identifier: MIT */
/* One request and its reply, as libmicrohttpd hands them over in parts. */
#ifndef CLOUD_EXCHANGE_H
#define CLOUD_EXCHANGE_H

#include <microhttpd.h>

#include "cloud.h"

#define EXCHANGE_BODY_MAX ((size_t)1024 * 1024)

struct exchange {
	char *target; /* path and query as they were sent */
	char *body;   /* NULL as long as it is empty */
	size_t body_length;
	struct message_properties properties;
	bool has_begun;
	bool is_too_large;
	bool has_two_lengths;
	bool is_over; /* there will be no answer */
};

/* NULL: no memory. */
struct exchange *exchange_create(const char *target);

/* NULL is allowed. */
void exchange_free(struct exchange *exchange);

/*
 * The head says twice how long the body is, so that nobody knows where it ends
 * (RFC 9112 section 6.3).
 */
bool exchange_has_two_lengths(struct MHD_Connection *connection);

/* Appends a part of the body; of one that is too large nothing is kept. */
void exchange_add_body(
    struct exchange *exchange, const char *data, size_t length);

/* The headers that handlers ask for; borrowed from both. */
struct request_headers exchange_headers(
    struct exchange *exchange, struct MHD_Connection *connection);

/* Queues reply. MHD_NO: no memory. */
enum MHD_Result exchange_send(
    struct MHD_Connection *connection, const struct reply *reply);

#endif
