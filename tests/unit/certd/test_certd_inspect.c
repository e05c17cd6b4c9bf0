/* SPDX-License-Identifier: MIT */
/* What certd tells of its certificates, and what it lets nobody change. */
#include "cmocka_wrap.h"

#include <string.h>

#include "certd_world.h"
#include "common/file.h"
#include "common/time.h"

static void
tells_all_about_a_certificate(void **state)
{
	CLEANUP(json) json_t *about = NULL;
	const json_t *policy;

	(void)state;
	certd_issue_device_id();
	about = certd_get("/certificates/device-id" OURS);
	assert_string_equal(certd_text_of(about, "id"), "device-id");
	assert_string_equal(certd_text_of(about, "subject"), "CN=dev1");
	assert_string_equal(certd_text_of(about, "key"), "EC P-256");
	assert_int_equal(strlen(certd_text_of(about, "keyId")), 40);
	assert_int_equal(strlen(certd_text_of(about, "fingerprint")), 64);
	assert_string_equal(certd_text_of(about, "extendedKeyUsage"),
	    "TLS Web Client Authentication");
	assert_string_equal(
	    certd_text_of(about, "keyUsage"), "Digital Signature");
	assert_int_equal(json_array_size(json_object_get(about, "chain")), 2);
	assert_int_equal(strlen(certd_text_of(about, "etag")), 64);
	policy = json_object_get(about, "policy");
	assert_string_equal(certd_text_of(policy, "method"), "local_ca");
	assert_string_equal(certd_text_of(policy, "issuer"), "local-ca");
	assert_string_equal(certd_text_of(policy, "key"), "device-id");
	assert_int_equal(json_integer_value(json_object_get(
			     json_object_get(about, "attempts"), "succeeded")),
	    1);
}

static void
answers_aziots_clients_with_the_text_alone(void **state)
{
	struct http_reply reply;
	CLEANUP(json) json_t *body = NULL;

	(void)state;
	reply = certd_send_as(
	    STRANGER, "GET", "/certificates/local-ca" AZIOTS, NULL);
	body = reply.body;
	assert_int_equal(json_object_size(body), 1);
}

static void
notes_why_a_certificate_will_fail(void **state)
{
	CLEANUP(json) json_t *about = NULL;
	CLEANUP(json) json_t *broken = NULL;
	const json_t *findings;
	CLEANUP(x509) X509 *ca = certd_world_ca(world.ca_key);
	CLEANUP(x509)
	X509 *leaf = fixture_leaf(world.key, "leaf", ca, world.ca_key);
	CLEANUP(string) char *pem = fixture_pem(leaf);

	(void)state;
	certd_world_write("ca.pem", pem);
	about = certd_get("/certificates/local-ca" OURS);
	findings = json_object_get(about, "findings");
	assert_true(json_array_size(findings) >= 1);
	assert_non_null(
	    strstr(json_string_value(json_array_get(findings, 0)), "CA:TRUE"));
	certd_world_write("ca.pem", "x");
	broken = certd_get("/certificates/local-ca" OURS);
	assert_non_null(strstr(certd_text_of(broken, "error"), "no PEM"));
}

static void
renews_with_the_key_that_keyd_has(void **state)
{
	CLEANUP(string) char *before = NULL;
	CLEANUP(string) char *after = NULL;
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	struct error err;

	(void)state;
	certd_assert_fails(WRITER, "POST", "/certificates/device-id/renew" OURS,
	    NULL, 400, "no key 'device-id'");
	fake_keys_add("device-id", world.key);
	certd_issue_device_id();
	before = certd_pem_of(
	    STRANGER, "GET", "/certificates/device-id" AZIOTS, NULL, 200);
	after = certd_pem_of(
	    WRITER, "POST", "/certificates/device-id/renew" OURS, NULL, 200);
	assert_string_not_equal(before, after);
	assert_int_equal(
	    certificates_from_pem(after, &chain, &err), ERROR_NONE);
	assert_true(
	    certificate_matches_key(sk_X509_value(chain, 0), world.key));
	certd_assert_fails(STRANGER, "POST",
	    "/certificates/device-id/renew" OURS, NULL, 401, "");
	certd_assert_fails(ROOT, "POST", "/certificates/other/renew" OURS, NULL,
	    500, "cert_issuance.certs.other");
}

