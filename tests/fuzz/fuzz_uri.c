/* SPDX-License-Identifier: MIT */
/* A URI that is accepted shows no PIN, and what it shows is accepted again. */
#include "fuzz.h"

#include <string.h>

#include "common/uri.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(string) char *text = strndup((const char *)data, size);
	CLEANUP(string) char *shown = NULL;
	CLEANUP(uri) struct uri *uri = NULL;
	CLEANUP(uri) struct uri *again = NULL;
	struct error err;

	if (uri_parse(text, &uri, &err))
		return 0;
	shown = uri_public_text(uri);
	FUZZ_REQUIRE(!strchr(shown, '?'));
	FUZZ_REQUIRE(!uri_parse(shown, &again, &err));
	FUZZ_REQUIRE(!uri_has_pin(again));
	return 0;
}
