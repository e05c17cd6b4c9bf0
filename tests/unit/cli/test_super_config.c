/* SPDX-License-Identifier: MIT */
/* The operator's file: what is read, what is refused and where, and merging. */
#include "cmocka_wrap.h"

#include <string.h>

#include "common/file.h"
#include "scratch.h"
#include "super_config.h"

/* As in IoT Edge 1.1's file; lines are counted from 'provisioning'. */
#define HEAD                                                                   \
	"provisioning:\n"                                                      \
	"  source: \"dps\"\n"                                                  \
	"  global_endpoint: \"https://localhost:8443\"\n"                      \
	"  scope_id: \"0ne00000001\"\n"                                        \
	"  attestation:\n"                                                     \
	"    method: \"x509\"\n"

/* A row of a table; not in braces, so that it is not aligned in columns. */
#define CASE(text, beginning)                                                  \
	{                                                                      \
		text, beginning                                                \
	}

static enum error_code
parse(const char *text, struct super_config *config, struct error *err)
{
	CLEANUP_DONE(document) struct document document = {0};

	if (document_parse("c.yaml", text, strlen(text), &document, err))
		return err->code;
	return super_config_read(&document, NULL, config, err);
}

static void
reads_the_provisioning_section_of_1_1(void **state)
{
	static const char text[] = HEAD
	    "#   registration_id: \"optional\"\n"
	    "    identity_cert: \"file:///path/chain.pem\"\n"
	    "    identity_pk: "
	    "\"pkcs11:token=device;object=device-id?pin-source=file:/pin\"\n"
	    "#  always_reprovision_on_startup: true\n";
	CLEANUP_DONE(super_config) struct super_config config = {0};
	const struct super_provisioning *provisioning = &config.provisioning;
	struct error err;

	(void)state;
	assert_int_equal(parse(text, &config, &err), ERROR_NONE);
	assert_true(provisioning->present);
	assert_string_equal(provisioning->source, "dps");
	assert_string_equal(
	    provisioning->global_endpoint, "https://localhost:8443");
	assert_string_equal(provisioning->scope_id, "0ne00000001");
	assert_true(provisioning->always_reprovision_on_startup);
	assert_false(provisioning->dynamic_reprovisioning);
	assert_string_equal(
	    provisioning->attestation.identity_cert, "file:///path/chain.pem");
	assert_null(provisioning->attestation.registration_id);
	assert_false(provisioning->attestation.identity_issued.present);
}

static void
reads_how_the_identity_certificate_is_issued(void **state)
{
	static const char text[] =
	    HEAD "    identity_cert: { method: local_ca, expiry_days: 7 }\n";
	CLEANUP_DONE(super_config) struct super_config config = {0};
	const struct super_attestation *attestation =
	    &config.provisioning.attestation;
	struct error err;

	(void)state;
	assert_int_equal(parse(text, &config, &err), ERROR_NONE);
	assert_null(attestation->identity_cert);
	assert_true(attestation->identity_issued.present);
	assert_int_equal(attestation->identity_issued.expiry_days, 7);
}

static void
lets_in_the_other_sections_of_1_1(void **state)
{
	static const char text[] = "agent:\n"
				   "  name: \"edgeAgent\"\n"
				   "  config: { image: x }\n"
				   "allow_elevated_docker_permissions: no\n"
				   "watchdog: { max_retries: infinite }\n"
				   "connect: { management_uri: u }\n"
				   "listen: { management_uri: u }\n"
				   "homedir: /var/lib/iotedge\n"
				   "moby_runtime: { uri: u }\n";
	CLEANUP_DONE(super_config) struct super_config config = {0};
	struct error err;

	(void)state;
	assert_int_equal(parse(text, &config, &err), ERROR_NONE);
	assert_false(config.provisioning.present);
}

