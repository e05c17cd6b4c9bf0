/* SPDX-License-Identifier: MIT */
/* A TPM registers with DPS, over a network and a clock that do as told. */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>

#include "dps.h"
#include "fake_https.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ASSIGNING "{\"operationId\":\"5.a b\",\"status\":\"assigning\"}"
#define ASSIGNED                                                               \
	"{\"status\":\"assigned\",\"registrationState\":{"                     \
	"\"assignedHub\":\"hub.example\",\"deviceId\":\"dev-1\"}}"
#define UNAUTHORIZED "{\"errorCode\":401002,\"message\":\"Unauthorized\"}"

#define CHALLENGE                                                              \
	"{\"message\":\"Authorization "                                        \
	"required\",\"keyName\":\"registration\","                             \
	"\"authenticationKey\":\"Y2hhbGxlbmdl\"}"
#define ASSIGNED_WITH_KEY                                                      \
	"{\"status\":\"assigned\",\"registrationState\":{"                     \
	"\"assignedHub\":\"hub.example\",\"deviceId\":\"dev-1\","              \
	"\"tpm\":{\"authenticationKey\":\"aHViIGtleQ==\"}}}"

/* A TPM that notes what it is given. */
static struct fake_tpm {
	enum error_code fault;
	char registration[32];
} tpm;

static enum error_code
take_key(const void *context, const char *blob, struct error *err)
{
	assert_ptr_equal(context, &tpm);
	if (tpm.fault)
		return error_set(err, tpm.fault, "not for this TPM");
	(void)snprintf(tpm.registration, sizeof(tpm.registration), "%s", blob);
	return ERROR_NONE;
}

static enum error_code
sign_in_tpm(const void *context, const void *data, size_t length,
    unsigned char ret_mac[static PROOF_MAC_LENGTH], struct error *err)
{
	(void)data;
	(void)length;
	(void)err;
	assert_ptr_equal(context, &tpm);
	assert_string_equal(tpm.registration, "Y2hhbGxlbmdl");
	memset(ret_mac, 7, PROOF_MAC_LENGTH);
	return ERROR_NONE;
}

static enum error_code
register_tpm(const struct fake_answer *answers, unsigned count,
    struct dps_assignment *assignment, struct error *err)
{
	const struct dps_tpm device = {
	    .endorsement_key = "RUs=",
	    .storage_root_key = "U1JL",
	    .import = take_key,
	    .sign = sign_in_tpm,
	    .context = &tpm,
	};
	const struct dps_request request = {
	    .endpoint = "https://dps.example",
	    .scope_id = "0ne1",
	    .registration_id = "dev-1",
	    .tpm = &device,
	    .timeout_ms = DPS_TIMEOUT_MS,
	    .deadline_ms = DPS_DEADLINE_MS,
	    .wait = fake_wait,
	};

	int64_t not_before;

	fake_https_script(answers, count);
	return dps_register(&request, assignment, &not_before, err);
}

static void
assert_tpm_refused(const struct fake_answer *answers, unsigned count,
    enum error_code code, const char *part)
{
	CLEANUP_DONE(dps_assignment) struct dps_assignment assignment = {0};
	struct error err = {.message = ""};

	assert_int_equal(register_tpm(answers, count, &assignment, &err), code);
	if (!strstr(err.message, part))
		fail_msg("'%s' is not in '%s'", part, err.message);
	assert_null(assignment.tpm_key);
}

static int
setup_tpm(void **state)
{
	(void)state;
	tpm = (struct fake_tpm){0};
	return 0;
}

static void
answers_the_challenge_to_a_tpm(void **state)
{
	static const struct fake_answer answers[] = {
	    {.status = 401, .body = CHALLENGE        },
	    {.status = 202, .body = ASSIGNING        },
	    {.status = 200, .body = ASSIGNED_WITH_KEY},
	};
	CLEANUP_DONE(dps_assignment) struct dps_assignment assignment = {0};
	struct error err = {.message = ""};

	(void)state;
	if (register_tpm(answers, COUNT(answers), &assignment, &err))
		fail_msg("%s", err.message);
	assert_string_equal(assignment.hub, "hub.example");
	assert_string_equal(assignment.tpm_key, "aHViIGtleQ==");
	assert_int_equal(fake_https_count(), 3);
	assert_string_equal(fake_https_request(0)->signature, "");
	for (unsigned i = 0; i < 2; i++) {
		assert_string_equal(fake_https_request(i)->method, "PUT");
		assert_string_equal(fake_https_request(i)->body,
		    "{\"registrationId\":\"dev-1\",\"tpm\":{"
		    "\"endorsementKey\":\"RUs=\","
		    "\"storageRootKey\":\"U1JL\"}}");
	}
	for (unsigned i = 1; i < 3; i++) {
		assert_non_null(strstr(fake_https_request(i)->signature,
		    "sr=0ne1%2Fregistrations%2Fdev-1&sig=BwcHBwcH"));
		assert_non_null(strstr(
		    fake_https_request(i)->signature, "&skn=registration"));
	}
}

