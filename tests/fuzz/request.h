/* SPDX-License-Identifier: MIT */
/* What the harnesses of the daemons' routes have in common. */
#ifndef FUZZ_REQUEST_H
#define FUZZ_REQUEST_H

#include "common/http.h"

/*
 * Sends service, as root, what a peer controls of a request: line is
 * "METHOD TARGET", and is cut in two; without a space it is none. The reply
 * must have a body as every reply of a daemon has: an error one that says why.
 */
void fuzz_request(const struct http_service *service, char *line,
    const char *body, size_t length);

#endif
