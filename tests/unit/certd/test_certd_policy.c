/* SPDX-License-Identifier: MIT */
/* What a configuration means for one certificate. */
#include "cmocka_wrap.h"

#include <string.h>

#include "policy.h"

static void
parse(const char *text, struct certd_config *config)
{
	struct error err;

	if (certd_config_parse(text, config, &err))
		fail_msg("%s", err.message);
}

#define PRINT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void
fills_in_the_defaults(void **state)
{
	struct certd_config config;
	struct policy policy;

	(void)state;
	parse("cert_issuance:\n"
	      "  local_ca: {cert: ca, pk: ca-key}\n"
	      "  certs: {web: {method: local_ca}}\n",
	    &config);
	policy = policy_of(&config, "web");
	assert_int_equal(policy.method, POLICY_LOCAL_CA);
	assert_string_equal(policy.pk, "web");
	assert_string_equal(policy.issuer_cert, "ca");
	assert_string_equal(policy.issuer_pk, "ca-key");
	assert_int_equal(policy.profile.kind, PROFILE_BY_REQUEST);
	assert_int_equal(policy.renewal.window.amount, 80);
	assert_int_equal(policy.renewal.window.unit, POLICY_PERCENT);
	assert_int_equal(policy.renewal.retry.amount, 4);
	assert_true(policy.renewal.rotate_key);
	assert_false(policy.renewal.automatic);
	assert_false(policy.renewal.is_configured);
	assert_null(policy.preloaded);
	assert_false(policy.is_read_only);
	certd_config_done(&config);
}

static void
knows_nothing_of_what_is_not_configured(void **state)
{
	struct certd_config config;
	struct policy policy;

	(void)state;
	parse("{}", &config);
	policy = policy_of(&config, "web");
	assert_int_equal(policy.method, POLICY_UNMANAGED);
	assert_string_equal(policy_method_name(policy.method), "none");
	assert_null(policy.issuer_cert);
	assert_false(policy.renewal.automatic);
	certd_config_done(&config);
}

static void
prefers_what_the_certificate_says_itself(void **state)
{
	static const char text[] =
	    "cert_issuance:\n"
	    "  local_ca: {cert: ca, pk: ca}\n"
	    "  est: {url: 'https://a', username: u, password: p,\n"
	    "        trusted_certs: [root]}\n"
	    "  renewal: {window: 70%, retry: 10min, rotate_key: false}\n"
	    "  certs:\n"
	    "    web: {method: local_ca, pk: key, expiry_days: 7,\n"
	    "          profile: server, issuer: {cert: sub, pk: sub-key},\n"
	    "          digest: sha384, renewal: {window: 3day},\n"
	    "          on_renewed: nginx-reload.service}\n"
	    "    est-id: {method: est, est: {username: v, password: q}}\n"
	    "    other: {method: est, est: {url: 'http://b',\n"
	    "            allow_http: true}, renewal: {automatic: false}}\n";
	struct certd_config config;
	struct policy web, est, other;

	(void)state;
	parse(text, &config);
	web = policy_of(&config, "web");
	assert_string_equal(web.pk, "key");
	assert_string_equal(web.issuer_cert, "sub");
	assert_int_equal(web.profile.kind, PROFILE_SERVER);
	assert_ptr_equal(web.profile.digest, EVP_sha384());
	assert_int_equal(web.renewal.window.unit, POLICY_DAYS);
	assert_int_equal(web.renewal.retry.unit, POLICY_MINUTES);
	assert_false(web.renewal.rotate_key);
	assert_true(web.renewal.automatic);
	assert_string_equal(web.renewal.on_renewed, "nginx-reload.service");
	est = policy_of(&config, "est-id");
	assert_int_equal(est.method, POLICY_EST);
	assert_string_equal(est.est.url, "https://a");
	assert_string_equal(est.est.username, "v");
	assert_string_equal(est.est.password, "q");
	assert_int_equal(est.est.trusted_certs.count, 1);
	assert_true(est.renewal.automatic);
	other = policy_of(&config, "other");
	assert_string_equal(other.est.url, "http://b");
	assert_true(other.est.allow_http);
	assert_false(other.renewal.automatic);
	assert_true(other.renewal.is_configured);
	certd_config_done(&config);
}

