/* SPDX-License-Identifier: MIT */
/* What base64_decode() accepts has one text only: the one encoded from it. */
#include "fuzz.h"

#include <string.h>

#include "common/base64.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(string) char *text = strndup((const char *)data, size);
	CLEANUP(string) char *again = NULL;
	unsigned char *decoded = NULL;
	size_t length;
	struct error err;

	if (base64_decode(text, &decoded, &length, &err))
		return 0;
	again = base64_encode(decoded, length);
	FUZZ_REQUIRE(strcmp(text, again) == 0);
	free(decoded);
	return 0;
}
