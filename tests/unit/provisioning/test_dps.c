/* SPDX-License-Identifier: MIT */
/* Registering with DPS, over a network and a clock that do as told. */
#include "cmocka_wrap.h"

#include <string.h>

#include "common/time.h"
#include "dps.h"
#include "fake_https.h"
#include "pki_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ASSIGNING "{\"operationId\":\"5.a b\",\"status\":\"assigning\"}"
#define ASSIGNED                                                               \
	"{\"status\":\"assigned\",\"registrationState\":{"                     \
	"\"assignedHub\":\"hub.example\",\"deviceId\":\"dev-1\"}}"
#define NOT_FOUND "{\"errorCode\":404000,\"message\":\"Not found\"}"
#define FORBIDDEN "{\"errorCode\":403000,\"message\":\"Forbidden\"}"
#define UNAUTHORIZED "{\"errorCode\":401002,\"message\":\"Unauthorized\"}"

/* What the last registration said about it. */
static int64_t not_before;

struct fixture {
	EVP_PKEY *key;
	x509_stack *chain;
};

static int
setup(void **state)
{
	static struct fixture fixture;
	CLEANUP(pkey) EVP_PKEY *ca_key = fixture_key("P-256");
	CLEANUP(x509) X509 *ca = fixture_ca(ca_key, "ca", FIXTURE_NOW);

	fixture.key = fixture_key("P-256");
	fixture.chain = sk_X509_new_null();
	sk_X509_push(
	    fixture.chain, fixture_leaf(fixture.key, "dev-1", ca, ca_key));
	*state = &fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	EVP_PKEY_free(fixture->key);
	x509_stack_free(fixture->chain);
	return 0;
}

static enum error_code
register_with(const struct fixture *fixture, const struct fake_answer *answers,
    unsigned count, struct dps_assignment *assignment, struct error *err)
{
	const struct proof proof = {
	    .key = fixture->key, .chain = fixture->chain};
	const struct dps_request request = {
	    .endpoint = "https://dps.example/",
	    .scope_id = "0ne/1",
	    .registration_id = "dev-1",
	    .proof = &proof,
	    .timeout_ms = DPS_TIMEOUT_MS,
	    .deadline_ms = DPS_DEADLINE_MS,
	    .wait = fake_wait,
	};

	fake_https_script(answers, count);
	return dps_register(&request, assignment, &not_before, err);
}

static void
assert_assigned(const struct fixture *fixture,
    const struct fake_answer *answers, unsigned count)
{
	CLEANUP_DONE(dps_assignment) struct dps_assignment assignment = {0};
	struct error err = {.message = ""};

	if (register_with(fixture, answers, count, &assignment, &err))
		fail_msg("%s", err.message);
	assert_string_equal(assignment.hub, "hub.example");
	assert_string_equal(assignment.device_id, "dev-1");
}

static void
registers_and_polls_as_dps_asks(void **state)
{
	static const struct fake_answer answers[] = {
	    {.status = 202,        .body = ASSIGNING, .retry_after = 7},
	    {.status = 202,                    .body = ASSIGNING                        },
	    {.status = 202,                    .body = ASSIGNING, .retry_after = 9999},
	    {.status = 200, .body = ASSIGNED                 },
	};

	assert_assigned(*state, answers, COUNT(answers));
	assert_string_equal(fake_https_request(0)->method, "PUT");
	assert_string_equal(fake_https_request(0)->url,
	    "https://dps.example/0ne%2F1/registrations/dev-1/register"
	    "?api-version=2021-06-01");
	assert_string_equal(
	    fake_https_request(0)->body, "{\"registrationId\":\"dev-1\"}");
	assert_string_equal(fake_https_request(1)->method, "GET");
	assert_string_equal(fake_https_request(1)->url,
	    "https://dps.example/0ne%2F1/registrations/dev-1/operations/"
	    "5.a%20b?api-version=2021-06-01");
	assert_int_equal(fake_wait_count(), 3);
	assert_int_equal(fake_waited(0), 7000);
	assert_int_equal(fake_waited(1), 3000);
	assert_int_equal(fake_waited(2), 300000);
	/* A handshake, which the token signs, is made once. */
	assert_non_null(fake_https_request(0)->connection);
	for (unsigned i = 1; i < fake_https_count(); i++)
		assert_ptr_equal(fake_https_request(i)->connection,
		    fake_https_request(0)->connection);
}

