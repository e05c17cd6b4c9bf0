/* SPDX-License-Identifier: MIT */
/* An OpenAPI file, held against a table of routes. */
#ifndef OPENAPI_PAGE_H
#define OPENAPI_PAGE_H

#include "common/http.h"

/*
 * Fails the test unless file has just the operations of routes, each with the
 * api-version and the audience of its route. What else is in it
 * tests/support/openapi.py looks at.
 */
void assert_openapi_describes(
    const char *file, const struct http_route *routes, size_t route_count);

#endif