/* What names it is asked of the same server, for the same subject. */
static void
trusts_whom_the_certificate_itself_names_and_nobody_else(void **state)
{
	static const char text[] =
	    "cert_issuance:\n"
	    "  est: {url: 'https://a', trusted_certs: [root]}\n"
	    "  certs:\n"
	    "    pinned: {method: est, est: {fingerprint: '" PRINT "'}}\n"
	    "    plain: {method: est}\n";
	static const char other_way[] =
	    "cert_issuance:\n"
	    "  est: {url: 'https://a', fingerprint: '" PRINT "'}\n"
	    "  certs: {named: {method: est, est: {trusted_certs: [own]}}}\n";
	struct certd_config config;
	struct policy policy;

	(void)state;
	parse(text, &config);
	policy = policy_of(&config, "pinned");
	assert_string_equal(policy.est.fingerprint, PRINT);
	assert_int_equal(policy.est.trusted_certs.count, 0);
	policy = policy_of(&config, "plain");
	assert_null(policy.est.fingerprint);
	assert_int_equal(policy.est.trusted_certs.count, 1);
	certd_config_done(&config);
	parse(other_way, &config);
	policy = policy_of(&config, "named");
	assert_null(policy.est.fingerprint);
	assert_string_equal(policy.est.trusted_certs.items[0], "own");
	certd_config_done(&config);
}

static void
keeps_the_key_of_a_ca_unless_told(void **state)
{
	static const char text[] =
	    "cert_issuance:\n"
	    "  local_ca: {cert: ca, pk: ca}\n"
	    "  certs:\n"
	    "    ca: {method: self_signed, common_name: ca}\n"
	    "    sub: {method: local_ca, profile: ca}\n"
	    "    web: {method: local_ca, issuer: {cert: other, pk: other}}\n"
	    "    other: {method: self_signed, renewal: {rotate_key: true}}\n";
	struct certd_config config;

	(void)state;
	parse(text, &config);
	assert_false(policy_of(&config, "ca").renewal.rotate_key);
	assert_false(policy_of(&config, "sub").renewal.rotate_key);
	assert_true(policy_of(&config, "web").renewal.rotate_key);
	assert_true(policy_of(&config, "other").renewal.rotate_key);
	certd_config_done(&config);
}

static void
knows_an_identity_without_a_section(void **state)
{
	static const char text[] =
	    "preloaded_certs: {file-id: 'file:///etc/id.pem'}\n"
	    "cert_issuance:\n"
	    "  est: {url: 'https://a', identity_cert: est-id,\n"
	    "        identity_pk: est-key}\n"
	    "  certs:\n"
	    "    dev: {method: est, common_name: dev-1, profile: server,\n"
	    "          on_renewed: a.service, renewal: {window: 70%,\n"
	    "          automatic: false}}\n"
	    "    own: {method: est, est: {identity_cert: own-id,\n"
	    "          identity_pk: own-key}}\n"
	    "    own-id: {method: self_signed}\n"
	    "    filed: {method: est, est: {identity_cert: file-id,\n"
	    "          identity_pk: file-key}}\n";
	struct certd_config config;
	struct policy policy;

	(void)state;
	parse(text, &config);
	policy = policy_of(&config, "est-id");
	assert_string_equal(policy.id, "est-id");
	assert_string_equal(policy.section, "dev");
	assert_int_equal(policy.method, POLICY_EST);
	assert_string_equal(policy.pk, "est-key");
	assert_string_equal(policy.est.url, "https://a");
	assert_string_equal(policy.profile.common_name, "dev-1");
	assert_int_equal(policy.profile.kind, PROFILE_CLIENT);
	assert_true(policy.renewal.automatic);
	assert_int_equal(policy.renewal.window.amount, 70);
	assert_null(policy.renewal.on_renewed);
	assert_int_equal(
	    policy_of(&config, "own-id").method, POLICY_SELF_SIGNED);
	/* Who brings it as a file renews it. */
	assert_int_equal(
	    policy_of(&config, "file-id").method, POLICY_UNMANAGED);
	assert_int_equal(
	    policy_of(&config, "est-key").method, POLICY_UNMANAGED);
	certd_config_done(&config);
}