static const struct {
	const char *text;
	const char *beginning;
} mistakes[] = {
    CASE("provisionin:\n  source: dps\n",
	"c.yaml:1:1: unknown key 'provisionin'"),
    CASE("provisioning:\n  sauce: dps\n",
	"c.yaml:2:3: unknown key 'sauce' in provisioning"),
    CASE("provisioning:\n  scope_id: x\n",
	"c.yaml:1:1: 'source' is missing in provisioning"),
    CASE("provisioning:\n  source: dsp\n",
	"c.yaml:2:11: 'source' must be dps, manual, none or external"),
    CASE("provisioning:\n  source: dps\n  source: dps\n",
	"c.yaml:3:3: key 'source' stands here a second time"),
    CASE("provisioning: dps\n", "c.yaml:1:15: 'provisioning' must be"),
    CASE(HEAD "    method: tpm\n",
	"c.yaml:7:5: key 'method' stands here a second time"),
    CASE(HEAD "    identity_cert: /path\n", "c.yaml:7:20: 'identity_cert': "),
    CASE(HEAD "    identity_cert: [a]\n", "c.yaml:7:20: 'identity_cert' "),
    CASE(HEAD "    identity_pk: \"pkcs11:tokn=x\"\n",
	"c.yaml:7:18: 'identity_pk': "),
    CASE(HEAD "    identity_cert: { method: acme }\n",
	"c.yaml:7:30: 'method' must be local_ca, est or self_signed"),
    CASE(HEAD "    identity_cert: { expiry_days: 3 }\n",
	"c.yaml:7:5: 'method' is missing in provisioning.attestation"),
    CASE(HEAD "  dynamic_reprovisioning: maybe\n",
	"c.yaml:7:27: 'dynamic_reprovisioning' must be true or false"),
    CASE("token:\n  module: softhsm\n  uri: \"pkcs11:token=a\"\n",
	"c.yaml:2:11: 'module' must be an absolute path"),
    CASE("token:\n  module: /x\n", "c.yaml:1:1: 'uri' is missing in token"),
    CASE("token:\n  uri: \"pkcs11:token=a;pin-value=1\"\n",
	"c.yaml:2:8: 'uri': "),
    CASE("principals:\n  - keys: [a]\n", "c.yaml:2:5: 'user' is missing"),
    CASE("principals:\n  user: a\n", "c.yaml:2:3: 'principals' must be"),
    CASE("preloaded_keys: [a]\n", "c.yaml:1:17: 'preloaded_keys' must be"),
    CASE("trust_bundle_cert: x\n", "c.yaml:1:20: 'trust_bundle_cert': "),
    CASE("a: [\n", "c.yaml:2:1: "),
};

static void
refuses_mistakes_and_says_where(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		CLEANUP_DONE(super_config) struct super_config config = {0};
		struct error err = {0};
		size_t length = strlen(mistakes[i].beginning);

		assert_int_equal(
		    parse(mistakes[i].text, &config, &err), ERROR_INVALID);
		if (strncmp(err.message, mistakes[i].beginning, length) != 0)
			fail_msg("%s\nexpected: %s...\nactual:   %s",
			    mistakes[i].text, mistakes[i].beginning,
			    err.message);
	}
}

static void
suggests_the_key_that_was_meant(void **state)
{
	CLEANUP_DONE(super_config) struct super_config config = {0};
	struct error err = {0};

	(void)state;
	assert_int_equal(
	    parse(HEAD "    identity_crt: x\n", &config, &err), ERROR_INVALID);
	assert_non_null(strstr(err.message, "'identity_cert'"));
}

static void
shows_no_secret_in_a_complaint(void **state)
{
	CLEANUP_DONE(super_config) struct super_config config = {0};
	struct error err = {0};

	(void)state;
	assert_int_equal(
	    parse("token:\n  uri: \"pkcs11:tokn=a?pin-value=secret\"\n",
		&config, &err),
	    ERROR_INVALID);
	assert_null(strstr(err.message, "secret"));
}

/* --- merging -------------------------------------------------------------- */

struct files {
	char *own;
	char *from;
};

static void
files_done(struct files *files)
{
	free(files->own);
	free(files->from);
}

static struct files
files_in(const char *folder)
{
	return (struct files){.own = string_format("%s/own.yaml", folder),
	    .from = string_format("%s/from.yaml", folder)};
}

static void
write_file(const char *path, const char *text)
{
	struct error err;

	assert_int_equal(
	    file_write(path, text, strlen(text), 0600, &err), ERROR_NONE);
}

