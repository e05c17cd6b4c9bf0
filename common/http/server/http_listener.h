/* SPDX-License-Identifier: MIT */
/* The sockets that a server listens on: systemd's, or some of its own. */
#ifndef COMMON_HTTP_LISTENER_H
#define COMMON_HTTP_LISTENER_H

#include <stddef.h>
#include <sys/types.h>

#include "common/error.h"
#include "common/http_server.h"

struct http_listener {
	int fd;     /* -1 when closed */
	char *path; /* NULL if the socket is systemd's */
	dev_t device;
	ino_t inode;
};

struct http_listeners {
	size_t count;
	struct http_listener items[HTTP_SOCKETS_MAX];
};

/*
 * Listens, without blocking, where options say (struct http_server_options).
 * On failure nothing stays open. Fails as http_server_open() does.
 */
MUST_CHECK enum error_code http_listeners_open(
    const struct http_server_options *options,
    struct http_listeners *ret_listeners, struct error *err);

/* Closes, and removes our own sockets that are still the ones at their paths.
 */
void http_listeners_close(struct http_listeners *listeners);

#endif
