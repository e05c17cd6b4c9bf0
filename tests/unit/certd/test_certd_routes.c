/* SPDX-License-Identifier: MIT */
/*
 * certd from the outside: a request in, a reply out, no socket and a keyd in
 * memory.
 */
#include "cmocka_wrap.h"

#include <string.h>

#include "certd_world.h"
#include "common/file.h"
#include "common/time.h"

static void
issues_as_configured_and_stores_the_chain(void **state)
{
	CLEANUP(string)
	char *issued = certd_pem_of(WRITER, "POST", "/certificates" AZIOTS,
	    certd_order("device-id", world.key, NULL, NULL), 201);
	CLEANUP(string)
	char *stored = certd_pem_of(
	    STRANGER, "GET", "/certificates/device-id" AZIOTS, NULL, 200);
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	CLEANUP(string) char *name = NULL;
	struct error err;

	(void)state;
	assert_string_equal(issued, stored);
	assert_int_equal(
	    certificates_from_pem(issued, &chain, &err), ERROR_NONE);
	assert_int_equal(sk_X509_num(chain), 2);
	assert_int_equal(
	    name_common_name(
		X509_get_subject_name(sk_X509_value(chain, 0)), &name, &err),
	    ERROR_NONE);
	assert_string_equal(name, "dev1");
}

static void
issues_by_the_issuer_that_the_caller_names(void **state)
{
	CLEANUP(string)
	char *issued = certd_pem_of(WRITER, "POST", "/certificates" AZIOTS,
	    certd_order("web/1", world.key, "local-ca", FAKE_HANDLE "ca-key"),
	    201);
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	struct error err;

	(void)state;
	assert_int_equal(
	    certificates_from_pem(issued, &chain, &err), ERROR_NONE);
	assert_int_equal(sk_X509_num(chain), 2);
}

static void
lets_everybody_read_but_only_principals_write(void **state)
{
	static const struct {
		const char *method;
		const char *target;
	} cases[] = {
	    {"PUT",    "/certificates/device-id" AZIOTS},
	    {"DELETE", "/certificates/device-id" AZIOTS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		certd_assert_fails(STRANGER, cases[i].method, cases[i].target,
		    json_pack("{s:s}", "pem", "x"), 401, "");
	certd_assert_fails(STRANGER, "POST", "/certificates" AZIOTS,
	    certd_order("device-id", world.key, NULL, NULL), 401, "");
	certd_assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    certd_order("local-ca", world.key, NULL, NULL), 401, "local-ca");
	certd_assert_fails(WRITER, "DELETE", "/certificates/local-ca" AZIOTS,
	    NULL, 401, "1234");
	free(certd_pem_of(
	    STRANGER, "GET", "/certificates/local-ca" AZIOTS, NULL, 200));
	free(certd_pem_of(ROOT, "POST", "/certificates" AZIOTS,
	    certd_order("device-id", world.key, NULL, NULL), 201));
}

static void
says_what_is_wrong_with_an_order(void **state)
{
	(void)state;
	certd_assert_fails(
	    WRITER, "POST", "/certificates" AZIOTS, NULL, 400, "");
	certd_assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    json_pack("{s:s}", "certId", "device-id"), 422, "'csr'");
	certd_assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    json_pack("{s:s, s:s, s:s}", "certId", "device-id", "csr", "x",
		"issuer", "local-ca"),
	    422, "'issuer' must be an object");
	certd_assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    json_pack("{s:s, s:s, s:{s:s}}", "certId", "device-id", "csr", "x",
		"issuer", "certId", "local-ca"),
	    422, "'privateKeyHandle' is missing");
	certd_assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    json_pack("{s:s, s:s}", "certId", "device-id", "csr", "x"), 400,
	    "not a PEM certification request");
	certd_assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    certd_order("web", world.key, NULL, NULL), 500,
	    "cert_issuance.certs.web");
	certd_assert_fails(ROOT, "POST", "/certificates" AZIOTS,
	    certd_order("line\nbreak", world.key, NULL, NULL), 400,
	    "control characters");
}

