/* SPDX-License-Identifier: MIT */
/* What is found of a certificate when another one changes. */
#include "cmocka_wrap.h"

#include <string.h>

#include "certd_world.h"
#include "common/file.h"
#include "common/time.h"
#include "engine_world.h"

#define LEFT_BEHIND "not of CA 'local-ca' as that is now"

static bool
finds(const char *id, const char *part)
{
	CLEANUP(string)
	char *target = string_format("/certificates/%s" OURS, id);
	CLEANUP(json) json_t *body = certd_get(target);
	const json_t *findings = json_object_get(body, "findings");

	for (size_t i = 0; i < json_array_size(findings); i++)
		if (strstr(
			json_string_value(json_array_get(findings, i)), part))
			return true;
	return false;
}

static void
put_ca(EVP_PKEY *key)
{
	CLEANUP(x509) X509 *ca = certd_world_ca(key);
	CLEANUP(string) char *pem = fixture_pem(ca);

	certd_world_write("ca.pem", pem);
}

static void
finds_what_a_ca_with_a_new_key_has_left_behind(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");

	(void)state;
	certd_issue_device_id();
	assert_false(finds("device-id", LEFT_BEHIND));
	put_ca(key);
	fake_keys_reset();
	fake_keys_add("ca-key", key);
	assert_true(finds("device-id", LEFT_BEHIND));
	assert_false(finds("local-ca", LEFT_BEHIND));
	certd_issue_device_id();
	assert_false(finds("device-id", LEFT_BEHIND));
}

static void
renew(const char *id)
{
	CLEANUP(string)
	char *target = string_format("/certificates/%s/renew" OURS, id);

	free(certd_pem_of(WRITER, "POST", target, NULL, 200));
}

/* The CA between has its own key still, and the leaf is of that. */
static void
finds_it_below_a_ca_that_is_left_behind(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");

	(void)state;
	certd_world_configure(
	    "preloaded_certs: {local-ca: 'file://%s/ca.pem'}\n"
	    "cert_issuance:\n"
	    "  local_ca: {cert: local-ca, pk: ca-key}\n"
	    "  certs:\n"
	    "    sub: {method: local_ca, profile: ca, common_name: sub}\n"
	    "    low: {method: local_ca, common_name: low,\n"
	    "          issuer: {cert: sub, pk: sub}}\n"
	    "principals: [{user: '1234', certs: ['*']}]\n");
	fake_keys_add("sub", world.key);
	fake_keys_add("low", world.key);
	renew("sub");
	renew("low");
	assert_false(finds("sub", LEFT_BEHIND));
	assert_false(finds("low", "not of CA"));
	put_ca(key);
	fake_keys_reset();
	fake_keys_add("ca-key", key);
	fake_keys_add("sub", world.key);
	fake_keys_add("low", world.key);
	assert_true(finds("sub", LEFT_BEHIND));
	assert_true(
	    finds("low", "CA 'sub', as its chain has it, is " LEFT_BEHIND));
	renew("sub");
	assert_false(finds("sub", LEFT_BEHIND));
	assert_true(finds("low", LEFT_BEHIND));
	renew("low");
	assert_false(finds("low", "not of CA"));
}

static void
finds_nothing_in_a_ca_that_was_renewed_with_its_key(void **state)
{
	(void)state;
	certd_issue_device_id();
	put_ca(world.ca_key);
	assert_false(finds("device-id", LEFT_BEHIND));
}

/* Somebody has put another key where the certificate's was. */
static void
finds_a_certificate_whose_key_is_another(void **state)
{
	CLEANUP(pkey) EVP_PKEY *other = fixture_key("P-256");

	(void)state;
	certd_issue_device_id();
	fake_keys_add("device-id", world.key);
	assert_false(finds("device-id", "is not for key"));
	fake_keys_reset();
	fake_keys_add("device-id", other);
	assert_true(finds("device-id", "is not for key 'device-id'"));
	fake_keys_unplug();
	assert_false(finds("device-id", "is not for key"));
}

#define NO_KEY "keyd does not have its key"

static void
assert_healthy(const char *part)
{
	CLEANUP(json) json_t *body = certd_get("/health" OURS);
	const char *message = certd_text_of(body, "message");

	print_message("%s\n", message);
	if (!part)
		assert_string_equal(message, "");
	else
		assert_non_null(strstr(message, part));
}

/* That of a program is where the program has it. */
static void
finds_what_certd_works_with_without_its_key(void **state)
{
	(void)state;
	certd_issue_device_id();
	assert_false(finds("device-id", NO_KEY));
	assert_false(finds("local-ca", NO_KEY));
	assert_healthy(NULL);
	fake_keys_reset();
	assert_false(finds("device-id", NO_KEY));
	assert_true(finds("local-ca", NO_KEY " 'ca-key'"));
	assert_healthy("certificate 'local-ca': " NO_KEY " 'ca-key'");
	/* One that cannot be asked has lost nothing. */
	fake_keys_unplug();
	assert_false(finds("local-ca", NO_KEY));
	assert_healthy(NULL);
}

