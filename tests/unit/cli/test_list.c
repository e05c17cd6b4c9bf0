/* SPDX-License-Identifier: MIT */
/* What 'signetctl list' says of certificates, keys and modules. */
#include "cmocka_wrap.h"
#include "common/json.h"
#include "list.h"

#define NOW INT64_C(1798761600) /* 2027-01-01T00:00:00Z */

static void
the_state_of_a_certificate_is_that_of_now(void **state)
{
	static const struct {
		const char *from;
		const char *to;
		const char *state;
		const char *left;
	} cases[] = {
	    {"2026-01-01T00:00:00Z", "2027-01-31T00:00:00Z", "valid",
             "30 days"							   },
	    {"2026-01-01T00:00:00Z", "2027-01-08T00:00:00Z", "valid",   "7 days" },
	    {"2026-01-01T00:00:00Z", "2027-01-07T23:59:59Z", "soon",    "6 days" },
	    {"2026-01-01T00:00:00Z", "2027-01-01T05:30:00Z", "soon",    "5 hours"},
	    {"2026-01-01T00:00:00Z", "2026-12-31T23:59:59Z", "expired", "none"   },
	    {"2027-01-02T00:00:00Z", "2027-12-31T00:00:00Z", "future",
             "364 days"							  },
	    {"2026-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "valid",
             "2912077 days"						      },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(json)
		json_t *given = json_pack("[{s:s, s:s, s:s, s:s}]", "id", "web",
		    "serial", "01", "notBefore", cases[i].from, "notAfter",
		    cases[i].to);
		CLEANUP(json) json_t *list = list_certificates(given, NOW);
		const json_t *item = json_array_get(list, 0);

		assert_string_equal("web", output_member(item, "id"));
		assert_string_equal(
		    cases[i].state, output_member(item, "state"));
		assert_string_equal(cases[i].left, output_member(item, "left"));
		assert_null(json_object_get(item, "serial"));
	}
}

static void
what_cannot_be_read_keeps_its_reason(void **state)
{
	CLEANUP(json)
	json_t *given =
	    json_pack("[{s:s, s:s}]", "id", "web", "error", "no PEM");
	CLEANUP(json) json_t *certificates = list_certificates(given, NOW);
	CLEANUP(json) json_t *keys = list_keys(given);

	(void)state;
	assert_string_equal("unreadable",
	    output_member(json_array_get(certificates, 0), "state"));
	assert_string_equal(
	    "no PEM", output_member(json_array_get(certificates, 0), "error"));
	assert_string_equal(
	    "no PEM", output_member(json_array_get(keys, 0), "error"));
}

static void
a_module_is_shown_with_its_device(void **state)
{
	CLEANUP(json)
	json_t *answer = json_pack("{s:[{s:s, s:{s:s, s:s, s:s}}]}",
	    "identities", "type", "aziot", "spec", "moduleId", "edgeHub",
	    "deviceId", "dev1", "hubName", "h.example");
	CLEANUP(json) json_t *empty = json_object();
	CLEANUP(json) json_t *modules = list_modules(answer);
	CLEANUP(json) json_t *none = list_modules(empty);
	const json_t *module = json_array_get(modules, 0);

	(void)state;
	assert_int_equal(1, json_array_size(modules));
	assert_string_equal("edgeHub", output_member(module, "id"));
	assert_string_equal("dev1", output_member(module, "device"));
	assert_string_equal("h.example", output_member(module, "hub"));
	assert_int_equal(0, json_array_size(none));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_state_of_a_certificate_is_that_of_now),
	    cmocka_unit_test(what_cannot_be_read_keeps_its_reason),
	    cmocka_unit_test(a_module_is_shown_with_its_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
