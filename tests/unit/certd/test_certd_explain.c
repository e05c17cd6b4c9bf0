/* SPDX-License-Identifier: MIT */
/* GET /certificates/{id}/explain: what holds, and which line says so. */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>

#include "certd/settings.h"
#include "certd_world.h"
#include "common/file.h"

#define FINGERPRINT                                                            \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(                                       \
	    name, certd_world_create, certd_world_remove)

static void
explains_which_line_said_what(void **state)
{
	static const struct {
		const char *key;
		const char *value;
		unsigned line; /* 0: nobody said it */
	} expected[] = {
	    {"method",             "local_ca",         9 },
	    {"pk",                 "web",              0 },
	    {"issuer.cert",        "local-ca",         3 },
	    {"profile",            "server",           9 },
	    {"accept",             "subject, dns, ip", 0 },
	    {"expiry_days",        "7",                9 },
	    {"renewal.automatic",  "true",             0 },
	    {"renewal.window",     "70%",              6 },
	    {"renewal.retry",      "10min",            10},
	    {"renewal.rotate_key", "true",             0 },
	    {"renewal.prove",      "user",             10},
	};
	CLEANUP(json) json_t *body = NULL;
	const json_t *settings;
	CLEANUP(string)
	char *path = string_format("%s/config.yaml", world.directory);

	(void)state;
	certd_world_configure_file(
	    "preloaded_certs: {local-ca: 'file://%s/ca.pem'}\n"
	    "cert_issuance:\n"
	    "  local_ca: {cert: local-ca, pk: ca-key}\n"
	    "  est: {url: 'https://e', username: u, password: secret}\n"
	    "  renewal:\n"
	    "    window: 70%\n"
	    "    retry: 5%\n"
	    "  certs:\n"
	    "    web: {method: local_ca, profile: server, expiry_days: 7,\n"
	    "          renewal: {retry: 10min, prove: user}}\n"
	    "    e: {method: est}\n");
	body = certd_get("/certificates/web/explain" OURS);
	settings = json_object_get(body, "settings");
	assert_int_equal(json_array_size(settings),
	    sizeof(expected) / sizeof(expected[0]) + 1);
	for (size_t i = 0, j = 0; i < json_array_size(settings); i++) {
		const json_t *setting = json_array_get(settings, i);
		CLEANUP(string)
		char *place = string_format("%s:%u", path, expected[j].line);

		if (strcmp(certd_text_of(setting, "key"), "issuer.pk") == 0)
			continue;
		print_message("%s\n", expected[j].key);
		assert_string_equal(
		    certd_text_of(setting, "key"), expected[j].key);
		assert_string_equal(
		    certd_text_of(setting, "value"), expected[j].value);
		assert_string_equal(certd_text_of(setting, "origin"),
		    expected[j].line ? place : "default");
		j++;
	}
}

static void
assert_setting(
    const char *target, const char *key, const char *value, unsigned line)
{
	CLEANUP(json) json_t *body = certd_get(target);
	const json_t *settings = json_object_get(body, "settings");
	CLEANUP(string)
	char *place = string_format("%s/config.yaml:%u", world.directory, line);

	print_message("%s %s\n", target, key);
	for (size_t i = 0; i < json_array_size(settings); i++) {
		const json_t *setting = json_array_get(settings, i);

		if (strcmp(certd_text_of(setting, "key"), key) != 0)
			continue;
		assert_string_equal(certd_text_of(setting, "value"), value);
		assert_string_equal(
		    certd_text_of(setting, "origin"), line ? place : "default");
		return;
	}
	fail_msg("no %s", key);
}

#define EXPLAIN(id) "/certificates/" id "/explain" OURS

static void
explains_an_identity_by_what_is_asked_for_with_it(void **state)
{
	(void)state;
	certd_world_configure_file("cert_issuance:\n"
				   "  est:\n"
				   "    url: 'https://e'\n"
				   "    allow_http: true\n"
				   "    identity_cert: est-id\n"
				   "    identity_pk: est-key\n"
				   "  certs:\n"
				   "    e: {method: est, common_name: dev-1,\n"
				   "        est: {url: 'https://other'}}\n");
	assert_setting(EXPLAIN("est-id"), "method", "est", 5);
	assert_setting(EXPLAIN("est-id"), "pk", "est-key", 5);
	assert_setting(EXPLAIN("est-id"), "profile", "client", 5);
	assert_setting(EXPLAIN("est-id"), "common_name", "dev-1", 8);
	assert_setting(EXPLAIN("est-id"), "est.url", "https://other", 9);
	assert_setting(EXPLAIN("e"), "method", "est", 8);
	/* That of the other URL is none of this one. */
	assert_setting(EXPLAIN("e"), "est.allow_http", "false", 0);
}

static void
never_shows_a_password(void **state)
{
	CLEANUP(json) json_t *body = NULL;
	CLEANUP(string) char *text = NULL;

	(void)state;
	certd_world_configure_file(
	    "cert_issuance:\n"
	    "  est: {url: 'https://e', username: u, password: sesame}\n"
	    "  certs: {e: {method: est}}\n");
	body = certd_get("/certificates/e/explain" OURS);
	text = json_text(body);
	assert_non_null(strstr(text, "est.password"));
	assert_null(strstr(text, "sesame"));
}

/* ---- each key ---- */

