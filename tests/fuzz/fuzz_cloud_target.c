/* SPDX-License-Identifier: MIT */
/*
 * Takes a request target apart. What can be read has no more parts than there
 * are places, and no part can reach beyond its text.
 */
#include "fuzz.h"

#include <string.h>

#include "target.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(string) char *text = strndup((const char *)data, size);
	CLEANUP_DONE(target) struct target target = {0};
	size_t total = 0;
	struct error err;

	FUZZ_REQUIRE(text);
	if (target_parse(text, &target, &err)) {
		FUZZ_REQUIRE(err.code == ERROR_INVALID);
		return 0;
	}
	FUZZ_REQUIRE(text[0] == '/');
	FUZZ_REQUIRE(target.segment_count <= TARGET_SEGMENTS_MAX);
	FUZZ_REQUIRE(target.field_count <= TARGET_FIELDS_MAX);
	for (size_t i = 0; i < target.segment_count; i++)
		total += strlen(target.segments[i]);
	for (size_t i = 0; i < target.field_count; i++) {
		total += strlen(target.fields[i].name);
		total += strlen(target.fields[i].value);
		FUZZ_REQUIRE(target_query(&target, target.fields[i].name));
	}
	FUZZ_REQUIRE(total <= strlen(text));
	return 0;
}
