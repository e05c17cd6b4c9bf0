/* SPDX-License-Identifier: MIT */
/* A device that proves itself with a symmetric key, with a keyd of our own. */
#include "cmocka_wrap.h"

#include <openssl/hmac.h>
#include <string.h>

#include "attestation.h"
#include "common/file.h"
#include "keyd/client.h"

static enum error_code keyd; /* how all its calls end */

enum error_code
keyd_client_create(
    unsigned timeout_ms, struct unix_http **ret_client, struct error *err)
{
	(void)timeout_ms;
	(void)err;
	*ret_client = NULL;
	return ERROR_NONE;
}

/* Nobody says that it is degraded. */
enum error_code
api_call(struct unix_http *client, const char *method, const char *target,
    const json_t *body, json_t **ret_body, struct error *err)
{
	(void)client;
	(void)method;
	(void)body;
	(void)ret_body;
	return error_set(err, ERROR_UNAVAILABLE, "%s: nobody listens", target);
}

/* There is no certificate here. */
enum error_code
keyd_create_key_pair(struct unix_http *client, const char *id,
    const char *preferred, char **ret_handle, struct error *err)
{
	(void)client;
	(void)preferred;
	(void)ret_handle;
	return error_set(err, ERROR_INTERNAL, "no pair '%s'", id);
}

/* keyd's symmetric keys: handles say how they came about. */
enum error_code
keyd_load_key(struct unix_http *client, const char *id, char **ret_handle,
    struct error *err)
{
	(void)client;
	if (keyd)
		return error_set(err, keyd, "keyd is away");
	if (strcmp(id, "absent") == 0)
		return error_set(err, ERROR_NOT_FOUND, "no such key");
	*ret_handle = string_format("key(%s)", id);
	return ERROR_NONE;
}

enum error_code
keyd_derive(struct unix_http *client, const char *handle, const void *data,
    size_t length, char **ret_handle, struct error *err)
{
	(void)client;
	(void)err;
	*ret_handle = string_format(
	    "derived(%s,%.*s)", handle, (int)length, (const char *)data);
	return ERROR_NONE;
}

enum error_code
keyd_hmac(struct unix_http *client, const char *handle, const void *data,
    size_t length, unsigned char ret_mac[static KEYD_HMAC_LENGTH],
    struct error *err)
{
	unsigned mac_length;

	(void)client;
	if (keyd)
		return error_set(err, keyd, "keyd is away");
	assert_non_null(HMAC(EVP_sha256(), handle, (int)strlen(handle), data,
	    length, ret_mac, &mac_length));
	return ERROR_NONE;
}

enum error_code
keyd_load_key_pair(struct unix_http *client, const char *id, char **ret_handle,
    struct error *err)
{
	(void)client;
	(void)err;
	*ret_handle = string_format("pair(%s)", id);
	return ERROR_NONE;
}

static int
setup(void **state)
{
	(void)state;
	keyd = ERROR_NONE;
	return 0;
}

static char key_id[] = "factory", group_id[] = "plant", absent[] = "absent";

static enum error_code
obtain_key(const char *key, const char *group, const char *name,
    struct credentials *credentials, struct error *err)
{
	const struct attestation_settings attestation = {
	    .kind = CREDENTIAL_SYMMETRIC_KEY,
	    .symmetric_key = (char *)(uintptr_t)key,
	    .group_key = (char *)(uintptr_t)group};

	return attestation_obtain(&attestation, name, credentials, err);
}

static void
proves_itself_with_a_key_of_keyd(void **state)
{
	CLEANUP_DONE(credentials) struct credentials credentials = {0};
	unsigned char mac[PROOF_MAC_LENGTH], expected[PROOF_MAC_LENGTH];
	unsigned length;
	struct proof proof;
	struct error err;

	(void)state;
	assert_int_equal(
	    obtain_key(key_id, NULL, "Dev-1", &credentials, &err), ERROR_NONE);
	assert_string_equal(credentials.handle, "key(factory)");
	proof = credentials_proof(&credentials);
	assert_null(proof.key);
	assert_int_equal(
	    proof.sign(proof.context, "text", 4, mac, &err), ERROR_NONE);
	assert_non_null(HMAC(EVP_sha256(), "key(factory)", 12,
	    (const unsigned char *)"text", 4, expected, &length));
	assert_memory_equal(mac, expected, PROOF_MAC_LENGTH);
}

static void
derives_the_key_of_a_group_from_the_name_in_lower_case(void **state)
{
	CLEANUP_DONE(credentials) struct credentials credentials = {0};
	struct error err;

	(void)state;
	assert_int_equal(
	    obtain_key(NULL, group_id, "Dev-1", &credentials, &err),
	    ERROR_NONE);
	assert_string_equal(credentials.handle, "derived(key(plant),dev-1)");
}

static void
tells_one_key_from_another(void **state)
{
	CLEANUP_DONE(credentials) struct credentials one = {0};
	CLEANUP_DONE(credentials) struct credentials again = {0};
	CLEANUP_DONE(credentials) struct credentials other = {0};
	struct error err;

	(void)state;
	assert_int_equal(
	    obtain_key(key_id, NULL, "dev-1", &one, &err), ERROR_NONE);
	assert_int_equal(
	    obtain_key(key_id, NULL, "dev-1", &again, &err), ERROR_NONE);
	assert_int_equal(
	    obtain_key(group_id, NULL, "dev-1", &other, &err), ERROR_NONE);
	assert_string_equal(one.digest, again.digest);
	assert_string_not_equal(one.digest, other.digest);
}

static void
says_which_key_is_missing(void **state)
{
	struct credentials credentials;
	struct error err;

	(void)state;
	assert_int_equal(obtain_key(absent, NULL, "dev-1", &credentials, &err),
	    ERROR_NOT_FOUND);
	assert_string_equal(err.message, "symmetric key 'absent': no such key");
	assert_int_equal(obtain_key(NULL, absent, "dev-1", &credentials, &err),
	    ERROR_NOT_FOUND);
	assert_string_equal(err.message, "group_key 'absent': no such key");
	keyd = ERROR_UNAVAILABLE;
	assert_int_equal(obtain_key(key_id, NULL, "dev-1", &credentials, &err),
	    ERROR_UNAVAILABLE);
}

static void
hands_out_a_handle_of_each_kind(void **state)
{
	static const struct {
		struct attestation_settings attestation;
		const char *handle;
	} cases[] = {
	    {{.kind = CREDENTIAL_X509, .identity_pk = key_id},            "pair(factory)"},
	    {{.kind = CREDENTIAL_SYMMETRIC_KEY, .symmetric_key = key_id},
             "key(factory)"							      },
	    {{.kind = CREDENTIAL_SYMMETRIC_KEY, .group_key = group_id},
             "derived(key(plant),d)"						     },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(string) char *handle = NULL;
		struct error err;

		assert_int_equal(attestation_handle(
				     &cases[i].attestation, "D", &handle, &err),
		    ERROR_NONE);
		assert_string_equal(handle, cases[i].handle);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(proves_itself_with_a_key_of_keyd, setup),
	    cmocka_unit_test_setup(
		derives_the_key_of_a_group_from_the_name_in_lower_case, setup),
	    cmocka_unit_test_setup(tells_one_key_from_another, setup),
	    cmocka_unit_test_setup(says_which_key_is_missing, setup),
	    cmocka_unit_test_setup(hands_out_a_handle_of_each_kind, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
