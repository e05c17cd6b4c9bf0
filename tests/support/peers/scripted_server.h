/* SPDX-License-Identifier: MIT */
/*
 * A server on a Unix socket that answers each request with the next line of a
 * script, whatever was asked.
 */
#ifndef SCRIPTED_SERVER_H
#define SCRIPTED_SERVER_H

/* Lines of a script that are no answers. */
#define SCRIPT_CLOSE "(close without an answer)"
#define SCRIPT_SILENCE "(say nothing, ever)"

/* A trailing mark in an answer: the connection is closed behind it. */
#define SCRIPT_THEN_CLOSE "\x04"

struct scripted_server;

/* Starts one with a script that ends in NULL; then it closes. */
struct scripted_server *scripted_server_start(const char *const *script);

void scripted_server_stop(struct scripted_server *server);

const char *scripted_server_path(const struct scripted_server *server);

/* How many connections there have been. */
unsigned scripted_server_connections(struct scripted_server *server);

/* The last request, head and body. Not to be used while one is sent. */
const char *scripted_server_request(const struct scripted_server *server);

#endif
