/* SPDX-License-Identifier: MIT */
/*
 * certd from the outside: a request in, a reply out, no socket and a keyd in
 * memory.
 */
#include "cmocka_wrap.h"

#include <string.h>

#include "common/file.h"
#include "common/time.h"
#include "fake_keys.h"
#include "pki_fixture.h"
#include "routes.h"
#include "scratch.h"

#define OURS "?api-version=2026-12-01"
#define AZIOTS "?api-version=2020-09-01"

#define ROOT 0
#define WRITER 1234 /* may write device-id and web* */
#define STRANGER 4321

static const char *directory;
static struct certd certd;
static struct certs *certs;
static EVP_PKEY *ca_key;
static EVP_PKEY *key;

static X509 *
make_ca(void)
{
	CLEANUP(x509_name) X509_NAME *name = fixture_name("ca");
	struct certificate_plan plan = {.subject = name,
	    .public_key = ca_key,
	    .not_before = time_now() - FIXTURE_DAY,
	    .not_after = time_now() + FIXTURE_DAY,
	    .is_ca = true,
	    .path_length = CERTIFICATE_NO_PATH_LENGTH};
	X509 *certificate = NULL;
	struct error err;

	assert_int_equal(
	    certificate_create(&plan, ca_key, &certificate, &err), ERROR_NONE);
	return certificate;
}

static void
write_ca(void)
{
	CLEANUP(x509) X509 *ca = make_ca();
	CLEANUP(string) char *pem = fixture_pem(ca);
	CLEANUP(string) char *path = string_format("%s/ca.pem", directory);
	struct error err;

	assert_int_equal(
	    file_write(path, pem, strlen(pem), 0644, &err), ERROR_NONE);
}

static int
setup(void **state)
{
	struct certd_config config;
	CLEANUP(string) char *text = NULL;
	struct error err;

	assert_int_equal(scratch_create(state), 0);
	directory = *state;
	ca_key = fixture_key("P-256");
	key = fixture_key("P-256");
	write_ca();
	fake_keys_add("ca-key", ca_key);
	text = string_format(
	    "preloaded_certs: {local-ca: 'file://%s/ca.pem',\n"
	    "                  bundle: [local-ca, device-id]}\n"
	    "cert_issuance:\n"
	    "  local_ca: {cert: local-ca, pk: ca-key}\n"
	    "  certs: {device-id: {method: local_ca, common_name: dev1}}\n"
	    "principals: [{user: '1234', certs: [device-id, 'web*']}]\n",
	    directory);
	if (certd_config_parse(text, &config, &err) ||
	    certs_open(&config, directory, &certs, &err))
		fail_msg("%s", err.message);
	certd = (struct certd){.certs = certs};
	return 0;
}

static int
teardown(void **state)
{
	certs_close(certs);
	fake_keys_reset();
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(key);
	return scratch_remove(state);
}

/* Sends one request, taking body; the caller owns the body of the reply. */
static struct http_reply
send_as(uid_t uid, const char *method, const char *target, json_t *body)
{
	CLEANUP(string) char *text = body ? json_text(body) : NULL;
	struct http_service service = certd_service(&certd);
	struct http_message message = {.method = method,
	    .target = target,
	    .content_type = body ? "application/json" : NULL,
	    .body = text ? text : "",
	    .body_length = text ? strlen(text) : 0,
	    .peer = {.uid = uid}};
	struct http_reply reply;

	http_dispatch(&service, &message, &reply);
	json_decref(body);
	return reply;
}

/* As send_as(), for the "pem" of a reply that must have status. */
static char *
pem_of(uid_t uid, const char *method, const char *target, json_t *body,
    unsigned status)
{
	struct http_reply reply = send_as(uid, method, target, body);
	CLEANUP(json) json_t *owned = reply.body;
	const char *pem = json_string_value(json_object_get(owned, "pem"));

	if (reply.status != status)
		fail_msg("status %u: %s", reply.status,
		    json_string_value(json_object_get(owned, "message")));
	assert_non_null(pem);
	return strdup(pem);
}

/* Sends what must fail with status and a message that holds part. */
static void
assert_fails(uid_t uid, const char *method, const char *target, json_t *body,
    unsigned status, const char *part)
{
	struct http_reply reply = send_as(uid, method, target, body);
	CLEANUP(json) json_t *owned = reply.body;
	const char *message =
	    json_string_value(json_object_get(owned, "message"));

	print_message("%s %s: %s\n", method, target, message);
	assert_int_equal(reply.status, status);
	assert_non_null(message);
	assert_non_null(strstr(message, part));
}

