/* SPDX-License-Identifier: MIT */
/* One message to the hub, with daemons and a hub that are a few variables. */
#include "cmocka_wrap.h"

#include <string.h>

#include "certd/client.h"
#include "common/openssl_key.h"
#include "fake_https.h"
#include "fake_tpm_client.h"
#include "keyd/client.h"
#include "pki_fixture.h"
#include "provisiond/client.h"
#include "provisiond/hub.h"

static struct {
	EVP_PKEY *key;
	X509 *certificate;
	const char *auth;
	const char *gateway;
	const char *trust;
} world;

enum error_code
keyd_client_create(
    unsigned timeout_ms, struct unix_http **ret_client, struct error *err)
{
	(void)timeout_ms;
	(void)err;
	*ret_client = NULL;
	return ERROR_NONE;
}

enum error_code
certd_client_create(
    unsigned timeout_ms, struct unix_http **ret_client, struct error *err)
{
	return keyd_client_create(timeout_ms, ret_client, err);
}

enum error_code
provisiond_client_create(
    unsigned timeout_ms, struct unix_http **ret_client, struct error *err)
{
	return keyd_client_create(timeout_ms, ret_client, err);
}

void
unix_http_free(struct unix_http *client)
{
	(void)client;
}

enum error_code
provisiond_get_device_identity(
    struct unix_http *client, json_t **ret_identity, struct error *err)
{
	(void)client;
	(void)err;
	*ret_identity = json_pack("{s:s, s:{s:s, s:s, s:s, s:{s:s, s:s, s:s}}}",
	    "type", "aziot", "spec", "hubName", "hub.example:8444",
	    "gatewayHost", world.gateway, "deviceId", "dev#1", "auth", "type",
	    world.auth, "keyHandle", "the handle", "certId", "device-id");
	return ERROR_NONE;
}

enum error_code
provisiond_get_provisioning(
    struct unix_http *client, json_t **ret_provisioning, struct error *err)
{
	(void)client;
	(void)err;
	*ret_provisioning =
	    json_pack("{s:s?}", "trust_bundle_cert", world.trust);
	return ERROR_NONE;
}

enum error_code
keyd_handle_key_id(const char *handle, char **ret_id, struct error *err)
{
	(void)err;
	assert_string_equal(handle, "the handle");
	*ret_id = strdup("mine");
	return ERROR_NONE;
}

enum error_code
openssl_key_load(const char *key_id, EVP_PKEY **ret_key, struct error *err)
{
	(void)err;
	assert_string_equal(key_id, "mine");
	assert_int_equal(EVP_PKEY_up_ref(world.key), 1);
	*ret_key = world.key;
	return ERROR_NONE;
}

enum error_code
certd_get(
    struct unix_http *client, const char *id, char **ret_pem, struct error *err)
{
	(void)client;
	(void)err;
	assert_string_equal(id, "device-id");
	*ret_pem = fixture_pem(world.certificate);
	return ERROR_NONE;
}

enum error_code
keyd_hmac(struct unix_http *client, const char *handle, const void *data,
    size_t length, unsigned char ret_mac[static KEYD_HMAC_LENGTH],
    struct error *err)
{
	(void)client;
	(void)data;
	(void)length;
	(void)err;
	assert_string_equal(handle, "the handle");
	memset(ret_mac, 0, KEYD_HMAC_LENGTH);
	return ERROR_NONE;
}

static int
setup(void **state)
{
	(void)state;
	world.key = fixture_key("P-256");
	world.certificate = fixture_ca(world.key, "dev", FIXTURE_NOW);
	world.auth = "x509";
	world.gateway = "hub.example:8444";
	world.trust = NULL;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(world.key);
	X509_free(world.certificate);
	return 0;
}

