/* SPDX-License-Identifier: MIT */
/* The registration id of a TPM: base32 of a digest, as others compute it. */
#include "cmocka_wrap.h"

#include "tpm_id.h"

/* By other programs: base64 -d | openssl dgst -sha256 -binary | base32. */
static void
is_what_other_programs_compute(void **state)
{
	static const struct {
		const char *key, *id;
	} cases[] = {
	    {"",         "4oymiquy7qobjgx36tejs35zeqt24qpemsnzgtfeswmrw6csxbkq"},
	    {"AAJFSw==",
             "pokhm3pehjco7uolnjqqsmnycm4d3nm644b65oqcgzlvhnjg35fa"            },
	};
	char id[TPM_ID_SIZE];
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(tpm_id(cases[i].key, id, &err), ERROR_NONE);
		assert_string_equal(id, cases[i].id);
	}
}

static void
needs_base64(void **state)
{
	char id[TPM_ID_SIZE];
	struct error err;

	(void)state;
	assert_int_equal(tpm_id("*", id, &err), ERROR_MALFORMED);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_what_other_programs_compute),
	    cmocka_unit_test(needs_base64),
	};

	return cmocka_run_group_tests_name("tpm id", tests, NULL, NULL);
}