static void
takes_an_assignment_that_comes_at_once(void **state)
{
	static const struct fake_answer answer = {
	    .status = 200, .body = ASSIGNED};

	assert_assigned(*state, &answer, 1);
	assert_int_equal(fake_wait_count(), 0);
}

static void
tries_again_what_may_pass(void **state)
{
	static const struct fake_answer passing[] = {
	    {.failure = ERROR_UNAVAILABLE},
	    {.failure = ERROR_TIMEOUT},
	    {.status = 408},
	    {.status = 429},
	    {.status = 500},
	    {.status = 503},
	};

	for (size_t i = 0; i < COUNT(passing); i++) {
		const struct fake_answer answers[] = {
		    passing[i],
		    {.status = 202, .body = ASSIGNING},
		    passing[i],
		    {.status = 200, .body = ASSIGNED },
		};

		assert_assigned(*state, answers, COUNT(answers));
		assert_int_equal(fake_https_count(), 4);
		assert_in_range(fake_waited(0), 1500, 2500);
	}
}

static void
waits_as_long_as_a_busy_dps_asks(void **state)
{
	static const struct fake_answer answers[] = {
	    {.status = 429, .retry_after = 120},
	    {.status = 200, .body = ASSIGNED  },
	};

	assert_assigned(*state, answers, COUNT(answers));
	assert_int_equal(fake_waited(0), 120000);
}

static void
says_how_long_dps_wants_to_be_left_alone(void **state)
{
	static const struct fake_answer answer = {
	    .status = 503, .retry_after = 100};
	struct dps_assignment assignment;
	struct error err;

	assert_int_equal(register_with(*state, &answer, 1, &assignment, &err),
	    ERROR_UNAVAILABLE);
	assert_int_equal(not_before, 500000);
}

static void
backs_off_longer_each_time_until_the_deadline(void **state)
{
	static const struct fake_answer answer = {.failure = ERROR_UNAVAILABLE};
	struct dps_assignment assignment;
	struct error err;
	int64_t sum = 0;

	assert_int_equal(register_with(*state, &answer, 1, &assignment, &err),
	    ERROR_UNAVAILABLE);
	assert_non_null(strstr(err.message, "fake failure"));
	for (unsigned i = 0; i < fake_wait_count(); i++)
		sum += fake_waited(i);
	assert_in_range(sum, DPS_DEADLINE_MS - 75000, DPS_DEADLINE_MS);
	assert_in_range(fake_waited(3), 12000, 20000);
	assert_in_range(fake_waited(6), 45000, 75000);
}

static void
does_not_poll_for_ever(void **state)
{
	static const struct fake_answer answer = {
	    .status = 202, .body = ASSIGNING, .retry_after = 20};
	struct dps_assignment assignment;
	struct error err;

	assert_int_equal(register_with(*state, &answer, 1, &assignment, &err),
	    ERROR_TIMEOUT);
	assert_string_equal(err.message,
	    "DPS did not finish the registration of 'dev-1' within 480 s");
	assert_int_equal(fake_wait_count(), DPS_DEADLINE_MS / 20000 - 1);
}

static void
gives_up_when_the_daemon_ends(void **state)
{
	static const struct fake_answer answer = {
	    .status = 202, .body = ASSIGNING};
	CLEANUP_DONE(dps_assignment) struct dps_assignment assignment = {0};
	const struct fixture *fixture = *state;
	const struct proof proof = {
	    .key = fixture->key, .chain = fixture->chain};
	const struct dps_request request = {.endpoint = "https://dps.example",
	    .scope_id = "s",
	    .registration_id = "dev-1",
	    .proof = &proof,
	    .timeout_ms = DPS_TIMEOUT_MS,
	    .deadline_ms = DPS_DEADLINE_MS,
	    .wait = fake_wait};
	struct error err;

	fake_https_script(&answer, 1);
	fake_give_up_after(2);
	assert_int_equal(dps_register(&request, &assignment, &not_before, &err),
	    ERROR_UNAVAILABLE);
	assert_int_equal(fake_https_count(), 2);
}