static json_t *
order(const char *id, EVP_PKEY *whose, const char *issuer, const char *handle)
{
	CLEANUP(string) char *csr = fixture_request_pem(whose, "asked", NULL);
	json_t *body =
	    json_pack("{s:s, s:s, s:n}", "certId", id, "csr", csr, "issuer");

	if (issuer)
		(void)json_object_set_new(body, "issuer",
		    json_pack("{s:s, s:s}", "certId", issuer,
			"privateKeyHandle", handle));
	return body;
}

static json_t *
import_body(X509 *certificate)
{
	CLEANUP(string) char *pem = fixture_pem(certificate);

	return json_pack("{s:s}", "pem", pem);
}

static void
issues_as_configured_and_stores_the_chain(void **state)
{
	CLEANUP(string)
	char *issued = pem_of(WRITER, "POST", "/certificates" AZIOTS,
	    order("device-id", key, NULL, NULL), 201);
	CLEANUP(string)
	char *stored = pem_of(
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
	char *issued = pem_of(WRITER, "POST", "/certificates" AZIOTS,
	    order("web/1", key, "local-ca", FAKE_HANDLE "ca-key"), 201);
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
		assert_fails(STRANGER, cases[i].method, cases[i].target,
		    json_pack("{s:s}", "pem", "x"), 401, "");
	assert_fails(STRANGER, "POST", "/certificates" AZIOTS,
	    order("device-id", key, NULL, NULL), 401, "");
	assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    order("local-ca", key, NULL, NULL), 401, "local-ca");
	assert_fails(WRITER, "DELETE", "/certificates/local-ca" AZIOTS, NULL,
	    401, "1234");
	free(pem_of(
	    STRANGER, "GET", "/certificates/local-ca" AZIOTS, NULL, 200));
	free(pem_of(ROOT, "POST", "/certificates" AZIOTS,
	    order("device-id", key, NULL, NULL), 201));
}

static void
says_what_is_wrong_with_an_order(void **state)
{
	(void)state;
	assert_fails(WRITER, "POST", "/certificates" AZIOTS, NULL, 400, "");
	assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    json_pack("{s:s}", "certId", "device-id"), 422, "'csr'");
	assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    json_pack("{s:s, s:s, s:s}", "certId", "device-id", "csr", "x",
		"issuer", "local-ca"),
	    422, "'issuer' must be an object");
	assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    json_pack("{s:s, s:s, s:{s:s}}", "certId", "device-id", "csr", "x",
		"issuer", "certId", "local-ca"),
	    422, "'privateKeyHandle' is missing");
	assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    json_pack("{s:s, s:s}", "certId", "device-id", "csr", "x"), 400,
	    "not a PEM certification request");
	assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    order("web", key, NULL, NULL), 500, "cert_issuance.certs.web");
	assert_fails(ROOT, "POST", "/certificates" AZIOTS,
	    order("line\nbreak", key, NULL, NULL), 400, "control characters");
}

static void
says_what_is_wrong_with_an_issuer(void **state)
{
	(void)state;
	assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    order("web", key, "missing", FAKE_HANDLE "ca-key"), 400,
	    "there is no certificate 'missing'");
	assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    order("web", key, "local-ca", "forged"), 400, "privateKeyHandle");
	fake_keys_add("other", key);
	assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    order("web", key, "local-ca", FAKE_HANDLE "other"), 400,
	    "not the certificate of key 'other'");
	fake_keys_unplug();
	assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    order("device-id", key, NULL, NULL), 503, "keyd does not answer");
}

static void
imports_a_certificate_as_it_is(void **state)
{
	CLEANUP(x509)
	X509 *ca = fixture_ca(ca_key, "ca", FIXTURE_NOW + FIXTURE_DAY);
	CLEANUP(string) char *pem = fixture_pem(ca);
	CLEANUP(string)
	char *imported = pem_of(WRITER, "PUT", "/certificates/web%2F1" AZIOTS,
	    import_body(ca), 201);
	CLEANUP(string)
	char *read =
	    pem_of(STRANGER, "GET", "/certificates/web%2F1" AZIOTS, NULL, 200);

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
	CLEANUP(x509) X509 *foreign = fixture_ca(other, "x", time_now());
	CLEANUP(string)
	char *before = pem_of(WRITER, "POST", "/certificates" AZIOTS,
	    order("device-id", key, NULL, NULL), 201);
	CLEANUP(string) char *after = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_fails(WRITER, "PUT", "/certificates/device-id" AZIOTS,
		    json_pack("{s:s}", "pem", texts[i]), 400,
		    "cannot import certificate 'device-id'");
	fake_keys_add("device-id", key);
	assert_fails(WRITER, "PUT", "/certificates/device-id" AZIOTS,
	    import_body(foreign), 400, "not for key 'device-id'");
	assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    order("device-id", other, NULL, NULL), 400,
	    "not for key 'device-id'");
	after = pem_of(
	    STRANGER, "GET", "/certificates/device-id" AZIOTS, NULL, 200);
	assert_string_equal(before, after);
}

