/* SPDX-License-Identifier: MIT */
/*
 * Whatever DPS answers: what is taken from it can go into an URL, and what is
 * shown of it is printable.
 */
#include "fuzz.h"

#include <string.h>

#include "dps_answer.h"

static void
check_reason(const char *text, size_t length)
{
	char reason[DPS_REASON_MAX];

	dps_answer_reason(text, length, reason);
	for (const char *c = reason; *c; c++)
		FUZZ_REQUIRE(*c >= ' ' && *c <= '~');
	FUZZ_REQUIRE(!dps_answer_is_error(text, length, 401) ||
		     !dps_answer_is_error(text, length, 404));
}

static void
check_answer(const struct dps_answer *answer)
{
	struct error err;

	if (answer->state == DPS_ASSIGNING) {
		FUZZ_REQUIRE(answer->operation_id[0]);
		return;
	}
	FUZZ_REQUIRE(!dps_assignment_check(&answer->assignment, &err));
	FUZZ_REQUIRE(!strpbrk(answer->assignment.hub, "/?#@ "));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_DONE(dps_answer) struct dps_answer answer = {0};
	const char *text = (const char *)data;
	struct error err;

	check_reason(text, size);
	if (dps_answer_read(text, size, "dev-1", &answer, &err))
		FUZZ_REQUIRE(err.code == ERROR_UPSTREAM ||
			     err.code == ERROR_UNAVAILABLE);
	else
		check_answer(&answer);
	return 0;
}
