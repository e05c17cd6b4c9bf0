/* SPDX-License-Identifier: MIT */
/*
 * json_parse() reads what jansson reads, less what is nested too deeply, and
 * json_text() writes what jansson writes, which is read again.
 */
#include "fuzz.h"

#include <string.h>

#include "common/json.h"

/* value, which jansson reads as other, is written as jansson writes it. */
static void
require_text(const json_t *value, const json_t *other)
{
	CLEANUP(json) json_t *again = NULL;
	CLEANUP(string) char *text = json_text(value);
	CLEANUP(string)
	char *other_text = json_dumps(other, JSON_COMPACT | JSON_ENCODE_ANY);
	struct error err;

	FUZZ_REQUIRE(text && other_text && strcmp(text, other_text) == 0);
	FUZZ_REQUIRE(!json_parse(text, strlen(text), &again, &err));
	FUZZ_REQUIRE(json_equal(value, again));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(json) json_t *value = NULL;
	CLEANUP(json)
	json_t *other = json_loadb((const char *)data, size,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	struct error err;

	if (json_parse((const char *)data, size, &value, &err)) {
		FUZZ_REQUIRE(!other || strstr(err.message, "levels deep"));
		return 0;
	}
	FUZZ_REQUIRE(json_equal(value, other));
	require_text(value, other);
	return 0;
}
