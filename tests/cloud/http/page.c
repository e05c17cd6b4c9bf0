/* SPDX-License-Identifier: MIT */
#include "page.h"

#include <stdio.h>
#include <string.h>

#include "common/base64.h"

#define SIZE_DEFAULT 100
#define SIZE_MAXIMUM 1000

void
page_done(struct page *page)
{
	free(page->after);
	*page = (struct page){0};
}

static enum error_code
parse_size(const char *text, size_t *ret_size, struct error *err)
{
	char *end = NULL;
	long size = text ? strtol(text, &end, 10) : SIZE_DEFAULT;

	if (text && (*end || end == text || size < 1))
		return error_set(err, ERROR_INVALID,
		    "x-ms-max-item-count must be a number above 0.");
	*ret_size = size > SIZE_MAXIMUM ? SIZE_MAXIMUM : (size_t)size;
	return ERROR_NONE;
}

/* A continuation is the last id, encoded so that nobody builds on it. */
static enum error_code
parse_continuation(const char *text, char **ret_after, struct error *err)
{
	unsigned char *decoded;
	size_t length;

	if (!text) {
		*ret_after = strdup("");
		return *ret_after ? ERROR_NONE : error_no_memory(err);
	}
	if (base64_decode(text, &decoded, &length, err))
		return error_set(err, ERROR_INVALID,
		    "x-ms-continuation is not one that was given out.");
	*ret_after = (char *)decoded;
	return ERROR_NONE;
}

enum error_code
page_parse(
    const struct request *request, struct page *ret_page, struct error *err)
{
	struct page page;

	if (parse_size(request->headers.page_size, &page.size, err) ||
	    parse_continuation(request->headers.continuation, &page.after, err))
		return err->code;
	*ret_page = page;
	return ERROR_NONE;
}

struct listing
page_listing(const struct page *page)
{
	return (struct listing){.after = page->after, .limit = page->size + 1};
}

static enum error_code
set_continuation(const json_t *items, size_t size, const char *id_member,
    struct reply *reply, struct error *err)
{
	const char *last = json_string_value(
	    json_object_get(json_array_get(items, size - 1), id_member));
	CLEANUP(string)
	char *token = last ? base64_encode(last, strlen(last)) : NULL;

	if (!token)
		return error_no_memory(err);
	(void)snprintf(
	    reply->continuation, sizeof(reply->continuation), "%s", token);
	return ERROR_NONE;
}

enum error_code
page_reply(const struct page *page, json_t *items, const char *id_member,
    struct reply *reply, struct error *err)
{
	CLEANUP(json) json_t *owned = items;

	if (json_array_size(items) > page->size) {
		if (set_continuation(items, page->size, id_member, reply, err))
			return err->code;
		(void)json_array_remove(items, page->size);
	}
	return reply_json(reply, 200, TAKE(owned), err);
}