static json_t *
self_signed(bool is_ca)
{
	CLEANUP(x509_name) X509_NAME *name = fixture_name("self");
	struct certificate_plan plan = {.subject = name,
	    .public_key = world.key,
	    .not_before = time_now() - FIXTURE_DAY,
	    .not_after = time_now() + FIXTURE_DAY,
	    .is_ca = is_ca,
	    .path_length = CERTIFICATE_NO_PATH_LENGTH,
	    .for_client = !is_ca};
	CLEANUP(x509) X509 *certificate = NULL;
	struct error err;

	assert_int_equal(
	    certificate_create(&plan, world.key, &certificate, &err),
	    ERROR_NONE);
	return certd_import_body(certificate);
}

/* By which EST is asked: that is broken; would be again: that works still. */
static void
finds_identities_and_own_keys_that_are_gone(void **state)
{
	static const char *const ids[] = {"est-id", "birth", "own", "other"};

	(void)state;
	certd_world_configure(
	    "cert_issuance:\n"
	    "  est: {url: 'https://localhost/.well-known/est',\n"
	    "        trusted_certs: [other],\n"
	    "        identity_cert: est-id, identity_pk: est-key,\n"
	    "        bootstrap_identity_cert: birth,\n"
	    "        bootstrap_identity_pk: birth-key}\n"
	    "  certs:\n"
	    "    web: {method: est}\n"
	    "    own: {method: self_signed, profile: ca, pk: own-key}\n"
	    "principals: [{user: '1234', certs: ['*']}]\n");
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		CLEANUP(string)
		char *target = string_format("/certificates/%s" OURS, ids[i]);

		free(certd_pem_of(
		    WRITER, "PUT", target, self_signed(i >= 2), 201));
	}
	assert_true(finds("est-id", NO_KEY " 'est-key'"));
	assert_true(finds("birth", NO_KEY " 'birth-key'"));
	assert_true(finds("own", NO_KEY " 'own-key'"));
	assert_false(finds("other", NO_KEY));
	assert_healthy("'est-id': " NO_KEY);
	fake_keys_add("est-key", world.key);
	assert_healthy("'own': " NO_KEY);
	fake_keys_add("own-key", world.key);
	assert_healthy("'birth': " NO_KEY);
	fake_keys_add("birth-key", world.key);
	assert_healthy(NULL);
}

/* What the engine takes for lost is ERROR_INVALID. */
static enum error_code
check_pair(bool is_identity)
{
	struct engine_world engine = {.certs = world.certs};
	struct renewal_world renewals = engine_world(&engine);
	CLEANUP(string) char *id = strdup("device-id");
	struct managed managed = {.id = id,
	    .policy = certs_policy(world.certs, "device-id"),
	    .create = is_identity};
	struct error err;

	return renewals.check_pair(renewals.context, &managed, &err);
}

static void
takes_no_key_for_lost_that_cannot_be_read(void **state)
{
	CLEANUP(pkey) EVP_PKEY *other = fixture_key("P-256");

	(void)state;
	certd_issue_device_id();
	fake_keys_reset();
	assert_int_equal(check_pair(true), ERROR_INVALID);
	assert_int_equal(check_pair(false), ERROR_NONE);
	fake_keys_add("device-id", other);
	assert_int_equal(check_pair(true), ERROR_INVALID);
	assert_int_equal(check_pair(false), ERROR_INVALID);
	fake_keys_break();
	assert_int_equal(check_pair(true), ERROR_UNAVAILABLE);
	assert_int_equal(check_pair(false), ERROR_UNAVAILABLE);
	fake_keys_reset();
	fake_keys_unplug();
	assert_int_equal(check_pair(true), ERROR_UNAVAILABLE);
	assert_int_equal(check_pair(false), ERROR_UNAVAILABLE);
}

static char noted[ERROR_MESSAGE_MAX];

static void
note(void *context, const char *id, const char *text)
{
	(void)context;
	assert_string_equal(id, "device-id");
	(void)snprintf(noted, sizeof(noted), "%s", text);
}

/* The CA ends tomorrow, and nobody has said how long it is to be good. */
static void
says_that_a_certificate_ends_with_its_issuer(void **state)
{
	static const struct certs_watcher watcher = {.noted = note};

	(void)state;
	*noted = '\0';
	certs_watch(world.certs, &watcher);
	certd_issue_device_id();
	assert_non_null(strstr(noted, "ends with its issuer"));
	assert_true(finds("device-id", "ends with CA 'local-ca'"));
	*noted = '\0';
	fake_keys_add("device-id", world.key);
	free(certd_pem_of(
	    WRITER, "POST", "/certificates/device-id/renew" OURS, NULL, 200));
	assert_non_null(strstr(noted, "ends with its issuer"));
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(                                       \
	    name, certd_world_create, certd_world_remove)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(finds_what_a_ca_with_a_new_key_has_left_behind),
	    TEST(says_that_a_certificate_ends_with_its_issuer),
	    TEST(finds_a_certificate_whose_key_is_another),
	    TEST(finds_what_certd_works_with_without_its_key),
	    TEST(takes_no_key_for_lost_that_cannot_be_read),
	    TEST(finds_identities_and_own_keys_that_are_gone),
	    TEST(finds_it_below_a_ca_that_is_left_behind),
	    TEST(finds_nothing_in_a_ca_that_was_renewed_with_its_key),
	};

	return cmocka_run_group_tests_name("certd findings", tests, NULL, NULL);
}
