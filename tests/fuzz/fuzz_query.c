/* SPDX-License-Identifier: MIT */
/* Reads a query of the hub; one that can be read must be usable. */
#include "fuzz.h"

#include <string.h>

#include "hub_query.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(string) char *text = strndup((const char *)data, size);
	CLEANUP(json)
	json_t *twin = json_pack("{s:s, s:{s:i, s:b, s:{s:s}}}", "deviceId",
	    "dev", "tags", "n", 1, "on", 1, "deep", "site", "a");
	CLEANUP_DONE(query) struct query query = {0};
	struct error err;

	FUZZ_REQUIRE(text && twin);
	if (query_parse(text, &query, &err)) {
		FUZZ_REQUIRE(err.code == ERROR_INVALID);
		return 0;
	}
	FUZZ_REQUIRE(query.count <= QUERY_CONDITIONS_MAX);
	(void)query_matches(&query, twin);
	return 0;
}