static void
leaves_preloaded_files_alone_unless_told(void **state)
{
	static const struct {
		const char *more;
		bool is_read_only;
	} cases[] = {
	    {"",		       true },
	    {"manage_preloaded: true", false},
	    {"compat: aziot",          true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[128] =
		    "preloaded_certs: {ca: 'file:///etc/ca.pem'}\n";
		struct certd_config config;

		(void)strncat(text, cases[i].more, 40);
		parse(text, &config);
		assert_int_equal(policy_of(&config, "ca").is_read_only,
		    cases[i].is_read_only);
		assert_false(policy_of(&config, "web").is_read_only);
		certd_config_done(&config);
	}
}

static void
reads_parts_of_a_life(void **state)
{
	static const struct {
		const char *text;
		int64_t life;
		int64_t expected;
	} cases[] = {
	    {"80%",       1000,      800                 },
	    {"1%",        50,        0                   },
	    {"99%",       INT64_MAX, INT64_MAX / 100 * 99},
	    {"90min",     1000,      5400                },
	    {"30day",     1000,      2592000             },
	    {"100000day", 0,         8640000000          },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct policy_time time;
		struct error err;
		int64_t seconds;

		assert_int_equal(
		    policy_time_parse(cases[i].text, &time, &err), ERROR_NONE);
		seconds = policy_time_seconds(&time, cases[i].life);
		assert_true(seconds >= cases[i].expected);
		assert_true(seconds - cases[i].expected < 100);
	}
}

static void
refuses_times_that_are_none(void **state)
{
	static const char *const texts[] = {"", "80", "0%", "100%", "-1%",
	    " 5%", "5 %", "5%%", "0min", "100001day", "5days", "5h",
	    "99999999999999999999day", "min"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct policy_time time;
		struct error err;

		assert_int_equal(
		    policy_time_parse(texts[i], &time, &err), ERROR_INVALID);
	}
}

#define CA                                                                     \
	"cert_issuance: {local_ca: {cert: a, pk: a}, certs: {a: {method: "     \
	"local_ca, "

static void
refuses_what_contradicts_itself(void **state)
{
	static const struct {
		const char *text;
		const char *part; /* of the message */
	} cases[] = {
	    {CA "common_name: x, subject: {CN: y}}}}",                    "two ways"               },
	    {CA "subject: {XX: y}}}}",                                    "'XX' is no attribute"   },
	    {CA "subject: {CN: [y]}}}}",                                  "'CN' is no attribute"   },
	    {CA "subject: {C: Germany}}}}",                               "'C' cannot be"          },
	    {CA "path_length: 1}}}",				      "profile ca only"        },
	    {CA "profile: ca, path_length: 17}}}",                        "at most 16"             },
	    {CA "accept: [CN, emial]}}}",                                 "'emial' is no part"     },
	    {CA "profile: root}}}",				       "device-identity"        },
	    {CA "renewal: {window: 100%}}}}",                             "certs.a.renewal.window:"},
	    {CA "est: {username: x}}}}",                                  "needs 'password'"       },
	    {"cert_issuance: {renewal: {retry: soon}}",                   "renewal.retry:"         },
	    {CA "est: {trusted_certs: [x], fingerprint: '" PRINT "'}}}}",
             "'trusted_certs' are two ways"							},
	    {"cert_issuance: {est: {identity_pk: x}}",                    "'identity_cert'"        },
	    {"cert_issuance: {certs: {a: {method: local_ca}}}",           "issuer"                 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct certd_config config;
		struct error err;

		print_message("%s\n", cases[i].text);
		assert_int_equal(
		    certd_config_parse(cases[i].text, &config, &err),
		    ERROR_INVALID);
		assert_non_null(strstr(err.message, cases[i].part));
	}
}

#define CERTS(certs)                                                           \
	"cert_issuance:\n"                                                     \
	"  local_ca: {cert: ca, pk: ca-key}\n"                                 \
	"  est: {url: 'https://a', identity_cert: id, identity_pk: id,\n"      \
	"        bootstrap_identity_cert: birth,\n"                            \
	"        bootstrap_identity_pk: birth}\n"                              \
	"  certs:\n" certs
#define LOCAL(id, more)                                                        \
	"    " id ": {method: local_ca, renewal: {retry: 4%}" more "}\n"
#define KEPT(id, more)                                                         \
	"    " id ": {method: local_ca, renewal: {rotate_key: false}" more "}" \
	"\n"
#define PLAIN(id, more) "    " id ": {method: local_ca" more "}\n"

/* A key that is replaced is nobody else's, and so is the next one's name. */
static void
refuses_keys_that_a_renewal_would_take_from_others(void **state)
{
	static const char *const texts[] = {
	    CERTS(LOCAL("a", ", pk: x") LOCAL("b", ", pk: x")),
	    CERTS(KEPT("a", ", pk: x") LOCAL("b", ", pk: x")),
	    CERTS(LOCAL("a", "") PLAIN("b", ", pk: a")),
	    CERTS(PLAIN("a", "") PLAIN("b", ", pk: a, on_renewed: x.target")),
	    CERTS(LOCAL("x", "") LOCAL("x-next", "")),
	    CERTS(LOCAL("x", "") LOCAL("x-next-2", "")),
	    CERTS(PLAIN("x-next", "") LOCAL("x", "")),
	    CERTS(LOCAL("x", ", pk: k") PLAIN("y", ", pk: k-next")),
	    CERTS(LOCAL("x", ", pk: ca-key")),
	    CERTS(LOCAL("x", ", pk: y")
		    PLAIN("z", ", issuer: {cert: y-ca, pk: y-next}")),
	    CERTS(LOCAL("x", ", pk: birth")),
	    CERTS(LOCAL("x", ", pk: id")),
	    CERTS("    e: {method: est, pk: id}\n"),
	    CERTS("    e: {method: est, est: {identity_cert: own,\n"
		  "        identity_pk: birth}}\n"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct certd_config config;
		struct error err;

		print_message("%s\n", texts[i]);
		assert_int_equal(
		    certd_config_parse(texts[i], &config, &err), ERROR_INVALID);
		print_message("  %s\n", err.message);
		assert_true(strstr(err.message, "is replaced when") ||
			    strstr(err.message, "is where the next key"));
	}
}

static void
accepts_keys_that_no_renewal_takes_from_others(void **state)
{
	static const char *const texts[] = {
	    CERTS(KEPT("a", ", pk: x") KEPT("b", ", pk: x")),
	    CERTS(PLAIN("a", ", pk: x") PLAIN("b", ", pk: x")),
	    CERTS(KEPT("x", "") LOCAL("x-next", "")),
	    /* a CA keeps its key, and its own section says no other */
	    CERTS(LOCAL("ca", ", pk: ca-key, profile: ca") LOCAL("x", "")),
	    /* an identity with a section, and one that all share */
	    CERTS("    e: {method: est}\n    f: {method: est}\n"
		  "    id: {method: est}\n"),
	    /* born with a file that nobody replaces */
	    "preloaded_certs: {id: 'file:///id.pem'}\n" CERTS(
		"    e: {method: est, est: {bootstrap_identity_cert: b,\n"
		"        bootstrap_identity_pk: id}}\n"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct certd_config config;

		print_message("%s\n", texts[i]);
		parse(texts[i], &config);
		certd_config_done(&config);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fills_in_the_defaults),
	    cmocka_unit_test(knows_nothing_of_what_is_not_configured),
	    cmocka_unit_test(prefers_what_the_certificate_says_itself),
	    cmocka_unit_test(
		trusts_whom_the_certificate_itself_names_and_nobody_else),
	    cmocka_unit_test(keeps_the_key_of_a_ca_unless_told),
	    cmocka_unit_test(knows_an_identity_without_a_section),
	    cmocka_unit_test(leaves_preloaded_files_alone_unless_told),
	    cmocka_unit_test(reads_parts_of_a_life),
	    cmocka_unit_test(refuses_times_that_are_none),
	    cmocka_unit_test(refuses_what_contradicts_itself),
	    cmocka_unit_test(
		refuses_keys_that_a_renewal_would_take_from_others),
	    cmocka_unit_test(accepts_keys_that_no_renewal_takes_from_others),
	};

	return cmocka_run_group_tests_name("certd policy", tests, NULL, NULL);
}
