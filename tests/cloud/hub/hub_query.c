/* SPDX-License-Identifier: MIT */
#include "hub_query.h"

#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "device_store.h"
#include "hub_access.h"
#include "hub_twins.h"
#include "page.h"

/* What a query has found so far: one more than the page shows is enough. */
struct search {
	const struct query *query;
	const struct page *page;
	json_t *twins;
};

static enum error_code
consider(void *context, const json_t *twin, const json_t *record,
    bool *ret_goes_on, struct error *err)
{
	struct search *search = context;
	CLEANUP(json) json_t *shown = twin_to_json(twin, record);

	if (!shown)
		return error_no_memory(err);
	if (query_matches(search->query, shown) &&
	    json_array_append(search->twins, shown))
		return error_no_memory(err);
	*ret_goes_on = json_array_size(search->twins) <= search->page->size;
	return ERROR_NONE;
}

/*
 * Where the next page begins is told by the name of the twin before it, which
 * for a module is that of its device and its own.
 */
static enum error_code
name_twins(json_t *twins, struct error *err)
{
	size_t i;
	json_t *twin;

	json_array_foreach(twins, i, twin)
	{
		const char *device =
		    json_string_value(json_object_get(twin, "deviceId"));
		const char *module =
		    json_string_value(json_object_get(twin, "moduleId"));
		CLEANUP(string)
		char *name = string_format(
		    "%s%s%s", device, module ? "/" : "", module ? module : "");

		if (!name ||
		    json_object_set_new(twin, "$name", json_string(name)))
			return error_no_memory(err);
	}
	return ERROR_NONE;
}

static void
unname_twins(json_t *twins)
{
	size_t i;
	json_t *twin;

	json_array_foreach(twins, i, twin)(void) json_object_del(twin, "$name");
}

enum error_code
query_twins(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(query) struct query query = {0};
	CLEANUP_DONE(page) struct page page = {0};
	CLEANUP(json) json_t *twins = json_array();
	struct search search = {.query = &query, .page = &page, .twins = twins};
	const char *text;

	if (!twins)
		return error_no_memory(err);
	if (json_get_string(request->json, "query", &text, err) ||
	    query_parse(text, &query, err) || page_parse(request, &page, err) ||
	    twin_store_visit(cloud->database, hub_of_request(cloud, request),
		query.of_modules, page.after, consider, &search, err) ||
	    name_twins(twins, err))
		return err->code;
	reply->item_type = "Twin";
	if (page_reply(&page, json_incref(twins), "$name", reply, err))
		return err->code;
	unname_twins(reply->body);
	return ERROR_NONE;
}
