/* SPDX-License-Identifier: MIT */
/* What a server answers: the head is read within its bounds. */
#include "fuzz.h"

#include <string.h>

#include "common/unix_http.h"

#include "unix_http_answer.h"

static void
require_sound(
    const struct unix_http_answer *answer, const uint8_t *data, size_t size)
{
	FUZZ_REQUIRE(answer->head_length <= size);
	FUZZ_REQUIRE(answer->body_length <= UNIX_HTTP_BODY_MAX);
	FUZZ_REQUIRE(answer->has_length || answer->closes);
	FUZZ_REQUIRE(
	    memcmp(data + answer->head_length - 4, "\r\n\r\n", 4) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unix_http_answer answer;

	if (unix_http_parse((const char *)data, size, &answer) ==
	    UNIX_HTTP_WHOLE)
		require_sound(&answer, data, size);
	return 0;
}
