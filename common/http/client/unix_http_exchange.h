/* SPDX-License-Identifier: MIT */
/* One request of unix_http.h and its answer: the part that waits. */
#ifndef COMMON_UNIX_HTTP_EXCHANGE_H
#define COMMON_UNIX_HTTP_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/un.h>

#include "common/error.h"

#include "patience.h"

struct unix_http {
	struct sockaddr_un address;
	unsigned timeout_ms;
	unsigned receive_timeout_ms; /* of the socket; 0: not set yet */
	int fd;                      /* -1: not connected */
	pid_t pid; /* who connected: a child must not use it */
	struct patience patience;
};

/* One request and its answer. */
struct exchange {
	struct unix_http *client;
	int64_t deadline_ms;
	bool is_reused; /* the connection has served a request before */
	char *data;     /* what has come of the answer; ends in NUL */
	size_t length;
	size_t capacity;
};

/* What is left until the deadline; 0 after it. */
int64_t unix_http_remaining_ms(const struct exchange *exchange);

struct timeval unix_http_timeval(int64_t ms);

/* Sets err: the deadline has passed. */
enum error_code unix_http_fail_timeout(
    const struct exchange *exchange, struct error *err);

/* Waits until the socket is ready for events of poll(2), or the deadline. */
MUST_CHECK enum error_code unix_http_wait_ready(
    const struct exchange *exchange, short events, struct error *err);

/*
 * Receives what comes next, at most up to length bytes in all, or nothing if a
 * signal came. *ret_ended is set if that is the end of the connection.
 */
MUST_CHECK enum error_code unix_http_receive(struct exchange *exchange,
    size_t length, bool *ret_ended, struct error *err);

#endif