/* A line that sets something ends with what it sets, and for whom. */
static const char everything[] =
    "preloaded_certs:\n"
    "  local-ca: 'file://%s/ca.pem' # local-ca preloaded_certs\n"
    "manage_preloaded: true # local-ca manage_preloaded\n"
    "compat: aziot # a compat\n"
    "cert_issuance:\n"
    "  local_ca:\n"
    "    cert: local-ca # g issuer.cert\n"
    "    pk: ca-key # g issuer.pk\n"
    "  est:\n"
    "    url: https://a # d est.url\n"
    "    trusted_certs: [local-ca] # d est.trusted_certs\n"
    "    username: u # d est.username\n"
    "    password: p # d est.password\n"
    "    identity_cert: i # d est.identity_cert\n"
    "    identity_pk: i # d est.identity_pk\n"
    "    bootstrap_identity_cert: b # d est.bootstrap_identity_cert\n"
    "    bootstrap_identity_pk: b # d est.bootstrap_identity_pk\n"
    "    allow_http: false # d est.allow_http\n"
    "  renewal:\n"
    "    automatic: true # d renewal.automatic\n"
    "    window: 75% # d renewal.window\n"
    "    retry: 5% # d renewal.retry\n"
    "    rotate_key: true # d renewal.rotate_key\n"
    "    prove: user # d renewal.prove\n"
    "  certs:\n"
    "    a:\n"
    "      method: local_ca # a method\n"
    "      profile: ca # a profile\n"
    "      path_length: 1 # a path_length\n"
    "      expiry_days: 9 # a expiry_days\n"
    "      digest: sha384 # a digest\n"
    "      pk: key # a pk\n"
    "      common_name: a # a common_name\n"
    "      accept: [subject] # a accept\n"
    "      issuer:\n"
    "        cert: local-ca # a issuer.cert\n"
    "        pk: ca-key # a issuer.pk\n"
    "      on_renewed: x.service # a on_renewed\n"
    "    c:\n"
    "      method: est # c method\n"
    "      subject: { CN: b } # c subject\n"
    "      est:\n"
    "        url: https://b # c est.url\n"
    "        trusted_certs: [local-ca] # c est.trusted_certs\n"
    "        username: v # c est.username\n"
    "        password: q # c est.password\n"
    "        identity_cert: j # c est.identity_cert\n"
    "        identity_pk: j # c est.identity_pk\n"
    "        bootstrap_identity_cert: k # c est.bootstrap_identity_cert\n"
    "        bootstrap_identity_pk: k # c est.bootstrap_identity_pk\n"
    "        allow_http: false # c est.allow_http\n"
    "      renewal:\n"
    "        automatic: false # c renewal.automatic\n"
    "        window: 70% # c renewal.window\n"
    "        retry: 6% # c renewal.retry\n"
    "        rotate_key: false # c renewal.rotate_key\n"
    "        prove: nobody # c renewal.prove\n"
    "    d: { method: est } # d method\n"
    "    f:\n"
    "      method: est # f method\n"
    "      est:\n"
    "        fingerprint: " FINGERPRINT " # f est.fingerprint\n"
    "    g: { method: local_ca } # g method\n";

/* The first origin of key. */
static void
assert_origin(const char *id, const char *key, unsigned line)
{
	CLEANUP(string)
	char *target = string_format("/certificates/%s/explain" OURS, id);
	CLEANUP(string)
	char *place = string_format("%s/config.yaml:%u", world.directory, line);
	CLEANUP(json) json_t *body = certd_get(target);
	const json_t *setting = NULL;
	size_t i;

	json_array_foreach(json_object_get(body, "settings"), i, setting)
	{
		if (strcmp(certd_text_of(setting, "key"), key) != 0)
			continue;
		if (strcmp(certd_text_of(setting, "origin"), place) != 0)
			fail_msg("%s %s: %s", id, key,
			    certd_text_of(setting, "origin"));
		return;
	}
	fail_msg("nothing is said about %s of %s", key, id);
}

/* Reads " # ID KEY" behind text. */
static void
check_line(const char *text, size_t length, unsigned line)
{
	char id[100], key[100];
	CLEANUP(string) char *copy = strndup(text, length);
	const char *mark = strstr(copy, " # ");

	if (!mark)
		return;
	assert_int_equal(sscanf(mark, " # %99s %99s", id, key), 2);
	assert_origin(id, key, line);
}

/* A key that is new is to be explained, too. */
static void
assert_all_are_there(const struct config_table *table, const char *section)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct config_field *field = &table->fields[i];
		CLEANUP(string)
		char *name = string_format("%s%s", section, field->key);
		CLEANUP(string) char *dotted = string_format("%s.", name);
		CLEANUP(string) char *marked = string_format(" %s\n", name);

		if (field->table)
			assert_all_are_there(field->table, dotted);
		else if (!strstr(everything, marked))
			fail_msg("'%s' is not tested", name);
	}
}

static void
explains_each_key_by_its_line(void **state)
{
	const char *text = everything;

	(void)state;
	assert_all_are_there(&certd_issuance_table, "");
	certd_world_configure_file(everything);
	for (unsigned line = 1; *text; line++) {
		size_t length = strcspn(text, "\n");

		check_line(text, length, line);
		text += length + 1;
	}
}

/* What its server decides is not said as if it held. */
static void
explains_of_est_what_holds_for_it(void **state)
{
	CLEANUP(json) json_t *body = NULL;
	CLEANUP(string) char *text = NULL;

	(void)state;
	certd_world_configure_file(everything);
	body = certd_get(EXPLAIN("d"));
	text = json_text(body);
	assert_null(strstr(text, "expiry_days"));
	assert_null(strstr(text, "accept"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(explains_which_line_said_what),
	    TEST(explains_an_identity_by_what_is_asked_for_with_it),
	    TEST(never_shows_a_password),
	    TEST(explains_each_key_by_its_line),
	    TEST(explains_of_est_what_holds_for_it),
	};

	return cmocka_run_group_tests_name("certd explain", tests, NULL, NULL);
}