/* Asserts how a registration ends that gets these answers, and then why. */
static void
assert_ends(const struct fixture *fixture, const struct fake_answer *answers,
    unsigned count, enum error_code code, const char *says)
{
	struct dps_assignment assignment;
	struct error err = {.code = ERROR_NONE};

	assert_int_not_equal(
	    register_with(fixture, answers, count, &assignment, &err),
	    ERROR_NONE);
	print_message("%s\n", err.message);
	assert_int_equal(err.code, code);
	assert_non_null(strstr(err.message, says));
	assert_int_equal(fake_https_count(), count);
}

static void
says_why_dps_refuses_a_certificate(void **state)
{
	static const struct fake_answer answer = {
	    .status = 401, .body = UNAUTHORIZED};

	assert_ends(*state, &answer, 1, ERROR_UPSTREAM,
	    "DPS does not accept the certificate of 'dev-1': Unauthorized "
	    "(401002); the certificate comes without its intermediates");
}

static void
says_that_dps_does_not_know_the_scope(void **state)
{
	static const struct fake_answer answer = {
	    .status = 404, .body = NOT_FOUND};

	assert_ends(*state, &answer, 1, ERROR_UPSTREAM,
	    "DPS at https://dps.example/ does not know the id scope '0ne/1': "
	    "Not found (404000)");
}

static void
a_connection_that_is_not_trusted_is_no_refusal(void **state)
{
	static const struct fake_answer answer = {.failure = ERROR_UPSTREAM};

	assert_ends(*state, &answer, 1, ERROR_INVALID,
	    "DPS at https://dps.example/: fake failure");
}

static void
tells_answers_to_a_registration_apart(void **state)
{
	static const struct {
		long status;
		const char *body;
		enum error_code code;
		const char *says;
	} cases[] = {
	    {403, FORBIDDEN,                   ERROR_UPSTREAM,    "Forbidden (403000)"},
	    {401, "<html>",                    ERROR_UNAVAILABLE, "is not DPS"        },
	    {403, "",			  ERROR_UNAVAILABLE, "is not DPS"        },
	    {404, UNAUTHORIZED,                ERROR_UNAVAILABLE, "is not DPS"        },
	    {400, "",			  ERROR_INVALID,     "400"               },
	    {302, "",			  ERROR_INVALID,     "302"               },
	    {200, "<html>",                    ERROR_UNAVAILABLE, "no sense"          },
	    {200, "{\"status\":\"disabled\"}", ERROR_UPSTREAM,    "disabled"          },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct fake_answer answer = {
		    .status = cases[i].status, .body = cases[i].body};

		assert_ends(*state, &answer, 1, cases[i].code, cases[i].says);
	}
}

static void
tells_answers_to_a_poll_apart(void **state)
{
	static const struct {
		long status;
		const char *body;
		enum error_code code;
		const char *says;
	} cases[] = {
	    {401, UNAUTHORIZED,              ERROR_UPSTREAM,    "not accept"},
	    {401, "<html>",                  ERROR_UNAVAILABLE, "is not DPS"},
	    {404, "",			ERROR_UNAVAILABLE, "forgotten" },
	    {200, "{\"status\":\"failed\"}", ERROR_UPSTREAM,    "failed"    },
	    {200, "[]",                      ERROR_UNAVAILABLE, "no sense"  },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct fake_answer answers[] = {
		    {.status = 202,             .body = ASSIGNING    },
		    {.status = cases[i].status, .body = cases[i].body},
		};

		assert_ends(*state, answers, 2, cases[i].code, cases[i].says);
	}
}

static unsigned signatures;

/* Each one is another. */
static enum error_code
sign(const void *context, const void *data, size_t length,
    unsigned char ret_mac[static PROOF_MAC_LENGTH], struct error *err)
{
	(void)context;
	(void)data;
	(void)length;
	(void)err;
	memset(ret_mac, (int)++signatures, PROOF_MAC_LENGTH);
	return ERROR_NONE;
}

static enum error_code
register_by_key(const struct fake_answer *answers, unsigned count,
    const json_t *payload, struct dps_assignment *assignment, struct error *err)
{
	static const struct proof proof = {.sign = sign};
	const struct dps_request request = {
	    .endpoint = "https://dps.example",
	    .scope_id = "0ne1",
	    .registration_id = "dev-1",
	    .proof = &proof,
	    .payload = payload,
	    .deadline_ms = DPS_DEADLINE_MS,
	    .timeout_ms = DPS_TIMEOUT_MS,
	    .wait = fake_wait,
	};

	fake_https_script(answers, count);
	return dps_register(&request, assignment, &not_before, err);
}