static void
replaces_the_sections_that_the_other_file_has(void **state)
{
	CLEANUP_DONE(files) struct files files = files_in(*state);
	CLEANUP_DONE(document) struct document document = {0};
	CLEANUP_DONE(super_config) struct super_config config = {0};
	CLEANUP(string) char *place = NULL;
	CLEANUP(string) char *expected = NULL;
	struct error err;

	write_file(files.own,
	    "token: { uri: \"pkcs11:token=own\" }\n"
	    "trust_bundle_cert: \"file:///own\"\n"
	    "preloaded_keys: { a: \"file:///a\" }\n"
	    "principals: [ { user: root, keys: [a] } ]\n"
	    "provisioning: { source: external, endpoint: e }");
	write_file(files.from, "hostname: h\n"
			       "preloaded_keys: { b: \"file:///b\" }\n" HEAD);
	assert_int_equal(
	    document_load(files.own, files.from, &document, &err), ERROR_NONE);
	assert_int_equal(
	    super_config_read(&document, NULL, &config, &err), ERROR_NONE);

	assert_string_equal(config.token.uri, "pkcs11:token=own");
	assert_string_equal(config.trust_bundle_cert, "file:///own");
	assert_int_equal(config.principals.count, 1);
	assert_int_equal(config.preloaded_keys.count, 1);
	assert_string_equal(
	    config_map_get(&config.preloaded_keys, "b"), "file:///b");
	assert_string_equal(config.provisioning.source, "dps");
	assert_null(config.provisioning.endpoint);

	place = places_find(&document.root, STEPS("provisioning", "source"));
	expected = string_format("%s:4:3", files.from);
	assert_string_equal(place, expected);
}

static void
needs_no_file_of_our_own_beside_another(void **state)
{
	CLEANUP_DONE(files) struct files files = files_in(*state);
	CLEANUP_DONE(document) struct document document = {0};
	CLEANUP_DONE(super_config) struct super_config config = {0};
	struct document none;
	struct error err;

	write_file(files.from, HEAD);
	assert_int_equal(
	    document_load(files.own, files.from, &document, &err), ERROR_NONE);
	assert_int_equal(
	    super_config_read(&document, NULL, &config, &err), ERROR_NONE);
	assert_true(config.provisioning.present);
	assert_int_equal(
	    document_load(files.own, NULL, &none, &err), ERROR_NOT_FOUND);
}

/* --- places --------------------------------------------------------------- */

static void
points_at_the_nearest_line_there_is(void **state)
{
	static const char text[] = "token:\n"
				   "  uri: x\n"
				   "principals:\n"
				   "  - user: a\n"
				   "  - user: b\n"
				   "    keys: [c]\n";
	CLEANUP_DONE(config_node) struct config_node root = {0};
	CLEANUP(string) char *key = NULL;
	CLEANUP(string) char *missing = NULL;
	CLEANUP(string) char *item = NULL;
	CLEANUP(string) char *nowhere = NULL;
	struct error err;

	(void)state;
	assert_int_equal(
	    config_node_parse("f", text, strlen(text), &root, &err),
	    ERROR_NONE);
	key = places_find(&root, STEPS("token", "uri"));
	assert_string_equal(key, "f:2:3");
	missing = places_find(&root, STEPS("token", "module"));
	assert_string_equal(missing, "f:1:1");
	item = places_find(&root, STEPS("principals", "1", "keys"));
	assert_string_equal(item, "f:6:5");
	nowhere = places_find(&root, STEPS("provisioning"));
	assert_string_equal(nowhere, "f");
	assert_true(places_has(&root, STEPS("principals", "0", "user")));
	assert_false(places_has(&root, STEPS("principals", "0", "keys")));
	assert_false(places_has(&root, STEPS("principals", "2")));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_the_provisioning_section_of_1_1),
	    cmocka_unit_test(reads_how_the_identity_certificate_is_issued),
	    cmocka_unit_test(lets_in_the_other_sections_of_1_1),
	    cmocka_unit_test(refuses_mistakes_and_says_where),
	    cmocka_unit_test(suggests_the_key_that_was_meant),
	    cmocka_unit_test(shows_no_secret_in_a_complaint),
	    cmocka_unit_test_setup_teardown(
		replaces_the_sections_that_the_other_file_has, scratch_create,
		scratch_remove),
	    cmocka_unit_test_setup_teardown(
		needs_no_file_of_our_own_beside_another, scratch_create,
		scratch_remove),
	    cmocka_unit_test(points_at_the_nearest_line_there_is),
	};

	return cmocka_run_group_tests_name("super_config", tests, NULL, NULL);
}
