/* SPDX-License-Identifier: MIT */
/*
 * Holds a protocol page against the route table it describes: each route is a
 * heading "## METHOD /path/{name}", followed by a line such as "Since
 * 2020-09-01; for anyone."
 */
#ifndef PROTOCOL_PAGE_H
#define PROTOCOL_PAGE_H

#include "common/http.h"

/* What the page says about http_route.allow. */
struct protocol_audience {
	unsigned allow;
	const char *text; /* "anyone" */
};

/*
 * Fails the test unless page describes exactly routes, in their order, with
 * their versions and their audience, one of audiences (ended by a NULL text).
 */
void assert_page_describes(const char *page, const struct http_route *routes,
    size_t count, const struct protocol_audience *audiences);

/* "GET /a/{id}" becomes "GET /a/{}", in place: names are for people. */
void page_drop_names(char *call);

#endif