static void
says_what_is_wrong_with_an_issuer(void **state)
{
	(void)state;
	certd_assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    certd_order("web", world.key, "missing", FAKE_HANDLE "ca-key"), 400,
	    "there is no certificate 'missing'");
	certd_assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    certd_order("web", world.key, "local-ca", "forged"), 400,
	    "privateKeyHandle");
	fake_keys_add("other", world.key);
	certd_assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    certd_order("web", world.key, "local-ca", FAKE_HANDLE "other"), 400,
	    "not the certificate of key 'other'");
	fake_keys_unplug();
	certd_assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    certd_order("device-id", world.key, NULL, NULL), 503,
	    "keyd does not answer");
}

static void
imports_a_certificate_as_it_is(void **state)
{
	CLEANUP(x509)
	X509 *ca = certd_world_ca(world.ca_key);
	CLEANUP(string) char *pem = fixture_pem(ca);
	CLEANUP(string)
	char *imported = certd_pem_of(WRITER, "PUT",
	    "/certificates/web%2F1" AZIOTS, certd_import_body(ca), 201);
	CLEANUP(string)
	char *read = certd_pem_of(
	    STRANGER, "GET", "/certificates/web%2F1" AZIOTS, NULL, 200);

	(void)state;
	assert_string_equal(imported, pem);
	assert_string_equal(read, pem);
}

static void
keeps_the_old_certificate_when_the_new_one_is_refused(void **state)
{
	static const char *const texts[] = {"", "hello",
	    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"};
	CLEANUP(pkey) EVP_PKEY *other = fixture_key("P-256");
	CLEANUP(x509) X509 *foreign = certd_world_ca(other);
	CLEANUP(string)
	char *before = certd_pem_of(WRITER, "POST", "/certificates" AZIOTS,
	    certd_order("device-id", world.key, NULL, NULL), 201);
	CLEANUP(string) char *after = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		certd_assert_fails(WRITER, "PUT",
		    "/certificates/device-id" AZIOTS,
		    json_pack("{s:s}", "pem", texts[i]), 400,
		    "cannot import certificate 'device-id'");
	fake_keys_add("device-id", world.key);
	certd_assert_fails(WRITER, "PUT", "/certificates/device-id" AZIOTS,
	    certd_import_body(foreign), 400, "not for key 'device-id'");
	certd_assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    certd_order("device-id", other, NULL, NULL), 400,
	    "not for key 'device-id'");
	after = certd_pem_of(
	    STRANGER, "GET", "/certificates/device-id" AZIOTS, NULL, 200);
	assert_string_equal(before, after);
}

static void
refuses_to_keep_a_private_key(void **state)
{
	static const char text[] = "-----BEGIN PRIVATE KEY-----\nMC4=\n"
				   "-----END PRIVATE KEY-----\n";

	(void)state;
	certd_assert_fails(WRITER, "PUT", "/certificates/web" AZIOTS,
	    json_pack("{s:s}", "pem", text), 400, "private key");
}

static void
does_not_compare_with_a_keyd_that_is_gone(void **state)
{
	CLEANUP(x509) X509 *ca = certd_world_ca(world.ca_key);

	(void)state;
	fake_keys_unplug();
	certd_assert_fails(WRITER, "PUT", "/certificates/web" AZIOTS,
	    certd_import_body(ca), 503, "cannot compare");
	certd_assert_fails(STRANGER, "GET", "/certificates/web" AZIOTS, NULL,
	    400, "there is no certificate 'web'");
}

