/* SPDX-License-Identifier: MIT */
/* Where a server is, and by which proxy it is reached. */
#ifndef CLI_ENDPOINT_H
#define CLI_ENDPOINT_H

#include <stdbool.h>

#define ENDPOINT_HOST_MAX 256
#define ENDPOINT_PORT_MAX 8

struct endpoint {
	char host[ENDPOINT_HOST_MAX]; /* an IPv6 address without brackets */
	char port[ENDPOINT_PORT_MAX];
	bool has_port;   /* it was named, and is not that of the scheme */
	char login[256]; /* "user:password" of a proxy, or "" */
};

/*
 * Reads text: a URL, or "host", or "host:port"; port is what it is without one.
 * Returns false if it is none.
 */
bool endpoint_parse(
    const char *text, const char *port, struct endpoint *ret_endpoint);

/*
 * True if no_proxy (NULL: unset), names separated by commas as curl(1) has
 * them, exempts host: "*", the host itself, or a domain that it is in.
 */
bool endpoint_is_exempt(const char *host, const char *no_proxy);

#endif
