/* SPDX-License-Identifier: MIT */
/* The device at its hub: by what it goes there, and whose word a failure is. */
#include "cmocka_wrap.h"

#include <string.h>

#include "hub_session.h"

static struct error failure; /* of keyd or certd; no code: none */
static const char *named;    /* for which device they were asked */

/* Takes the place of attestation_obtain(); the linker (--wrap) names it so. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
enum error_code __wrap_attestation_obtain(
    const struct attestation_settings *attestation, const char *name,
    struct credentials *ret_credentials, struct error *err);

enum error_code
__wrap_attestation_obtain(const struct attestation_settings *attestation,
    const char *name, struct credentials *ret_credentials, struct error *err)
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
{
	assert_non_null(attestation);
	named = name;
	if (failure.code) {
		*err = failure;
		return err->code;
	}
	ret_credentials->handle = strdup("sr=key&sig=1");
	return ERROR_NONE;
}

static char source[] = "dps", id[] = "dev-1", parent[] = "parent.example",
	    roots[] = "/roots.pem";
static char hub[] = "hub.example", device[] = "Dev-1";
static const struct dps_assignment assignment = {
    .hub = hub, .device_id = device};

static struct config
config_of_device(void)
{
	return (struct config){
	    .provisioning = {.source = source,
			     .attestation = {.registration_id = id}},
	    .trust_bundle_path = roots,
	    .cloud_timeout_sec = 70,
	    .cloud_retries = 3
        };
}

static void
goes_to_the_hub_or_to_the_parent_before_it(void **state)
{
	CLEANUP_DONE(hub_session) struct hub_session direct = {0};
	CLEANUP_DONE(hub_session) struct hub_session nested = {0};
	struct config config = config_of_device();
	struct error err;

	(void)state;
	failure = (struct error){.code = ERROR_NONE};
	assert_int_equal(
	    hub_session_open(&config, &assignment, &direct, &err), ERROR_NONE);
	assert_string_equal(named, "dev-1");
	assert_string_equal(direct.access.hub, "hub.example");
	assert_string_equal(direct.access.gateway, "hub.example");
	assert_string_equal(direct.access.device_id, "Dev-1");
	assert_string_equal(direct.access.ca_file, "/roots.pem");
	assert_int_equal(direct.access.timeout_ms, 70000);
	assert_int_equal(direct.access.retries, 3);
	assert_ptr_equal(direct.access.proof, &direct.proof);
	assert_non_null(direct.access.connection);

	config.provisioning.local_gateway_hostname = parent;
	assert_int_equal(
	    hub_session_open(&config, &assignment, &nested, &err), ERROR_NONE);
	assert_string_equal(nested.access.hub, "hub.example");
	assert_string_equal(nested.access.gateway, "parent.example");
	assert_ptr_not_equal(
	    nested.access.connection, direct.access.connection);
}

/* ERROR_DENIED and ERROR_NOT_FOUND would be taken for the hub's own word. */
static void
takes_what_keyd_and_certd_say_for_no_word_of_the_hub(void **state)
{
	static const struct {
		enum error_code from, to;
	} cases[] = {
	    {ERROR_DENIED,      ERROR_INVALID    },
	    {ERROR_NOT_FOUND,   ERROR_INVALID    },
	    {ERROR_INVALID,     ERROR_INVALID    },
	    {ERROR_UNAVAILABLE, ERROR_UNAVAILABLE},
	    {ERROR_TIMEOUT,     ERROR_TIMEOUT    },
	    {ERROR_UPSTREAM,    ERROR_UPSTREAM   },
	    {ERROR_INTERNAL,    ERROR_INTERNAL   },
	};
	const struct config config = config_of_device();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP_DONE(hub_session) struct hub_session session = {0};
		struct error err = {.code = ERROR_NONE};

		(void)error_set(&failure, cases[i].from, "keyd says so");
		assert_int_equal(
		    hub_session_open(&config, &assignment, &session, &err),
		    cases[i].to);
		assert_int_equal(err.code, cases[i].to);
		assert_string_equal(err.message, "keyd says so");
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(goes_to_the_hub_or_to_the_parent_before_it),
	    cmocka_unit_test(
		takes_what_keyd_and_certd_say_for_no_word_of_the_hub),
	};

	return cmocka_run_group_tests_name("hub session", tests, NULL, NULL);
}