static void
refuses_to_keep_a_private_key(void **state)
{
	static const char text[] = "-----BEGIN PRIVATE KEY-----\nMC4=\n"
				   "-----END PRIVATE KEY-----\n";

	(void)state;
	assert_fails(WRITER, "PUT", "/certificates/web" AZIOTS,
	    json_pack("{s:s}", "pem", text), 400, "private key");
}

static void
does_not_compare_with_a_keyd_that_is_gone(void **state)
{
	CLEANUP(x509) X509 *ca = fixture_ca(ca_key, "ca", time_now());

	(void)state;
	fake_keys_unplug();
	assert_fails(WRITER, "PUT", "/certificates/web" AZIOTS, import_body(ca),
	    503, "cannot compare");
	assert_fails(STRANGER, "GET", "/certificates/web" AZIOTS, NULL, 400,
	    "there is no certificate 'web'");
}

static void
deletes_also_what_is_not_there(void **state)
{
	struct http_reply reply;

	(void)state;
	free(pem_of(WRITER, "POST", "/certificates" AZIOTS,
	    order("device-id", key, NULL, NULL), 201));
	for (int i = 0; i < 2; i++) {
		reply = send_as(
		    WRITER, "DELETE", "/certificates/device-id" AZIOTS, NULL);
		assert_int_equal(reply.status, 204);
		assert_null(reply.body);
	}
	assert_fails(STRANGER, "GET", "/certificates/device-id" AZIOTS, NULL,
	    400, "there is no certificate 'device-id'");
	assert_fails(ROOT, "DELETE", "/certificates/bundle" AZIOTS, NULL, 400,
	    "is a list");
}

static void
lists_what_there_is_under_our_version_only(void **state)
{
	struct http_reply reply;
	CLEANUP(json) json_t *body = NULL;
	const json_t *first;
	const char *location;

	(void)state;
	free(pem_of(WRITER, "POST", "/certificates" AZIOTS,
	    order("device-id", key, NULL, NULL), 201));
	reply = send_as(STRANGER, "GET", "/certificates" OURS, NULL);
	body = reply.body;
	assert_int_equal(reply.status, 200);
	assert_int_equal(
	    json_array_size(json_object_get(body, "certificates")), 2);
	first = json_array_get(json_object_get(body, "certificates"), 0);
	assert_string_equal(
	    json_string_value(json_object_get(first, "id")), "device-id");
	assert_string_equal(
	    json_string_value(json_object_get(first, "subject")), "CN=dev1");
	assert_string_equal(
	    json_string_value(json_object_get(first, "issuer")), "CN=ca");
	assert_int_equal(
	    json_string_length(json_object_get(first, "serial")), 32);
	assert_true(json_is_false(json_object_get(first, "ca")));
	location = json_string_value(json_object_get(first, "location"));
	assert_int_equal(strncmp(location, "file:///", 8), 0);
	assert_fails(STRANGER, "GET", "/certificates" AZIOTS, NULL, 400, "");
}

static void
joins_a_bundle(void **state)
{
	CLEANUP(string)
	char *pem =
	    pem_of(STRANGER, "GET", "/certificates/bundle" AZIOTS, NULL, 200);
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	struct error err;

	(void)state;
	assert_int_equal(certificates_from_pem(pem, &chain, &err), ERROR_NONE);
	assert_int_equal(sk_X509_num(chain), 1);
}

static void
assert_health(const char *status, const char *part)
{
	struct http_reply reply =
	    send_as(STRANGER, "GET", "/health" OURS, NULL);
	CLEANUP(json) json_t *body = reply.body;
	const char *message =
	    json_string_value(json_object_get(body, "message"));

	assert_int_equal(reply.status, 200);
	assert_string_equal(
	    json_string_value(json_object_get(body, "status")), status);
	assert_non_null(strstr(message, part));
}

static void
tells_how_it_is(void **state)
{
	CLEANUP(string) char *path = string_format("%s/ca.pem", directory);
	struct error err;

	(void)state;
	assert_health("ok", "");
	assert_int_equal(file_remove(path, &err), ERROR_NONE);
	assert_health("degraded", "local CA 'local-ca'");
	certd.certs = NULL;
	(void)error_set(&certd.problem, ERROR_INVALID, "config.yaml:1:1: x");
	assert_health("degraded", "config.yaml:1:1: x");
	assert_fails(STRANGER, "GET", "/certificates/a" AZIOTS, NULL, 503,
	    "config.yaml:1:1: x");
	assert_fails(STRANGER, "DELETE", "/certificates/a" AZIOTS, NULL, 503,
	    "config.yaml:1:1: x");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
	    TEST(tells_how_it_is),
	};

	return cmocka_run_group_tests_name("certd routes", tests, NULL, NULL);
}
