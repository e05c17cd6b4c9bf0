/* SPDX-License-Identifier: MIT */
/*
 * Writes HTML in which text cannot become markup: markup is a literal in the
 * source (the compiler refuses any other format), and whatever is put into it
 * is escaped, for elements and for quoted attributes alike.
 */
#ifndef CLOUD_HTML_H
#define CLOUD_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "common/cleanup.h"

struct html {
	char *text;
	size_t length;
	size_t size;
	bool failed; /* no memory: nothing more is written */
};

/* Releases the contents. */
void html_done(struct html *html);

/*
 * Appends format, with the text for each %s escaped (NULL is nothing); bytes
 * that are no UTF-8 and control characters become U+FFFD. Beside it there are
 * %d, %zu and %%.
 */
void html_print(struct html *html, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends text as a part of a URL: percent-encoded but for unreserved ones. */
void html_url(struct html *html, const char *text);

/* What was written; the caller frees it. NULL: there was no memory. */
char *html_take(struct html *html);

#endif
