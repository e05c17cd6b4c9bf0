/* SPDX-License-Identifier: MIT */
/*
 * POST /devices/query: the twins that a query selects. Of the hub's language
 * there is
 *
 *	SELECT * FROM devices | devices.modules
 *	    [WHERE path = | != | <> | < | <= | > | >= value [AND ...]]
 *
 * with paths such as deviceId, tags.site and properties.desired.interval, and
 * values that are 'text', numbers, true or false.
 */
#ifndef CLOUD_HUB_QUERY_H
#define CLOUD_HUB_QUERY_H

#include "cloud.h"

handler query_twins;

#define QUERY_CONDITIONS_MAX 8
#define QUERY_WORD_MAX 256

enum query_relation {
	QUERY_EQUAL,
	QUERY_UNEQUAL,
	QUERY_LESS,
	QUERY_LESS_OR_EQUAL,
	QUERY_GREATER,
	QUERY_GREATER_OR_EQUAL,
};

struct query_condition {
	char path[QUERY_WORD_MAX];
	enum query_relation relation;
	json_t *value;
};

struct query {
	bool of_modules;
	size_t count;
	struct query_condition conditions[QUERY_CONDITIONS_MAX];
};

/* Releases the contents. */
void query_done(struct query *query);

/*
 * Reads text. On success the contents of ret_query are the caller's. Fails
 * with ERROR_INVALID, saying where.
 */
MUST_CHECK enum error_code query_parse(
    const char *text, struct query *ret_query, struct error *err);

/* True if a twin, as it is shown, meets all conditions. */
bool query_matches(const struct query *query, const json_t *twin);

#endif
