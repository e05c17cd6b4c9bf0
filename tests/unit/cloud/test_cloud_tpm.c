/* SPDX-License-Identifier: MIT */
/* Which TPM a key is given to, and how long it counts. */
#include "cmocka_wrap.h"

#include <string.h>

#include "cloud_fixture.h"
#include "common/file.h"
#include "tpm_store.h"

#define ENROLLMENT "/enrollments/pump?api-version=2021-10-01"
#define REGISTER                                                               \
	"/" FIXTURE_SCOPE "/registrations/pump/"                               \
	"register?api-version=2019-03-31"

/* The key of a TPM that is not the fixture's. */
static char *
another_key(void)
{
	char *key = string_format("%.*sww==",
	    (int)(strlen(FIXTURE_TPM_KEY) - strlen("wQ==")), FIXTURE_TPM_KEY);

	assert_non_null(key);
	return key;
}

/* In the place of what there is; storage may be NULL. */
static void
enroll(struct cloud *cloud, const char *endorsement, const char *storage)
{
	struct reply reply;

	cloud->options.lenient_etags = true;
	reply = cloud_call(cloud, SURFACE_DPS, "PUT", ENROLLMENT,
	    json_pack("{s:{s:s, s:{s:s, s:s*}}}", "attestation", "type", "tpm",
		"tpm", "endorsementKey", endorsement, "storageRootKey",
		storage),
	    NULL);
	assert_string_equal(reply.reason, "");
	assert_status(&reply, 200);
}

/* As the fixture's TPM asks for its key; it is what this returns. */
static char *
given_key(struct cloud *cloud)
{
	const struct id_text id = {"pump"};
	CLEANUP_DONE(tpm_secret) struct tpm_secret secret = {0};
	struct reply reply = cloud_call_signed(cloud, NULL, "PUT", REGISTER,
	    "{\"tpm\":{\"endorsementKey\":\"" FIXTURE_TPM_KEY
	    "\",\"storageRootKey\":\"" FIXTURE_TPM_KEY "\"}}");
	struct error err;

	assert_string_equal(reply_text(&reply, "keyName"), "registration");
	assert_status(&reply, 401);
	assert_int_equal(
	    tpm_store_get(cloud->database, &id, &secret, &err), ERROR_NONE);
	return TAKE(secret.key);
}

static void
assert_assigned(struct cloud *cloud, const char *key)
{
	struct reply reply = cloud_register_signed(cloud, "pump", key, "{}");

	assert_string_equal(reply.reason, "");
	assert_string_equal(reply_text(&reply, "status"), "assigned");
	assert_status(&reply, 200);
}

static void
assert_no_key_yet(struct cloud *cloud, const char *key)
{
	struct reply reply = cloud_register_signed(cloud, "pump", key, "{}");

	assert_refused(&reply, 401, 401002, "no key yet");
}

static void
forgets_the_key_of_a_tpm_that_was_replaced(void **state)
{
	CLEANUP(string) char *another = another_key();
	CLEANUP(secret) char *key = NULL;

	enroll(*state, FIXTURE_TPM_KEY, NULL);
	key = given_key(*state);
	assert_assigned(*state, key);
	enroll(*state, another, NULL);
	assert_no_key_yet(*state, key);
}

static void
forgets_the_key_of_a_tpm_that_was_cleared(void **state)
{
	CLEANUP(string) char *another = another_key();
	CLEANUP(secret) char *key = NULL;

	enroll(*state, FIXTURE_TPM_KEY, FIXTURE_TPM_KEY);
	key = given_key(*state);
	assert_assigned(*state, key);
	enroll(*state, FIXTURE_TPM_KEY, another);
	assert_no_key_yet(*state, key);
}

static void
forgets_the_key_of_a_tpm_whose_enrollment_was_deleted(void **state)
{
	CLEANUP(string) char *another = another_key();
	CLEANUP(secret) char *key = NULL;
	struct reply reply;

	enroll(*state, FIXTURE_TPM_KEY, NULL);
	key = given_key(*state);
	reply =
	    cloud_call(*state, SURFACE_DPS, "DELETE", ENROLLMENT, NULL, NULL);
	assert_status(&reply, 204);
	enroll(*state, another, NULL);
	assert_no_key_yet(*state, key);
}

static void
keeps_the_key_while_the_tpm_is_the_same(void **state)
{
	CLEANUP(secret) char *key = NULL;

	enroll(*state, FIXTURE_TPM_KEY, NULL);
	key = given_key(*state);
	enroll(*state, FIXTURE_TPM_KEY, FIXTURE_TPM_KEY);
	assert_assigned(*state, key);
}

int
main(void)
{
#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, cloud_setup, cloud_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(forgets_the_key_of_a_tpm_that_was_replaced),
	    TEST(forgets_the_key_of_a_tpm_that_was_cleared),
	    TEST(forgets_the_key_of_a_tpm_whose_enrollment_was_deleted),
	    TEST(keeps_the_key_while_the_tpm_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
