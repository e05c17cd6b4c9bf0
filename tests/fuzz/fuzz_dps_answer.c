/* SPDX-License-Identifier: MIT */
/*
 * Whatever DPS answers: what is taken from it can go into an URL, and what is
 * shown of it is printable.
 */
#include "fuzz.h"

#include <string.h>

#include "dps_answer.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_DONE(dps_answer) struct dps_answer answer = {0};
	char reason[DPS_REASON_MAX];
	struct error err;

	dps_answer_reason((const char *)data, size, reason);
	for (const char *c = reason; *c; c++)
		FUZZ_REQUIRE(*c >= ' ' && *c <= '~');

	if (dps_answer_read((const char *)data, size, "dev-1", &answer, &err)) {
		FUZZ_REQUIRE(err.code == ERROR_UPSTREAM ||
			     err.code == ERROR_UNAVAILABLE);
		return 0;
	}
	if (answer.state == DPS_ASSIGNING)
		FUZZ_REQUIRE(answer.operation_id[0]);
	else
		FUZZ_REQUIRE(!dps_assignment_check(&answer.assignment, &err) &&
			     !strpbrk(answer.assignment.hub, "/?#@ "));
	return 0;
}