static void
signs_each_request_anew(void **state)
{
	static const char resource[] = "sr=0ne1%2Fregistrations%2Fdev-1&sig=";
	static const struct fake_answer answers[] = {
	    {.status = 202, .body = ASSIGNING},
	    {.status = 202, .body = ASSIGNING},
	    {.status = 200, .body = ASSIGNED },
	};
	CLEANUP_DONE(dps_assignment) struct dps_assignment assignment = {0};
	struct error err;

	(void)state;
	assert_int_equal(
	    register_by_key(answers, COUNT(answers), NULL, &assignment, &err),
	    ERROR_NONE);
	for (unsigned i = 0; i < COUNT(answers); i++) {
		const char *signature = fake_https_request(i)->signature;

		assert_false(fake_https_request(i)->has_key);
		assert_memory_equal(signature, resource, strlen(resource));
		assert_non_null(strstr(signature, "&skn=registration"));
	}
	assert_string_not_equal(
	    fake_https_request(0)->signature, fake_https_request(1)->signature);
	assert_string_not_equal(
	    fake_https_request(1)->signature, fake_https_request(2)->signature);
}

static void
sends_the_payload_with_the_registration_alone(void **state)
{
	static const struct fake_answer answers[] = {
	    {.status = 202, .body = ASSIGNING},
	    {.status = 200, .body = ASSIGNED },
	};
	CLEANUP_DONE(dps_assignment) struct dps_assignment assignment = {0};
	CLEANUP(json) json_t *payload = json_pack("{s:[i]}", "site", 7);
	struct error err;

	(void)state;
	assert_int_equal(
	    register_by_key(answers, 2, payload, &assignment, &err),
	    ERROR_NONE);
	assert_string_equal(fake_https_request(0)->body,
	    "{\"registrationId\":\"dev-1\",\"payload\":{\"site\":[7]}}");
	assert_string_equal(fake_https_request(1)->body, "");
}

/* Else a wrong clock could make an assignment void. */
static void
a_signature_that_came_too_late_is_no_refusal(void **state)
{
	const struct {
		int64_t ahead; /* DPS, in seconds */
		enum error_code code;
		const char *says;
	} cases[] = {
	    {0,			    ERROR_UPSTREAM,    "not accept the key of 'dev-1': Unauth"},
	    {PROOF_SIGNATURE_SECONDS / 2,  ERROR_UPSTREAM,    "not accept"                           },
	    {PROOF_SIGNATURE_SECONDS + 60, ERROR_UNAVAILABLE, "clock"                                },
	    {-PROOF_SIGNATURE_SECONDS * 2, ERROR_UPSTREAM,    "not accept"                           },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct fake_answer answer = {.status = 401,
		    .body = UNAUTHORIZED,
		    .date = time_now() + cases[i].ahead};
		struct dps_assignment assignment;
		struct error err = {.message = ""};

		assert_int_equal(
		    register_by_key(&answer, 1, NULL, &assignment, &err),
		    cases[i].code);
		assert_non_null(strstr(err.message, cases[i].says));
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(registers_and_polls_as_dps_asks),
	    cmocka_unit_test(takes_an_assignment_that_comes_at_once),
	    cmocka_unit_test(tries_again_what_may_pass),
	    cmocka_unit_test(waits_as_long_as_a_busy_dps_asks),
	    cmocka_unit_test(says_how_long_dps_wants_to_be_left_alone),
	    cmocka_unit_test(backs_off_longer_each_time_until_the_deadline),
	    cmocka_unit_test(does_not_poll_for_ever),
	    cmocka_unit_test(gives_up_when_the_daemon_ends),
	    cmocka_unit_test(says_why_dps_refuses_a_certificate),
	    cmocka_unit_test(says_that_dps_does_not_know_the_scope),
	    cmocka_unit_test(a_connection_that_is_not_trusted_is_no_refusal),
	    cmocka_unit_test(tells_answers_to_a_registration_apart),
	    cmocka_unit_test(tells_answers_to_a_poll_apart),
	    cmocka_unit_test(signs_each_request_anew),
	    cmocka_unit_test(sends_the_payload_with_the_registration_alone),
	    cmocka_unit_test(a_signature_that_came_too_late_is_no_refusal),
	};

	return cmocka_run_group_tests_name("DPS", tests, setup, teardown);
}
