/* SPDX-License-Identifier: MIT */
/* Queries that answer in pages (x-ms-max-item-count, x-ms-continuation). */
#ifndef CLOUD_PAGE_H
#define CLOUD_PAGE_H

#include "cloud.h"

struct page {
	size_t size;
	char *after; /* the last id of the page before; "" for the first */
};

/* Releases the contents. */
void page_done(struct page *page);

/*
 * Reads which page request wants. On success the contents of ret_page are the
 * caller's. Fails with ERROR_INVALID.
 */
MUST_CHECK enum error_code page_parse(
    const struct request *request, struct page *ret_page, struct error *err);

/*
 * What page needs of a table: one more than it holds, which tells whether there
 * is another page. Borrows from page.
 */
struct listing page_listing(const struct page *page);

/*
 * Replies with items, which it takes: page->size of them, if there are more a
 * continuation too. They are those of page_listing().
 * id_member is the member of an item that holds its id.
 */
MUST_CHECK enum error_code page_reply(const struct page *page, json_t *items,
    const char *id_member, struct reply *reply, struct error *err);

#endif
