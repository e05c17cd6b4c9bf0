/* SPDX-License-Identifier: MIT */
/* A journal of certd's on a disk that somebody else wrote to. */
#include "fuzz.h"

#include <string.h>

#include "journal.h"

static void
compare(const struct journal *a, const struct journal *b)
{
	FUZZ_REQUIRE(a->stage == b->stage);
	FUZZ_REQUIRE(a->next == b->next);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_DONE(journal) struct journal journal = {.stage = JOURNAL_IDLE};
	CLEANUP_DONE(journal) struct journal again = {.stage = JOURNAL_IDLE};
	CLEANUP(string) char *text = NULL;
	struct error err;

	if (journal_parse("a", (const char *)data, size, &journal, &err))
		return 0;
	FUZZ_REQUIRE(journal.stage < JOURNAL_CANDIDATE || journal.certificate);
	text = journal_text("a", &journal);
	FUZZ_REQUIRE(text);
	FUZZ_REQUIRE(!journal_parse("a", text, strlen(text), &again, &err));
	compare(&journal, &again);
	return 0;
}
