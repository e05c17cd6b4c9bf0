/* SPDX-License-Identifier: MIT */
/*
 * Getting and making the device's credentials, with a keyd and a certd that
 * are a few variables.
 */
#include "cmocka_wrap.h"

#include <string.h>

#include "attestation.h"
#include "certd/client.h"
#include "common/file.h"
#include "common/openssl_key.h"
#include "common/public_key.h"
#include "common/time.h"
#include "keyd/client.h"
#include "pki_fixture.h"

static struct {
	EVP_PKEY *key;               /* "device-id" of keyd, or NULL */
	char *pem;                   /* "device-id" of certd, or NULL */
	enum error_code keyd, certd; /* how all their calls end */
	const char *health;          /* what both say; NULL: nothing */
	bool passing;                /* and that it may end by itself */
	unsigned keys_made, issued;
	EVP_PKEY *ca_key;
	X509 *ca;
	bool asks_est; /* for the certificate, instead of the local CA */
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

void
unix_http_free(struct unix_http *client)
{
	(void)client;
}

enum error_code
api_call(struct unix_http *client, const char *method, const char *target,
    const json_t *body, json_t **ret_body, struct error *err)
{
	(void)client;
	(void)body;
	assert_string_equal(method, "GET");
	assert_string_equal(target, "/health?api-version=2026-12-01");
	if (!world.health)
		return error_set(err, ERROR_UNAVAILABLE, "nobody listens");
	*ret_body = json_pack(
	    "{s:s, s:b}", "status", world.health, "passing", world.passing);
	return ERROR_NONE;
}

enum error_code
keyd_create_key_pair(struct unix_http *client, const char *id,
    const char *preferred, char **ret_handle, struct error *err)
{
	(void)client;
	assert_string_equal(id, "device-id");
	assert_string_equal(preferred, "ec-p256:rsa-2048:*");
	if (world.keyd)
		return error_set(err, world.keyd, "keyd is away");
	if (!world.key) {
		world.key = fixture_key("P-256");
		world.keys_made++;
	}
	*ret_handle = strdup("handle");
	return ERROR_NONE;
}

enum error_code
openssl_key_load(const char *key_id, EVP_PKEY **ret_key, struct error *err)
{
	assert_string_equal(key_id, "device-id");
	if (world.keyd)
		return error_set(err, world.keyd, "keyd is away");
	if (!world.key)
		return error_set(err, ERROR_NOT_FOUND, "no such key");
	assert_int_equal(EVP_PKEY_up_ref(world.key), 1);
	*ret_key = world.key;
	return ERROR_NONE;
}

enum error_code
certd_get(
    struct unix_http *client, const char *id, char **ret_pem, struct error *err)
{
	(void)client;
	assert_string_equal(id, "device-id");
	if (world.certd)
		return error_set(err, world.certd, "certd is away");
	if (!world.pem)
		return error_set(err, ERROR_NOT_FOUND, "no such certificate");
	*ret_pem = strdup(world.pem);
	return ERROR_NONE;
}

/* A certificate for key, whose life is told in days from now. */
static char *
make_life(EVP_PKEY *key, const char *common_name, int from, int until)
{
	CLEANUP(x509_name) X509_NAME *subject = fixture_name(common_name);
	const int64_t now = time_now();
	const struct certificate_plan plan = {.subject = subject,
	    .public_key = key,
	    .issuer = world.ca,
	    .not_before = now + from * FIXTURE_DAY,
	    .not_after = now + until * FIXTURE_DAY};
	CLEANUP(x509) X509 *certificate = NULL;
	struct error err;

	assert_int_equal(
	    certificate_create(&plan, world.ca_key, &certificate, &err),
	    ERROR_NONE);
	return fixture_pem(certificate);
}

/* One that is valid now, or no longer. */
static char *
make_certificate(EVP_PKEY *key, const char *common_name, bool expired)
{
	return make_life(key, common_name, -2, expired ? -1 : 1);
}

enum error_code
certd_create(struct unix_http *client, const char *id, const char *csr_pem,
    char **ret_pem, struct error *err)
{
	CLEANUP(x509_req) X509_REQ *request = NULL;
	CLEANUP(string) char *common_name = NULL;
	CLEANUP(pkey) EVP_PKEY *key = NULL;

	(void)client;
	assert_string_equal(id, "device-id");
	assert_int_equal(
	    request_from_pem_without_key(csr_pem, &request, err), ERROR_NONE);
	assert_int_equal(
	    public_key_read(X509_REQ_get_X509_PUBKEY(request), &key, err),
	    ERROR_NONE);
	assert_int_equal(X509_REQ_verify(request, key), 1);
	assert_int_equal(name_common_name(X509_REQ_get_subject_name(request),
			     &common_name, err),
	    ERROR_NONE);
	free(world.pem);
	world.pem = make_certificate(key, common_name, false);
	world.issued++;
	*ret_pem = strdup(world.pem);
	return ERROR_NONE;
}

enum error_code
keyd_load_key_pair(struct unix_http *client, const char *id, char **ret_handle,
    struct error *err)
{
	(void)client;
	if (world.keyd)
		return error_set(err, world.keyd, "keyd is away");
	*ret_handle = string_format("pair(%s)", id);
	return ERROR_NONE;
}

static int
setup(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	world.ca_key = fixture_key("P-256");
	world.ca = fixture_ca(world.ca_key, "ca", FIXTURE_NOW);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(world.key);
	EVP_PKEY_free(world.ca_key);
	X509_free(world.ca);
	free(world.pem);
	return 0;
}

static enum error_code
obtain(bool issue, struct credentials *credentials, struct error *err)
{
	static char id[] = "device-id", name[] = "Dev-1", local[] = "local_ca",
		    est[] = "est";
	const struct attestation_settings attestation = {
	    .identity_cert = id,
	    .identity_pk = id,
	    .issuance = {.present = issue,
			 .method = world.asks_est ? est : local},
	};

	return attestation_obtain(&attestation, name, credentials, err);
}

static void
assert_issued(unsigned keys_made)
{
	CLEANUP_DONE(credentials) struct credentials credentials = {0};
	struct error err = {.message = ""};

	world.issued = 0;
	if (obtain(true, &credentials, &err))
		fail_msg("%s", err.message);
	assert_int_equal(world.issued, 1);
	assert_int_equal(world.keys_made, keys_made);
	assert_true(certificate_matches_key(
	    sk_X509_value(credentials.chain, 0), world.key));
}

static void
gets_what_is_there(void **state)
{
	CLEANUP_DONE(credentials) struct credentials credentials = {0};
	struct error err;

	(void)state;
	world.key = fixture_key("P-256");
	world.pem = make_certificate(world.key, "anything", true);
	assert_int_equal(obtain(false, &credentials, &err), ERROR_NONE);
	assert_int_equal(sk_X509_num(credentials.chain), 1);
	assert_ptr_equal(credentials.key, world.key);
	assert_int_equal(strlen(credentials.digest), 64);
	assert_int_equal(world.issued, 0);
}

static void
sees_without_using_the_key_that_nothing_has_changed(void **state)
{
	static char id[] = "device-id";
	const struct attestation_settings attestation = {
	    .identity_cert = id, .identity_pk = id};
	CLEANUP_DONE(credentials) struct credentials credentials = {0};
	struct error err;

	(void)state;
	world.key = fixture_key("P-256");
	world.pem = make_certificate(world.key, "Dev-1", false);
	assert_int_equal(obtain(false, &credentials, &err), ERROR_NONE);
	assert_true(attestation_is_unchanged(&attestation, credentials.digest));
	assert_false(attestation_is_unchanged(&attestation, "ab12"));
	world.keyd = ERROR_NOT_FOUND;
	assert_false(
	    attestation_is_unchanged(&attestation, credentials.digest));
	world.keyd = ERROR_NONE;
	free(world.pem);
	world.pem = make_certificate(world.key, "Dev-1", false);
	assert_false(
	    attestation_is_unchanged(&attestation, credentials.digest));
	world.certd = ERROR_UNAVAILABLE;
	assert_false(
	    attestation_is_unchanged(&attestation, credentials.digest));
}

static void
a_certificate_that_has_expired_is_not_unchanged(void **state)
{
	static char id[] = "device-id";
	const struct attestation_settings attestation = {
	    .identity_cert = id, .identity_pk = id};
	CLEANUP_DONE(credentials) struct credentials credentials = {0};
	struct error err;

	(void)state;
	world.key = fixture_key("P-256");
	world.pem = make_certificate(world.key, "Dev-1", true);
	assert_int_equal(obtain(false, &credentials, &err), ERROR_NONE);
	assert_false(
	    attestation_is_unchanged(&attestation, credentials.digest));
}

static void
says_what_is_missing(void **state)
{
	struct credentials credentials;
	struct error err;

	(void)state;
	assert_int_equal(obtain(false, &credentials, &err), ERROR_NOT_FOUND);
	assert_string_equal(
	    err.message, "identity_cert 'device-id': no such certificate");
	world.key = fixture_key("P-256");
	world.pem = make_certificate(world.key, "Dev-1", false);
	EVP_PKEY_free(TAKE(world.key));
	assert_int_equal(obtain(false, &credentials, &err), ERROR_NOT_FOUND);
	assert_string_equal(
	    err.message, "identity_pk 'device-id': no such key");
}

static void
makes_key_and_certificate_once(void **state)
{
	CLEANUP_DONE(credentials) struct credentials credentials = {0};
	struct error err;

	(void)state;
	assert_issued(1);
	world.issued = 0;
	assert_int_equal(obtain(true, &credentials, &err), ERROR_NONE);
	assert_int_equal(world.issued, 0);
	assert_int_equal(world.keys_made, 1);
}

static void
keeps_the_key_when_the_certificate_is_gone(void **state)
{
	(void)state;
	assert_issued(1);
	free(TAKE(world.pem));
	assert_issued(1);
}

static void
issues_anew_what_is_of_no_use(void **state)
{
	CLEANUP(pkey) EVP_PKEY *other = fixture_key("P-256");

	(void)state;
	world.key = fixture_key("P-256");
	world.pem = make_certificate(other, "Dev-1", false);
	assert_issued(0);
	free(world.pem);
	world.pem = make_certificate(world.key, "Dev-2", false);
	assert_issued(0);
	free(world.pem);
	world.pem = make_certificate(world.key, "Dev-1", true);
	assert_issued(0);
}

/* The clock was ahead, and has been set right. */
static void
issues_anew_what_it_dated_by_a_clock_that_was_ahead(void **state)
{
	(void)state;
	world.key = fixture_key("P-256");
	world.pem = make_life(world.key, "Dev-1", 10, 12);
	assert_issued(0);
}

/* Of a server's certificate it may be our clock that is behind. */
static void
leaves_alone_what_begins_late_if_another_would_be_no_better(void **state)
{
	CLEANUP_DONE(credentials) struct credentials of_est = {0};
	CLEANUP_DONE(credentials) struct credentials of_late_ca = {0};
	CLEANUP(string) char *ca = NULL;
	char *leaf;
	struct error err;

	(void)state;
	world.key = fixture_key("P-256");
	world.pem = make_life(world.key, "Dev-1", 10, 12);
	world.asks_est = true;
	assert_int_equal(obtain(true, &of_est, &err), ERROR_NONE);
	world.asks_est = false;
	ca = make_life(world.ca_key, "ca", 5, 50);
	leaf = world.pem;
	world.pem = string_format("%s%s", leaf, ca);
	free(leaf);
	assert_int_equal(obtain(true, &of_late_ca, &err), ERROR_NONE);
	assert_int_equal(world.issued, 0);
}

static void
issues_nothing_while_a_daemon_is_away(void **state)
{
	struct credentials credentials;
	struct error err;

	(void)state;
	world.keyd = ERROR_UNAVAILABLE;
	assert_int_equal(obtain(true, &credentials, &err), ERROR_UNAVAILABLE);
	assert_string_equal(
	    err.message, "device key 'device-id': keyd is away");
	world.keyd = ERROR_NONE;
	world.certd = ERROR_UNAVAILABLE;
	assert_int_equal(obtain(true, &credentials, &err), ERROR_UNAVAILABLE);
	assert_int_equal(world.issued, 0);
}

static void
tells_a_daemon_that_is_away_from_one_that_cannot_work(void **state)
{
	static const struct {
		const char *health;
		enum error_code code;
	} cases[] = {
	    {NULL,       ERROR_UNAVAILABLE},
	    {"ok",       ERROR_UNAVAILABLE},
	    {"degraded", ERROR_INVALID    },
	};

	(void)state;
	world.keyd = ERROR_UNAVAILABLE;
	for (size_t i = 0; i < 3; i++) {
		struct credentials credentials;
		struct error err;

		world.health = cases[i].health;
		assert_int_equal(
		    obtain(true, &credentials, &err), cases[i].code);
		assert_string_equal(
		    err.message, "device key 'device-id': keyd is away");
	}
}

static void
waits_for_a_certd_whose_trouble_may_pass(void **state)
{
	struct credentials credentials;
	struct error err;

	(void)state;
	world.health = "degraded";
	world.certd = ERROR_UNAVAILABLE;
	world.passing = true;
	assert_int_equal(obtain(true, &credentials, &err), ERROR_UNAVAILABLE);
	world.passing = false;
	assert_int_equal(obtain(true, &credentials, &err), ERROR_INVALID);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(gets_what_is_there),
	    TEST(sees_without_using_the_key_that_nothing_has_changed),
	    TEST(a_certificate_that_has_expired_is_not_unchanged),
	    TEST(says_what_is_missing),
	    TEST(makes_key_and_certificate_once),
	    TEST(keeps_the_key_when_the_certificate_is_gone),
	    TEST(issues_anew_what_is_of_no_use),
	    TEST(issues_anew_what_it_dated_by_a_clock_that_was_ahead),
	    TEST(leaves_alone_what_begins_late_if_another_would_be_no_better),
	    TEST(issues_nothing_while_a_daemon_is_away),
	    TEST(tells_a_daemon_that_is_away_from_one_that_cannot_work),
	    TEST(waits_for_a_certd_whose_trouble_may_pass),
	};

	return cmocka_run_group_tests_name("attestation", tests, NULL, NULL);
}
