/* SPDX-License-Identifier: MIT */
/*
 * Whoever asks while a key is switched and its certificate is not is shown the
 * certificate of the key in use; and one file that is odd hides no other.
 */
#include "cmocka_wrap.h"

#include <openssl/x509v3.h>
#include <string.h>

#include "certd_world.h"
#include "common/file.h"
#include "common/utf8.h"

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(                                       \
	    name, certd_world_create, certd_world_remove)

/* That of "web1" is for the key context. */
static enum error_code
tell_key(
    void *context, const char *id, const X509 *certificate, struct error *err)
{
	(void)err;
	if (strcmp(id, "web1") == 0)
		assert_true(certificate_matches_key(certificate, context));
	return ERROR_NONE;
}

static bool
show_another(void *context, const char *id, char **ret_pem)
{
	if (strcmp(id, "web1") != 0)
		return false;
	*ret_pem = strdup(context);
	return true;
}

/* The key of a renewed one is in use, and the disk is full: all show its
 * certificate. */
static void
shows_the_certificate_of_the_key_in_use_wherever_it_shows_one(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(x509) X509 *stored = certd_world_ca(world.key);
	CLEANUP(x509) X509 *other = certd_world_ca(key);
	CLEANUP(string) char *other_pem = fixture_pem(other);
	CLEANUP(string) char *pem = NULL;
	CLEANUP(json) json_t *listed = NULL;
	CLEANUP(json) json_t *got = NULL;
	const struct certs_watcher watcher = {
	    .shown = show_another, .context = other_pem};
	const json_t *item = NULL;
	size_t i;

	(void)state;
	pem = certd_pem_of(WRITER, "PUT", "/certificates/web1" OURS,
	    certd_import_body(stored), 201);
	assert_string_not_equal(pem, other_pem);
	certs_watch(world.certs, &watcher);
	listed =
	    certd_send_as(STRANGER, "GET", "/certificates" OURS, NULL).body;
	got = certd_send_as(STRANGER, "GET", "/certificates/web1" OURS, NULL)
		  .body;
	json_array_foreach(json_object_get(listed, "certificates"), i, item)
	{
		if (strcmp(json_string_value(json_object_get(item, "id")),
			"web1") == 0)
			break;
	}
	assert_string_equal(
	    json_string_value(json_object_get(got, "pem")), other_pem);
	assert_non_null(item);
	assert_string_equal(
	    json_string_value(json_object_get(item, "fingerprint")),
	    json_string_value(json_object_get(got, "fingerprint")));
	assert_int_equal(
	    certs_each(world.certs, tell_key, key, &(struct error){0}),
	    ERROR_NONE);
}

/* ---- a CA ---- */

static bool
show_ca(void *context, const char *id, char **ret_pem)
{
	if (strcmp(id, "local-ca") != 0)
		return false;
	*ret_pem = strdup(context);
	return true;
}

static void
assert_text(
    const char *target, const char *member, const char *part, bool is_there)
{
	CLEANUP(json) json_t *body = certd_get(target);
	const char *text = certd_text_of(body, member);

	if ((strstr(text, part) != NULL) != is_there)
		fail_msg("%s has '%s': %s", target, member, text);
}

static void
open_with_trust_bundle(void)
{
	certd_world_configure(
	    "preloaded_certs: {local-ca: 'file://%s/ca.pem',\n"
	    "                  bundle: [local-ca, device-id]}\n"
	    "trust_bundle: bundle\n"
	    "cert_issuance:\n"
	    "  local_ca: {cert: local-ca, pk: ca-key}\n"
	    "  certs: {device-id: {method: local_ca, common_name: dev1}}\n"
	    "principals: [{user: '1234', certs: [device-id, 'web*']}]\n");
}