static void
posts_the_message_to_the_hub(void **state)
{
	static const struct fake_answer answer = {.status = 204};
	struct error err = {.message = ""};

	(void)state;
	world.trust = "file:///etc/a%20root.pem";
	fake_https_script(&answer, 1);
	if (hub_send_message("hello", 5, &err))
		fail_msg("%s", err.message);
	assert_string_equal(fake_https_request(0)->method, "POST");
	assert_string_equal(fake_https_request(0)->url,
	    "https://hub.example:8444/devices/dev%231/messages/events"
	    "?api-version=2021-04-12");
	assert_string_equal(fake_https_request(0)->body, "hello");
	assert_string_equal(fake_https_request(0)->ca_file, "/etc/a root.pem");
}

/* A signature is for the device, by the key that is at hand. */
static void
assert_signed_as(const char *auth, const char *signature)
{
	static const struct fake_answer answer = {.status = 204};
	struct error err = {.message = ""};

	world.auth = auth;
	fake_https_script(&answer, 1);
	if (hub_send_message("m", 1, &err))
		fail_msg("%s", err.message);
	assert_false(fake_https_request(0)->has_key);
	assert_int_equal(strncmp(fake_https_request(0)->signature, signature,
			     strlen(signature)),
	    0);
}

static void
signs_with_a_symmetric_key_or_in_the_tpm(void **state)
{
	(void)state;
	assert_signed_as(
	    "sas", "sr=hub.example%3A8444%2Fdevices%2Fdev%231&sig=AAAA");
	fake_tpm_client.has_key[TPM_CLIENT_HUB] = true;
	assert_signed_as(
	    "tpm", "sr=hub.example%3A8444%2Fdevices%2Fdev%231&sig=ADExMTEx");
}

/* Who is asked passes it on: it is the hub that is to believe it. */
static void
sends_to_the_parent_what_is_signed_for_the_hub(void **state)
{
	(void)state;
	world.gateway = "parent.example";
	assert_signed_as(
	    "sas", "sr=hub.example%3A8444%2Fdevices%2Fdev%231&sig=AAAA");
	assert_string_equal(fake_https_request(0)->url,
	    "https://parent.example/devices/dev%231/messages/events"
	    "?api-version=2021-04-12");
}

static void
tells_refusals_from_a_hub_that_is_busy(void **state)
{
	static const struct {
		struct fake_answer answer;
		enum error_code code;
		const char *says;
	} cases[] = {
	    {{.status = 401},            ERROR_UPSTREAM,    "does not accept device"},
	    {{.status = 404},            ERROR_UPSTREAM,    "'dev#1'"               },
	    {{.status = 413},            ERROR_UPSTREAM,    "refuses the message"   },
	    {{.status = 429},            ERROR_UNAVAILABLE, "try again later"       },
	    {{.status = 503},            ERROR_UNAVAILABLE, "try again later"       },
	    {{.failure = ERROR_TIMEOUT}, ERROR_TIMEOUT,     "hub 'hub.example"      },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err = {.code = ERROR_NONE};

		fake_https_script(&cases[i].answer, 1);
		assert_int_equal(hub_send_message("m", 1, &err), cases[i].code);
		print_message("%s\n", err.message);
		assert_non_null(strstr(err.message, cases[i].says));
	}
}

static void
sends_nothing_that_cannot_be_sent(void **state)
{
	static const struct fake_answer answer = {.status = 204};
	static char message[HUB_MESSAGE_MAX + 1];
	struct error err;

	(void)state;
	fake_https_script(&answer, 1);
	assert_int_equal(
	    hub_send_message(message, sizeof(message), &err), ERROR_INVALID);
	world.auth = "magic";
	assert_int_equal(hub_send_message("m", 1, &err), ERROR_INVALID);
	assert_int_equal(fake_https_count(), 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(posts_the_message_to_the_hub),
	    TEST(signs_with_a_symmetric_key_or_in_the_tpm),
	    TEST(sends_to_the_parent_what_is_signed_for_the_hub),
	    TEST(tells_refusals_from_a_hub_that_is_busy),
	    TEST(sends_nothing_that_cannot_be_sent),
	};

	return cmocka_run_group_tests_name("hub", tests, NULL, NULL);
}
