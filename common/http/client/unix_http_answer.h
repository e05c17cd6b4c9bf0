/* SPDX-License-Identifier: MIT */
/* The head of an HTTP/1.1 answer, as our servers send it. */
#ifndef COMMON_UNIX_HTTP_ANSWER_H
#define COMMON_UNIX_HTTP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

struct unix_http_answer {
	unsigned status;
	size_t head_length; /* with the empty line */
	bool has_length;    /* else the body ends with the connection */
	size_t body_length;
	bool closes; /* no request may follow */
};

enum unix_http_parsed {
	UNIX_HTTP_WHOLE,
	UNIX_HTTP_PART,   /* the empty line is still missing */
	UNIX_HTTP_BROKEN, /* no HTTP that we speak */
};

/* Reads the head at the start of text. */
enum unix_http_parsed unix_http_parse(
    const char *text, size_t length, struct unix_http_answer *ret_answer);

#endif
