/* SPDX-License-Identifier: MIT */
/* certd's configuration: what it reads, and what it does not stand. */
#include "cmocka_wrap.h"

#include <string.h>

#include "config.h"
#include "manual_page.h"
#include "preloaded.h"

#define TOO_MANY_DAYS                                                          \
	"cert_issuance: {local_ca: {cert: a, pk: a}, "                         \
	"certs: {a: {method: local_ca, expiry_days: 40000}}}"

static void
reads_all_that_it_documents(void **state)
{
	static const char text[] =
	    "preloaded_certs:\n"
	    "  local-ca: 'file:///etc/ca.pem'\n"
	    "  bundle: [local-ca, other]\n"
	    "cert_issuance:\n"
	    "  local_ca: {cert: local-ca, pk: ca-key}\n"
	    "  certs:\n"
	    "    device-id: {method: local_ca, expiry_days: 7,\n"
	    "                common_name: dev1}\n"
	    "    web: {method: local_ca}\n"
	    "principals:\n"
	    "  - {user: '1234', certs: [device-id, 'web*']}\n";
	struct certd_config config;
	CLEANUP(acl) struct acl *acl = NULL;
	const struct config_issuance *device;
	struct error err;

	(void)state;
	if (certd_config_parse(text, &config, &err))
		fail_msg("%s", err.message);
	device = certd_config_issuance(&config, "device-id");
	assert_non_null(device);
	assert_int_equal(device->expiry_days, 7);
	assert_string_equal(device->common_name, "dev1");
	assert_null(certd_config_issuance(&config, "web")->common_name);
	assert_null(certd_config_issuance(&config, "other"));
	assert_true(config.cert_issuance.local_ca.present);
	assert_string_equal(config.cert_issuance.local_ca.pk, "ca-key");
	assert_int_equal(certd_config_acl(&config, &acl, &err), ERROR_NONE);
	assert_true(acl_rights(acl, 1234, "website"));
	assert_false(acl_rights(acl, 1234, "local-ca"));
	certd_config_done(&config);
}

static void
needs_nothing_at_all(void **state)
{
	struct certd_config config;
	struct error err;

	(void)state;
	assert_int_equal(certd_config_parse("{}", &config, &err), ERROR_NONE);
	assert_null(certd_config_issuance(&config, "device-id"));
	certd_config_done(&config);
}

static void
refuses_what_cannot_be(void **state)
{
	static const struct {
		const char *text;
		const char *part; /* of the message */
	} cases[] = {
	    {"cert_issuence: {}",                               "cert_issuance"         },
	    {"cert_issuance: {local_ca: {cert: a}}",            "pk"                    },
	    {"cert_issuance: {certs: {a: {method: est}}}",      "est.url"               },
	    {"cert_issuance: {certs: {a: {method: acme}}}",     "self_signed"           },
	    {"cert_issuance: {certs: {a: {method: local_ca}}}", ".local_ca"             },
	    {"cert_issuance: {certs: {a: {}}}",                 "method"                },
	    {TOO_MANY_DAYS,				     "'expiry_days' is 40000"},
	    {"principals: [{user: root}]",                      "certs"                 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct certd_config config;
		struct error err;

		print_message("%s\n", cases[i].text);
		assert_int_equal(
		    certd_config_parse(cases[i].text, &config, &err),
		    ERROR_INVALID);
		print_message("  %s\n", err.message);
		assert_non_null(strstr(err.message, cases[i].part));
	}
}

/* Resolves the preloaded_certs in text. */
static enum error_code
resolve(const char *text, struct certd_config *config,
    struct preloaded **ret_preloaded, struct error *err)
{
	if (certd_config_parse(text, config, err))
		fail_msg("%s", err->message);
	return preloaded_create(&config->preloaded_certs, ret_preloaded, err);
}

static void
flattens_lists_within_lists(void **state)
{
	CLEANUP(preloaded) struct preloaded *preloaded = NULL;
	const struct preloaded_members *members;
	struct certd_config config;
	struct error err;

	(void)state;
	assert_int_equal(resolve("preloaded_certs:\n"
				 "  a: 'file:///a.pem'\n"
				 "  outer: [inner, stored, inner, a]\n"
				 "  inner: [a, innermost]\n"
				 "  innermost: [stored, b]\n"
				 "  b: 'file:///b%20c.pem'\n",
			     &config, &preloaded, &err),
	    ERROR_NONE);
	members = preloaded_list(preloaded, "outer");
	assert_int_equal(members->count, 3);
	assert_string_equal(members->ids[0], "a");
	assert_string_equal(members->ids[1], "stored");
	assert_string_equal(members->ids[2], "b");
	assert_null(preloaded_list(preloaded, "a"));
	assert_null(preloaded_path(preloaded, "outer"));
	assert_string_equal(preloaded_path(preloaded, "b"), "/b c.pem");
	certd_config_done(&config);
}

static void
refuses_lists_that_contain_themselves(void **state)
{
	static const char *const texts[] = {
	    "preloaded_certs: {a: [a]}",
	    "preloaded_certs: {a: [b], b: [a]}",
	    "preloaded_certs: {a: [x, b], b: [c], c: [y, b], x: 'file:///x'}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct preloaded *preloaded = NULL;
		struct certd_config config;
		struct error err;

		print_message("%s\n", texts[i]);
		assert_int_equal(resolve(texts[i], &config, &preloaded, &err),
		    ERROR_INVALID);
		assert_non_null(strstr(err.message, "contains itself"));
		assert_null(preloaded);
		certd_config_done(&config);
	}
}

static void
loads_certificates_from_files_only(void **state)
{
	static const char *const texts[] = {
	    "preloaded_certs: {a: 'pkcs11:token=t;object=a'}",
	    "preloaded_certs: {a: 'https://example.net/a'}",
	    "preloaded_certs: {a: 'file:relative'}",
	    "preloaded_certs: {a: '/a.pem'}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct preloaded *preloaded = NULL;
		struct certd_config config;
		struct error err;

		print_message("%s\n", texts[i]);
		assert_int_equal(resolve(texts[i], &config, &preloaded, &err),
		    ERROR_INVALID);
		assert_non_null(strstr(err.message, "preloaded_certs.a"));
		certd_config_done(&config);
	}
}

static void
has_a_manual_of_every_key_and_no_other(void **state)
{
	(void)state;
	assert_manual_describes(DOCS_DIRECTORY "/man/signet-certd.8",
	    DOCS_DIRECTORY "/man/signet-config.5", &certd_config_table);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_all_that_it_documents),
	    cmocka_unit_test(needs_nothing_at_all),
	    cmocka_unit_test(refuses_what_cannot_be),
	    cmocka_unit_test(flattens_lists_within_lists),
	    cmocka_unit_test(refuses_lists_that_contain_themselves),
	    cmocka_unit_test(loads_certificates_from_files_only),
	    cmocka_unit_test(has_a_manual_of_every_key_and_no_other),
	};

	return cmocka_run_group_tests_name("certd config", tests, NULL, NULL);
}
