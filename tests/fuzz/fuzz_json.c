/* SPDX-License-Identifier: MIT */
/* What json_parse() accepts is accepted again as json_text() writes it. */
#include "fuzz.h"

#include <string.h>

#include "common/json.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(json) json_t *value = NULL;
	CLEANUP(json) json_t *again = NULL;
	CLEANUP(string) char *text = NULL;
	struct error err;

	if (json_parse((const char *)data, size, &value, &err))
		return 0;
	text = json_text(value);
	FUZZ_REQUIRE(text);
	FUZZ_REQUIRE(!json_parse(text, strlen(text), &again, &err));
	FUZZ_REQUIRE(json_equal(value, again));
	return 0;
}
