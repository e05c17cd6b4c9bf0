/* SPDX-License-Identifier: MIT */
/*
 * Reads a body as an enrollment of each kind. One that is accepted is accepted
 * again in the form in which it is shown, and keeps its certificate.
 */
#include "fuzz.h"

#include "enrollment.h"

static void
check(enum enrollment_kind kind, const json_t *body)
{
	CLEANUP_DONE(enrollment) struct enrollment first = {0};
	CLEANUP_DONE(enrollment) struct enrollment second = {0};
	CLEANUP(json) json_t *shown = NULL;
	const struct enrollment_context nothing = {0};
	const struct enrollment_context stored = {.stored = &first};
	struct id_text id = {"dev"};
	struct error err;

	if (enrollment_read(kind, &id, body, &nothing, &first, &err))
		return;
	shown = enrollment_to_json(&first);
	FUZZ_REQUIRE(
	    !enrollment_read(kind, &id, shown, &stored, &second, &err));
	FUZZ_REQUIRE(
	    json_equal(first.keys, second.keys) || first.keys == second.keys);
	if (first.type == ATTEST_X509)
		FUZZ_REQUIRE(X509_cmp(first.enrolled.certificates[0],
				 second.enrolled.certificates[0]) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(json) json_t *body = NULL;
	struct error err;

	if (json_parse((const char *)data, size, &body, &err))
		return 0;
	check(ENROLLMENT_INDIVIDUAL, body);
	check(ENROLLMENT_GROUP, body);
	return 0;
}
