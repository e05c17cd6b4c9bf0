/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as an audit log are read, with complaints or without; any text in a
 * record makes a line that is read as it was written.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "common/json.h"

static uint64_t errors;

static void
count(void *context, const char *file, uint64_t line, const char *problem,
    bool is_error)
{
	(void)context;
	(void)file;
	(void)line;
	FUZZ_REQUIRE(strlen(problem) > 0);
	errors += is_error;
}

/* Fed in two pieces, since a file comes in pieces. */
static struct audit_summary
check(const char *text, size_t length, size_t cut)
{
	static struct audit_check check;
	struct audit_summary summary;
	struct error err;

	errors = 0;
	FUZZ_REQUIRE(!audit_check_init(&check, count, NULL, &err));
	audit_check_file(&check, "fuzz");
	FUZZ_REQUIRE(!audit_check_feed(&check, text, cut, &err));
	FUZZ_REQUIRE(!audit_check_feed(&check, text + cut, length - cut, &err));
	audit_check_file_end(&check, true);
	audit_check_end(&check);
	summary = check.summary;
	FUZZ_REQUIRE(summary.errors == errors);
	audit_check_done(&check);
	return summary;
}

static void
require_written_is_read(const char *text, size_t length)
{
	static const struct timespec now = {.tv_sec = 1796112000};
	static struct audit_line line;
	struct audit_chain chain = {0};
	struct audit_hasher hasher;
	CLEANUP(json) json_t *record = NULL;
	struct error err;

	memset(chain.hash, '0', AUDIT_HASH_LENGTH);
	FUZZ_REQUIRE(!audit_hasher_init(&hasher, &err));
	audit_line_begin(&line, 1, &now);
	audit_line_text(&line, "op", "sign");
	audit_line_bytes(&line, "key", text, length);
	audit_line_bytes(&line, "to", text, length);
	FUZZ_REQUIRE(!audit_line_seal(&line, &hasher, &chain, &err));
	audit_hasher_done(&hasher);

	FUZZ_REQUIRE(memchr(line.text, '\n', line.length) ==
		     line.text + line.length - 1);
	FUZZ_REQUIRE(
	    check(line.text, line.length, line.length / 2).errors == 0);
	/* jansson wants no NUL in strings, and there may be one. */
	if (!memchr(text, '\0', length))
		FUZZ_REQUIRE(
		    !json_parse(line.text, line.length - 1, &record, &err));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct audit_summary whole = check(text, size, 0);
	struct audit_summary cut = check(text, size, size / 2);

	FUZZ_REQUIRE(whole.errors == cut.errors);
	FUZZ_REQUIRE(whole.records == cut.records);
	require_written_is_read(text, size);
	return 0;
}
