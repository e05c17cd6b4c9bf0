/* SPDX-License-Identifier: MIT */
/* A peer of http_fixture that speaks in raw bytes, and what it expects. */
#ifndef HTTP_PEER_H
#define HTTP_PEER_H

#include "http_fixture.h"

#define PEER_ANSWER_MAX (64 * 1024)

#define GET_3 "GET /length/3" HTTP_FIXTURE_VERSION " HTTP/1.1\r\n\r\n"
#define HOLD "GET /hold" HTTP_FIXTURE_VERSION " HTTP/1.1\r\n\r\n"

/* A socket connected to the server, whose reads time out after a while. */
int peer_connect(const struct http_fixture *fixture);

void peer_send(int fd, const char *text);

/* What has been received, with a NUL behind it. */
struct peer_answer {
	size_t length;
	char text[PEER_ANSWER_MAX];
};

/* Receives to the end of the connection. */
void peer_receive_all(int fd, struct peer_answer *ret_answer);

/* Receives what one recv() gives. Returns false at the end. */
bool peer_receive_once(int fd, struct peer_answer *ret_answer);

/* True if the server closes without saying anything. */
bool peer_is_closed(int fd);

/* Sends size bytes of part again and again, unless the server shuts before. */
void peer_flood(int fd, const char *part, size_t size);

/* The body of an answer with head and body in text. */
const char *body_of(const char *text);

void assert_contains(const char *text, const char *part);

/* What aziot's clients demand of every answer's head. */
void assert_head(const char *text, unsigned status, const char *type);

/* A whole answer with status 200 and this JSON. */
void assert_ok(const char *text, const char *body);

/* One answer, an error in the stated form, then the end. Closes fd. */
void assert_refused(int fd, unsigned status);

/* Sends text on a new connection and expects to be refused. */
void assert_refuses(
    const struct http_fixture *fixture, const char *text, unsigned status);

/* The server still answers. */
void assert_answers(const struct http_fixture *fixture);

#endif
