/* SPDX-License-Identifier: MIT */
/* The socket that a server listens on: systemd's, or one of its own. */
#ifndef COMMON_HTTP_LISTENER_H
#define COMMON_HTTP_LISTENER_H

#include <sys/types.h>

#include "common/error.h"

struct http_listener {
	int fd;     /* -1 when closed */
	char *path; /* NULL if the socket is systemd's */
	dev_t device;
	ino_t inode;
};

/*
 * Listens, without blocking, on the socket that systemd passed, else on one
 * at path with mode. Fails as http_server_open() does.
 */
MUST_CHECK enum error_code http_listener_open(const char *path, mode_t mode,
    struct http_listener *ret_listener, struct error *err);

/* Closes, and removes our own socket if it is still the one at its path. */
void http_listener_close(struct http_listener *listener);

#endif