/* The CA gets a new key and certificate under the ids of the old ones. */
static void
issues_by_the_new_key_of_a_ca_at_once(void **state)
{
	CLEANUP(pkey) EVP_PKEY *next = fixture_key("P-256");
	CLEANUP(x509) X509 *ca = certd_world_ca(next);
	CLEANUP(string) char *ca_pem = fixture_pem(ca);
	CLEANUP(string) char *issued = NULL;
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	struct error err;

	(void)state;
	certd_issue_device_id();
	fake_keys_reset();
	fake_keys_add("ca-key", next);
	certd_world_write("ca.pem", ca_pem);
	issued = certd_pem_of(WRITER, "POST", "/certificates" AZIOTS,
	    certd_order("device-id", world.key, NULL, NULL), 201);
	assert_int_equal(
	    certificates_from_pem(issued, &chain, &err), ERROR_NONE);
	assert_int_equal(X509_verify(sk_X509_value(chain, 0), next), 1);
}

static void
leaves_the_administrators_files_alone(void **state)
{
	CLEANUP(x509) X509 *ca = certd_world_ca(world.ca_key);
	CLEANUP(string)
	char *path = string_format("%s/ca.pem", world.directory);

	(void)state;
	certd_assert_fails(ROOT, "PUT", "/certificates/local-ca" AZIOTS,
	    certd_import_body(ca), 400, "manage_preloaded");
	certd_assert_fails(ROOT, "DELETE", "/certificates/local-ca" AZIOTS,
	    NULL, 400, "manage_preloaded");
	certd_assert_fails(ROOT, "POST", "/certificates" AZIOTS,
	    certd_order(
		"local-ca", world.key, "local-ca", FAKE_HANDLE "ca-key"),
	    400, "manage_preloaded");
	assert_true(file_exists(path));
	certd_world_configure(
	    "preloaded_certs: {local-ca: 'file://%s/ca.pem'}\n"
	    "manage_preloaded: true\n");
	free(certd_pem_of(ROOT, "PUT", "/certificates/local-ca" AZIOTS,
	    certd_import_body(ca), 201));
	assert_int_equal(
	    certd_send_as(ROOT, "DELETE", "/certificates/local-ca" AZIOTS, NULL)
		.status,
	    204);
	assert_false(file_exists(path));
}

static void
refuses_to_import_what_cannot_play_its_part(void **state)
{
	CLEANUP(x509) X509 *ca = certd_world_ca(world.ca_key);

	(void)state;
	certd_assert_fails(ROOT, "PUT", "/certificates/device-id" AZIOTS,
	    certd_import_body(ca), 400, "is a CA's");
}

static char noted[1024];

static void
note(void *context, const char *id, const char *text)
{
	size_t used = strlen(noted);

	(void)context;
	(void)snprintf(
	    noted + used, sizeof(noted) - used, "%s: %s\n", id, text);
}

static void
watch_notes(void)
{
	const struct certs_watcher watcher = {.noted = note};

	*noted = '\0';
	certs_watch(world.certs, &watcher);
}

static void
stores_anything_for_aziot_but_not_in_silence(void **state)
{
	CLEANUP(string) char *stored = NULL;

	(void)state;
	certd_world_configure("compat: aziot\n");
	watch_notes();
	stored = certd_pem_of(ROOT, "PUT", "/certificates/a" AZIOTS,
	    json_pack("{s:s}", "pem", "hello"), 201);
	assert_string_equal(stored, "hello");
	assert_non_null(strstr(noted, "a: it is stored although"));
	assert_non_null(strstr(noted, "there is no PEM certificate"));
	certd_assert_fails(ROOT, "PUT", "/certificates/a" AZIOTS,
	    json_pack("{s:s}", "pem", "-----BEGIN PRIVATE KEY-----\n"), 400,
	    "private key");
}

#define FOR_AZIOT                                                              \
	"preloaded_certs: { local-ca: 'file://%s/ca.pem' }\n"                  \
	"cert_issuance:\n"                                                     \
	"  local_ca: { cert: local-ca, pk: ca-key }\n"                         \
	"  certs: { web: { method: local_ca, expiry_days: 30 } }\n"

/* The CA ends tomorrow. */
static void
says_of_each_leniency_that_it_is_one(void **state)
{
	static const char *const extensions[] = {
	    "basicConstraints", "CA:TRUE", NULL};
	CLEANUP(string)
	char *csr = fixture_request_pem(world.key, "asked", extensions);
	CLEANUP(string) char *issued = NULL;

	(void)state;
	certd_world_configure(FOR_AZIOT);
	certd_assert_fails(ROOT, "POST", "/certificates" AZIOTS,
	    json_pack("{s:s, s:s}", "certId", "web", "csr", csr), 400,
	    "expiry_days");
	certd_world_configure("compat: aziot\n" FOR_AZIOT);
	watch_notes();
	issued = certd_pem_of(ROOT, "POST", "/certificates" AZIOTS,
	    json_pack("{s:s, s:s}", "certId", "web", "csr", csr), 201);
	assert_non_null(strstr(issued, "BEGIN"));
	assert_non_null(strstr(noted, "copied as they are"));
	assert_non_null(strstr(noted, "ends with its issuer"));
}

