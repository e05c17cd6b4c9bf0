/* SPDX-License-Identifier: MIT */
/* A device that proves itself by the TPM that keyd has. */
#include "cmocka_wrap.h"

#include <string.h>

#include "attestation.h"
#include "common/file.h"
#include "fake_tpm_client.h"
#include "keyd/client.h"

static const struct attestation_settings by_tpm = {.kind = CREDENTIAL_TPM};
static const char *health; /* what keyd says of itself; NULL: nothing */

enum error_code
api_call(struct unix_http *client, const char *method, const char *target,
    const json_t *body, json_t **ret_body, struct error *err)
{
	(void)client;
	(void)body;
	assert_string_equal(method, "GET");
	assert_string_equal(target, "/health?api-version=2026-12-01");
	if (!health)
		return error_set(err, ERROR_UNAVAILABLE, "nobody listens");
	*ret_body = json_pack("{s:s}", "status", health);
	return ERROR_NONE;
}

static int
setup(void **state)
{
	(void)state;
	fake_tpm_client = (struct fake_tpm_client){0};
	health = NULL;
	return 0;
}

static void
obtain(struct credentials *ret_credentials)
{
	struct error err = {.message = ""};

	if (attestation_obtain(&by_tpm, "dev-1", ret_credentials, &err))
		fail_msg("%s", err.message);
}

static void
shows_dps_the_public_keys_of_the_tpm(void **state)
{
	CLEANUP_DONE(credentials) struct credentials credentials = {0};
	struct dps_tpm tpm;

	(void)state;
	obtain(&credentials);
	assert_true(credentials_tpm(&credentials, &tpm));
	assert_string_equal(tpm.endorsement_key, "RUs=");
	assert_string_equal(tpm.storage_root_key, "U1JL");
	assert_int_equal(strlen(credentials.digest), 64);
	assert_null(credentials.key);
	assert_null(credentials.chain);
}

static void
is_another_device_with_another_or_a_cleared_tpm(void **state)
{
	CLEANUP_DONE(credentials) struct credentials before = {0};
	CLEANUP_DONE(credentials) struct credentials same = {0};
	CLEANUP_DONE(credentials) struct credentials after = {0};

	(void)state;
	obtain(&before);
	obtain(&same);
	assert_string_equal(before.digest, same.digest);
	fake_tpm_client.storage = "QU5FVw==";
	obtain(&after);
	assert_string_not_equal(before.digest, after.digest);
}

static void
tells_whether_the_hub_has_given_it_a_key(void **state)
{
	CLEANUP_DONE(credentials) struct credentials without = {0};
	CLEANUP_DONE(credentials) struct credentials with = {0};

	(void)state;
	fake_tpm_client.has_key[TPM_CLIENT_REGISTRATION] = true;
	obtain(&without);
	assert_true(without.lacks_key);
	fake_tpm_client.has_key[TPM_CLIENT_HUB] = true;
	obtain(&with);
	assert_false(with.lacks_key);
}

static void
signs_for_dps_and_the_hub_with_the_key_of_each(void **state)
{
	CLEANUP_DONE(credentials) struct credentials credentials = {0};
	unsigned char mac[PROOF_MAC_LENGTH];
	struct dps_tpm tpm;
	struct proof proof;
	struct error err;

	(void)state;
	obtain(&credentials);
	proof = credentials_proof(&credentials);
	assert_true(credentials_tpm(&credentials, &tpm));
	assert_null(proof.key);
	assert_int_equal(
	    proof.sign(proof.context, "text", 4, mac, &err), ERROR_NOT_FOUND);
	assert_int_equal(tpm.import(tpm.context, "cg==", &err), 0);
	assert_int_equal(tpm.sign(tpm.context, "text", 4, mac, &err), 0);
	assert_int_equal(mac[0], TPM_CLIENT_REGISTRATION);
	assert_int_equal(attestation_take_hub_key("aA==", &err), 0);
	assert_int_equal(proof.sign(proof.context, "text", 4, mac, &err), 0);
	assert_int_equal(mac[0], TPM_CLIENT_HUB);
	assert_int_equal(mac[1], 4);
	assert_string_equal(
	    fake_tpm_client.blob[TPM_CLIENT_REGISTRATION], "cg==");
	assert_string_equal(fake_tpm_client.blob[TPM_CLIENT_HUB], "aA==");
}

/* A keyd that was restarted has forgotten it: that passes. */
static void
begins_anew_when_keyd_has_lost_the_key_for_dps(void **state)
{
	CLEANUP_DONE(credentials) struct credentials credentials = {0};
	unsigned char mac[PROOF_MAC_LENGTH];
	struct dps_tpm tpm;
	struct error err;

	(void)state;
	obtain(&credentials);
	assert_true(credentials_tpm(&credentials, &tpm));
	assert_int_equal(
	    tpm.sign(tpm.context, "text", 4, mac, &err), ERROR_UNAVAILABLE);
	fake_tpm_client.fault = ERROR_DENIED;
	assert_int_equal(
	    tpm.sign(tpm.context, "text", 4, mac, &err), ERROR_DENIED);
}

static void
tells_a_tpm_that_comes_back_from_one_that_must_be_put_right(void **state)
{
	CLEANUP_DONE(credentials) struct credentials none = {0};
	struct error err;

	(void)state;
	fake_tpm_client.fault = ERROR_UNAVAILABLE;
	assert_int_equal(attestation_obtain(&by_tpm, "dev-1", &none, &err),
	    ERROR_UNAVAILABLE);
	assert_string_equal(err.message, "the TPM: tpmd.sock is away");
	health = "degraded";
	assert_int_equal(
	    attestation_obtain(&by_tpm, "dev-1", &none, &err), ERROR_INVALID);
	fake_tpm_client.fault = ERROR_DENIED;
	assert_int_equal(
	    attestation_obtain(&by_tpm, "dev-1", &none, &err), ERROR_DENIED);
}

/* Nobody but the TPM's users can be given the key. */
static void
lends_the_key_to_nobody(void **state)
{
	char *handle = NULL;
	struct error err;

	(void)state;
	assert_int_equal(
	    attestation_handle(&by_tpm, "dev-1", &handle, &err), ERROR_INVALID);
	assert_null(handle);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(shows_dps_the_public_keys_of_the_tpm, setup),
	    cmocka_unit_test_setup(
		is_another_device_with_another_or_a_cleared_tpm, setup),
	    cmocka_unit_test_setup(
		tells_whether_the_hub_has_given_it_a_key, setup),
	    cmocka_unit_test_setup(
		signs_for_dps_and_the_hub_with_the_key_of_each, setup),
	    cmocka_unit_test_setup(
		begins_anew_when_keyd_has_lost_the_key_for_dps, setup),
	    cmocka_unit_test_setup(
		tells_a_tpm_that_comes_back_from_one_that_must_be_put_right,
		setup),
	    cmocka_unit_test_setup(lends_the_key_to_nobody, setup),
	};

	return cmocka_run_group_tests_name(
	    "attestation by TPM", tests, NULL, NULL);
}