static void
deletes_also_what_is_not_there(void **state)
{
	struct http_reply reply;

	(void)state;
	certd_issue_device_id();
	for (int i = 0; i < 2; i++) {
		reply = certd_send_as(
		    WRITER, "DELETE", "/certificates/device-id" AZIOTS, NULL);
		assert_int_equal(reply.status, 204);
		assert_null(reply.body);
	}
	certd_assert_fails(STRANGER, "GET", "/certificates/device-id" AZIOTS,
	    NULL, 400, "there is no certificate 'device-id'");
	certd_assert_fails(ROOT, "DELETE", "/certificates/bundle" AZIOTS, NULL,
	    400, "is a list");
}

static void
lists_what_there_is_under_our_version_only(void **state)
{
	CLEANUP(json) json_t *body = NULL;
	const json_t *first;
	const char *location;

	(void)state;
	certd_issue_device_id();
	body = certd_get("/certificates" OURS);
	assert_int_equal(
	    json_array_size(json_object_get(body, "certificates")), 2);
	first = json_array_get(json_object_get(body, "certificates"), 0);
	assert_string_equal(certd_text_of(first, "id"), "device-id");
	assert_string_equal(certd_text_of(first, "subject"), "CN=dev1");
	assert_string_equal(certd_text_of(first, "issuer"), "CN=ca");
	assert_int_equal(
	    json_string_length(json_object_get(first, "serial")), 32);
	assert_true(json_is_false(json_object_get(first, "ca")));
	location = certd_text_of(first, "location");
	assert_int_equal(strncmp(location, "file:///", 8), 0);
	certd_assert_fails(
	    STRANGER, "GET", "/certificates" AZIOTS, NULL, 400, "");
}

static void
joins_a_bundle(void **state)
{
	CLEANUP(string)
	char *pem = certd_pem_of(
	    STRANGER, "GET", "/certificates/bundle" AZIOTS, NULL, 200);
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	struct error err;

	(void)state;
	assert_int_equal(certificates_from_pem(pem, &chain, &err), ERROR_NONE);
	assert_int_equal(sk_X509_num(chain), 1);
}

static void
assert_health(const char *status, const char *part)
{
	CLEANUP(json) json_t *body = certd_get("/health" OURS);

	assert_string_equal(certd_text_of(body, "status"), status);
	assert_non_null(strstr(certd_text_of(body, "message"), part));
}

static const char *doubt;

/* The linker (--wrap) names it so. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
const char *__wrap_engine_doubt(struct engine *engine);

const char *
__wrap_engine_doubt(struct engine *engine)
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
{
	assert_ptr_equal(engine, world.certd.engine);
	return doubt;
}

/* One without threads: the caller's, to be freed before the world is. */
static struct engine *
open_engine(void)
{
	static const struct engine_listener listener = {NULL, NULL};
	struct engine *engine;
	struct error err;

	if (engine_create(
		world.certs, world.directory, &listener, &engine, &err))
		fail_msg("%s", err.message);
	return engine;
}

static void
says_that_it_does_not_believe_the_clock(void **state)
{
	CLEANUP(engine) struct engine *engine = NULL;

	(void)state;
	engine = open_engine();
	world.certd.engine = engine;
	doubt = NULL;
	assert_health("ok", "");
	doubt = "the clock shows a time that is over";
	assert_health("degraded", doubt);
	world.certd.engine = NULL;
	assert_health("ok", "");
}

static void
assert_waits_for_the_time(const char *method, const char *target, json_t *body)
{
	certd_assert_fails(WRITER, method, target, body, 503, doubt);
}