static void
puts_an_imported_chain_into_order(void **state)
{
	CLEANUP(string)
	char *issued = certd_pem_of(WRITER, "POST", "/certificates" AZIOTS,
	    certd_order("device-id", world.key, NULL, NULL), 201);
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	CLEANUP(string) char *leaf = NULL;
	CLEANUP(string) char *reversed = NULL;
	CLEANUP(string) char *stored = NULL;
	struct error err;

	(void)state;
	assert_int_equal(
	    certificates_from_pem(issued, &chain, &err), ERROR_NONE);
	leaf = fixture_pem(sk_X509_value(chain, 0));
	reversed = string_format("%s%s",
	    strstr(issued, "END CERTIFICATE-----\n") +
		strlen("END CERTIFICATE-----\n"),
	    leaf);
	watch_notes();
	stored = certd_pem_of(WRITER, "PUT", "/certificates/web" AZIOTS,
	    json_pack("{s:s}", "pem", reversed), 201);
	assert_string_equal(stored, issued);
	assert_non_null(strstr(noted, "not in order"));
}

static void
serves_the_trust_bundle_that_is_configured(void **state)
{
	CLEANUP(json) json_t *body = NULL;

	(void)state;
	certd_assert_fails(STRANGER, "GET", "/trust-bundle" OURS, NULL, 400,
	    "aziot-edged-trust-bundle");
	certd_world_configure(
	    "preloaded_certs: {local-ca: 'file://%s/ca.pem',\n"
	    "                  roots: [local-ca]}\n"
	    "trust_bundle: roots\n");
	body = certd_get("/trust-bundle" OURS);
	assert_non_null(strstr(certd_text_of(body, "certificate"), "BEGIN"));
}

static void
counts_attempts_and_shows_dates(void **state)
{
	CLEANUP(json) json_t *body = NULL;
	const char *text;

	(void)state;
	certd_issue_device_id();
	certd_assert_fails(WRITER, "POST", "/certificates" AZIOTS,
	    certd_order("web", world.key, NULL, NULL), 500, "web");
	body = certd_get("/metrics" OURS);
	text = json_string_value(body);
	assert_non_null(strstr(
	    text, "signet_certificate_not_after_seconds{id=\"device-id\"} "));
	assert_non_null(
	    strstr(text, "signet_certificate_attempts_total{id=\"device-id\","
			 "result=\"success\"} 1\n"));
	assert_non_null(
	    strstr(text, "signet_certificate_attempts_total{id=\"web\","
			 "result=\"failure\"} 1\n"));
	assert_non_null(strstr(text,
	    "signet_certificate_last_error{id=\"web\",code=\"internal\"} 1\n"));
	assert_null(
	    strstr(text, "signet_certificate_last_error{id=\"device-id\""));
}

static void
answers_at_once_who_knows_an_older_version(void **state)
{
	CLEANUP(json) json_t *body = NULL;

	(void)state;
	body = certd_get("/certificates/local-ca" OURS "&wait=0123");
	assert_non_null(strstr(certd_text_of(body, "pem"), "BEGIN"));
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(                                       \
	    name, certd_world_create, certd_world_remove)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(tells_all_about_a_certificate),
	    TEST(answers_aziots_clients_with_the_text_alone),
	    TEST(notes_why_a_certificate_will_fail),
	    TEST(renews_with_the_key_that_keyd_has),
	    TEST(issues_by_the_new_key_of_a_ca_at_once),
	    TEST(leaves_the_administrators_files_alone),
	    TEST(refuses_to_import_what_cannot_play_its_part),
	    TEST(stores_anything_for_aziot_but_not_in_silence),
	    TEST(says_of_each_leniency_that_it_is_one),
	    TEST(puts_an_imported_chain_into_order),
	    TEST(serves_the_trust_bundle_that_is_configured),
	    TEST(counts_attempts_and_shows_dates),
	    TEST(answers_at_once_who_knows_an_older_version),
	};

	return cmocka_run_group_tests_name("certd inspect", tests, NULL, NULL);
}