/* In lists, as an issuer, and where it is asked whether all is well. */
static void
takes_the_ca_of_the_key_in_use_wherever_it_uses_one(void **state)
{
	CLEANUP(pkey) EVP_PKEY *key = fixture_key("P-256");
	CLEANUP(x509) X509 *other = certd_world_ca(key);
	CLEANUP(string) char *other_pem = fixture_pem(other);
	CLEANUP(string) char *issued = NULL;
	CLEANUP(json) json_t *inspected = NULL;
	const struct certs_watcher watcher = {
	    .shown = show_ca, .context = other_pem};

	(void)state;
	open_with_trust_bundle();
	assert_text("/trust-bundle" OURS, "certificate", other_pem, false);
	certs_watch(world.certs, &watcher);
	fake_keys_reset();
	fake_keys_add("ca-key", key);
	certd_world_write("ca.pem", "what is stored is of no use");
	assert_text("/trust-bundle" OURS, "certificate", other_pem, true);
	assert_text("/certificates/bundle" OURS, "pem", other_pem, true);
	assert_text("/certificates/bundle" AZIOTS, "pem", other_pem, true);
	assert_text("/certificates/local-ca" AZIOTS, "pem", other_pem, true);
	issued = certd_pem_of(WRITER, "POST", "/certificates" AZIOTS,
	    certd_order("device-id", world.key, NULL, NULL), 201);
	assert_non_null(strstr(issued, other_pem));
	inspected = certd_get("/certificates/device-id" OURS);
	assert_int_equal(
	    json_array_size(json_object_get(inspected, "chain")), 2);
	assert_text("/health" OURS, "status", "ok", true);
}

/* ---- odd ones ---- */

/* As "openssl x509 -text" leaves it, or an editor of another time. */
static void
shows_a_file_whatever_stands_between_its_certificates(void **state)
{
	CLEANUP(x509) X509 *ca = certd_world_ca(world.ca_key);
	CLEANUP(string) char *pem = fixture_pem(ca);
	CLEANUP(string)
	char *text = string_format("O = M\xfcller\n%s", pem);

	(void)state;
	open_with_trust_bundle();
	certd_world_write("ca.pem", text);
	assert_text("/certificates/local-ca" AZIOTS, "pem", pem, true);
	assert_text("/certificates/local-ca" OURS, "pem",
	    "O = M" UTF8_REPLACEMENT "ller\n", true);
	assert_text("/certificates/bundle" AZIOTS, "pem", pem, true);
	assert_text("/trust-bundle" OURS, "certificate", pem, true);
}

static bool
lists(const char *id)
{
	CLEANUP(json) json_t *body = certd_get("/certificates" OURS);
	const json_t *item = NULL;
	size_t i;

	json_array_foreach(json_object_get(body, "certificates"), i, item)
	{
		if (strcmp(json_string_value(json_object_get(item, "id")),
			id) == 0)
			return true;
	}
	return false;
}

static void
lists_all_but_a_file_whose_id_is_none_and_tells_of_it(void **state)
{
	CLEANUP(string) char *line = string_format("# certificate %0300d\n", 7);

	(void)state;
	certd_world_write("certs/odd.cer", line);
	assert_true(lists("local-ca"));
	assert_text("/health" OURS, "status", "degraded", true);
	assert_text("/health" OURS, "message", "odd.cer", true);
	assert_text("/health" OURS, "message", "too long", true);
	json_decref(certd_get("/metrics" OURS));
	certd_world_write("certs/odd.cer", "# certificate \xff\n");
	assert_true(lists("local-ca"));
	assert_text("/health" OURS, "message", "odd.cer", true);
	certd_world_write("certs/odd.cer", "as aziot leaves them\n");
	assert_text("/health" OURS, "status", "ok", true);
}

/* Who makes a certificate may put into a name what is none. */
static void
shows_the_names_of_a_certificate_whatever_is_in_them(void **state)
{
	CLEANUP(x509) X509 *odd = certd_world_ca(world.key);
	X509_EXTENSION *names =
	    X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name,
		"DNS:dev\xff"
		"1");

	(void)state;
	assert_int_equal(X509_add_ext(odd, names, -1), 1);
	X509_EXTENSION_free(names);
	assert_true(X509_sign(odd, world.key, EVP_sha256()) > 0);
	free(certd_pem_of(WRITER, "PUT", "/certificates/web1" OURS,
	    certd_import_body(odd), 201));
	assert_true(lists("web1"));
	assert_text("/certificates/web1" OURS, "names",
	    "DNS:dev" UTF8_REPLACEMENT "1", true);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(shows_the_certificate_of_the_key_in_use_wherever_it_shows_one),
	    TEST(takes_the_ca_of_the_key_in_use_wherever_it_uses_one),
	    TEST(shows_a_file_whatever_stands_between_its_certificates),
	    TEST(lists_all_but_a_file_whose_id_is_none_and_tells_of_it),
	    TEST(shows_the_names_of_a_certificate_whatever_is_in_them),
	};

	return cmocka_run_group_tests_name("certd shown", tests, NULL, NULL);
}