static void
issues_and_imports_nothing_by_a_clock_that_it_does_not_believe(void **state)
{
	CLEANUP(engine) struct engine *engine = NULL;
	CLEANUP(x509) X509 *ca = certd_world_ca(world.ca_key);
	CLEANUP(string) char *before = NULL;
	CLEANUP(string) char *after = NULL;

	(void)state;
	fake_keys_add("device-id", world.key);
	before = certd_pem_of(WRITER, "POST", "/certificates" AZIOTS,
	    certd_order("device-id", world.key, NULL, NULL), 201);
	engine = open_engine();
	world.certd.engine = engine;
	doubt = "the clock has jumped ahead";
	assert_waits_for_the_time("POST", "/certificates" AZIOTS,
	    certd_order("device-id", world.key, NULL, NULL));
	assert_waits_for_the_time("POST", "/certificates" AZIOTS,
	    certd_order("web", world.key, "local-ca", FAKE_HANDLE "ca-key"));
	assert_waits_for_the_time(
	    "POST", "/certificates/device-id/renew" OURS, NULL);
	assert_waits_for_the_time(
	    "PUT", "/certificates/web" AZIOTS, certd_import_body(ca));
	certd_assert_fails(STRANGER, "PUT", "/certificates/web" AZIOTS,
	    certd_import_body(ca), 401, "");
	after = certd_pem_of(
	    STRANGER, "GET", "/certificates/device-id" AZIOTS, NULL, 200);
	assert_string_equal(before, after);
	doubt = NULL;
	free(certd_pem_of(WRITER, "PUT", "/certificates/web" AZIOTS,
	    certd_import_body(ca), 201));
}

static void
blames_the_clock_before_the_certificates(void **state)
{
	CLEANUP(engine) struct engine *engine = NULL;
	CLEANUP(string)
	char *path = string_format("%s/ca.pem", world.directory);
	struct http_reply reply;
	struct error err;

	(void)state;
	assert_int_equal(file_remove(path, &err), ERROR_NONE);
	engine = open_engine();
	world.certd.engine = engine;
	doubt = "the clock has jumped ahead";
	assert_health("degraded", doubt);
	reply = certd_send_as(STRANGER, "GET", "/health" OURS, NULL);
	assert_true(json_is_true(json_object_get(reply.body, "passing")));
	json_decref(reply.body);
	doubt = NULL;
	assert_health("degraded", "local CA 'local-ca'");
	reply = certd_send_as(STRANGER, "GET", "/health" OURS, NULL);
	assert_null(json_object_get(reply.body, "passing"));
	json_decref(reply.body);
}

static void
tells_how_it_is(void **state)
{
	CLEANUP(string)
	char *path = string_format("%s/ca.pem", world.directory);
	struct error err;

	(void)state;
	assert_health("ok", "");
	assert_int_equal(file_remove(path, &err), ERROR_NONE);
	assert_health("degraded", "local CA 'local-ca'");
	world.certd.certs = NULL;
	(void)error_set(
	    &world.certd.problem, ERROR_INVALID, "config.yaml:1:1: x");
	assert_health("degraded", "config.yaml:1:1: x");
	certd_assert_fails(STRANGER, "GET", "/certificates/a" AZIOTS, NULL, 503,
	    "config.yaml:1:1: x");
	certd_assert_fails(STRANGER, "DELETE", "/certificates/a" AZIOTS, NULL,
	    503, "config.yaml:1:1: x");
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(                                       \
	    name, certd_world_create, certd_world_remove)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(issues_as_configured_and_stores_the_chain),
	    TEST(issues_by_the_issuer_that_the_caller_names),
	    TEST(lets_everybody_read_but_only_principals_write),
	    TEST(says_what_is_wrong_with_an_order),
	    TEST(says_what_is_wrong_with_an_issuer),
	    TEST(imports_a_certificate_as_it_is),
	    TEST(keeps_the_old_certificate_when_the_new_one_is_refused),
	    TEST(refuses_to_keep_a_private_key),
	    TEST(does_not_compare_with_a_keyd_that_is_gone),
	    TEST(deletes_also_what_is_not_there),
	    TEST(lists_what_there_is_under_our_version_only),
	    TEST(joins_a_bundle),
	    TEST(says_that_it_does_not_believe_the_clock),
	    TEST(
		issues_and_imports_nothing_by_a_clock_that_it_does_not_believe),
	    TEST(blames_the_clock_before_the_certificates),
	    TEST(tells_how_it_is),
	};

	return cmocka_run_group_tests_name("certd routes", tests, NULL, NULL);
}
