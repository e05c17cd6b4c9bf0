/* SPDX-License-Identifier: MIT */
/*
 * A configuration of any kind can be shown, also what was shown before, and its
 * lines stay where they are.
 */
#include "fuzz.h"

#include <string.h>

#include "common/cleanup.h"
#include "common/file.h"
#include "yaml_hide.h"
#include "yaml_lines.h"

static size_t
count_lines(const char *text)
{
	size_t count = 0;

	while ((text = strchr(text, '\n'))) {
		text++;
		count++;
	}
	return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(string) char *text = strndup((const char *)data, size);
	CLEANUP(secret) char *hidden = NULL;
	CLEANUP(secret) char *again = NULL;
	CLEANUP(secret) char *comments = NULL;
	struct error err;

	FUZZ_REQUIRE(text && !yaml_hide(text, &hidden, &err));
	FUZZ_REQUIRE(!yaml_hide(hidden, &again, &err));
	FUZZ_REQUIRE(!yaml_comments_hide(text, &comments, &err));
	FUZZ_REQUIRE(count_lines(comments) == count_lines(text));
	return 0;
}