static void
takes_the_key_of_the_challenge_if_there_is_no_other(void **state)
{
	static const struct fake_answer answers[] = {
	    {.status = 401, .body = CHALLENGE},
	    {.status = 200, .body = ASSIGNED },
	};
	CLEANUP_DONE(dps_assignment) struct dps_assignment assignment = {0};
	struct error err;

	(void)state;
	assert_int_equal(
	    register_tpm(answers, COUNT(answers), &assignment, &err), 0);
	assert_string_equal(assignment.tpm_key, "Y2hhbGxlbmdl");
}

static void
tells_a_challenge_to_a_tpm_from_a_refusal(void **state)
{
	static const struct fake_answer refusal = {
	    .status = 401, .body = UNAUTHORIZED};
	static const struct fake_answer second[] = {
	    {.status = 401, .body = CHALLENGE   },
	    {.status = 401, .body = UNAUTHORIZED},
	};
	static const struct fake_answer garbage[] = {
	    {.status = 401, .body = "<html>"                   },
	    {.status = 401, .body = "{\"authenticationKey\":7}"},
	    {.status = 401, .body = "[]"                       },
	    {.status = 404, .body = "<html>"                   },
	};
	static const struct fake_answer unproved = {
	    .status = 202, .body = ASSIGNING};

	(void)state;
	assert_tpm_refused(&refusal, 1, ERROR_UPSTREAM, "the TPM of 'dev-1'");
	assert_tpm_refused(second, 2, ERROR_UPSTREAM, "the TPM of 'dev-1'");
	for (size_t i = 0; i < COUNT(garbage); i++)
		assert_tpm_refused(
		    &garbage[i], 1, ERROR_UNAVAILABLE, "is not DPS");
	assert_tpm_refused(
	    &unproved, 1, ERROR_UNAVAILABLE, "sends no key for the TPM");
}

static void
says_when_the_key_is_for_another_tpm(void **state)
{
	static const struct fake_answer answers[] = {
	    {.status = 401, .body = CHALLENGE},
	};

	(void)state;
	tpm.fault = ERROR_INVALID;
	assert_tpm_refused(answers, 1, ERROR_INVALID,
	    "the key that DPS sent for the TPM: not for this TPM");
	assert_int_equal(fake_https_count(), 1);
}

/* Which may be another key each time. */
static void
takes_the_challenge_that_came_after_a_fault(void **state)
{
	static const struct fake_answer answers[] = {
	    {.status = 503     },
	    {	     .status = 401, .body = CHALLENGE},
	    {	     .failure = ERROR_UNAVAILABLE                 },
	    { .status = 200,                  .body = ASSIGNED_WITH_KEY},
	};
	CLEANUP_DONE(dps_assignment) struct dps_assignment assignment = {0};
	struct error err;

	(void)state;
	assert_int_equal(
	    register_tpm(answers, COUNT(answers), &assignment, &err), 0);
	assert_string_equal(assignment.tpm_key, "aHViIGtleQ==");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(answers_the_challenge_to_a_tpm, setup_tpm),
	    cmocka_unit_test_setup(
		takes_the_key_of_the_challenge_if_there_is_no_other, setup_tpm),
	    cmocka_unit_test_setup(
		tells_a_challenge_to_a_tpm_from_a_refusal, setup_tpm),
	    cmocka_unit_test_setup(
		says_when_the_key_is_for_another_tpm, setup_tpm),
	    cmocka_unit_test_setup(
		takes_the_challenge_that_came_after_a_fault, setup_tpm),
	};

	return cmocka_run_group_tests_name("dps tpm", tests, NULL, NULL);
}
