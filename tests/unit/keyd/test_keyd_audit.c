/* SPDX-License-Identifier: MIT */
/* Which calls of keyd are on record, and as what. */
#include "cmocka_wrap.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "audit_fixture.h"
#include "common/file.h"
#include "keyd_fixture.h"

#define SOME_DIGEST "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="

static struct error err;

static int
setup(void **state)
{
	int result = keyd_fixture_setup(state);

	keyd_fixture_record();
	return result;
}

/* The last record as "uid op alg key result", with what else it has. */
static char *
last_record(void)
{
	CLEANUP(string)
	char *folder = string_format("%s/audit", fixture->directory);
	void *const state[] = {folder};
	CLEANUP(json) json_t *records = audit_log_records(state);
	size_t last = json_array_size(records) - 1;
	const json_t *record = json_array_get(records, last);
	const char *alg = audit_member(records, last, "alg");
	const char *to = audit_member(records, last, "to");
	const char *kind = audit_member(records, last, "kind");
	json_int_t levels =
	    json_integer_value(json_object_get(record, "levels"));
	json_t *by = json_object_get(record, "by");
	json_t *lent = json_object_get(record, "for");

	return string_format("%d %s%s%s %s%s%s%s%s%s%s%s: %s",
	    (int)json_integer_value(json_object_get(record, "uid")),
	    audit_member(records, last, "op"), *alg ? " " : "", alg,
	    audit_member(records, last, "key"), *to ? " to " : "", to,
	    *kind ? " " : "", kind, levels > 0 ? " derived" : "",
	    by ? " lent" : "", lent ? " for another" : "",
	    audit_member(records, last, "result"));
}

static void
assert_recorded(const char *expected)
{
	CLEANUP(string) char *record = last_record();

	assert_string_equal(record, expected);
}

static size_t
count_records(void)
{
	CLEANUP(string)
	char *folder = string_format("%s/audit", fixture->directory);
	void *const state[] = {folder};
	CLEANUP(json) json_t *records = audit_log_records(state);

	return json_array_size(records);
}

/* A request with a handle in it, for which body has a %s. */
static unsigned
send_handle(uid_t uid, const char *target, const char *body, const char *handle)
{
	const char *place = strstr(body, "%s");
	CLEANUP(string)
	char *text = string_format("%.*s%s%s", (int)(place - body), body,
	    handle, place + strlen("%s"));

	return keyd_fixture_status(uid, "POST", target, text);
}

static void
records_each_change(void **state)
{
	(void)state;
	free(keyd_fixture_create("a", "ec-p256"));
	assert_recorded("0 create ec-p256 a: ok");
	assert_int_equal(keyd_fixture_status(ALICE, "POST", "/keypair/a2" OURS,
			     "{\"from\":\"a\"}"),
	    204);
	assert_recorded("1001 move a to a2: ok");
	assert_int_equal(
	    keyd_fixture_status(ALICE, "DELETE", "/keys/a2" OURS, NULL), 204);
	assert_recorded("1001 delete a2: ok");
	assert_int_equal(keyd_fixture_status(ALICE, "POST", "/key" OURS,
			     "{\"keyId\":\"a\",\"usage\":\"sign\",\"keyBytes\":"
			     "\"c2VjcmV0\"}"),
	    200);
	assert_recorded("1001 import a symmetric: ok");
}

static void
records_each_use_with_its_algorithm(void **state)
{
	CLEANUP(string)
	char *handle = keyd_fixture_create("a", "ec-p256");
	CLEANUP(string) char *secret = NULL;

	(void)state;
	assert_int_equal(send_handle(ALICE, "/sign" AZIOT,
			     "{\"keyHandle\":\"%s\",\"algorithm\":\"ECDSA\","
			     "\"parameters\":{\"digest\":\"" SOME_DIGEST "\"}}",
			     handle),
	    200);
	assert_recorded("1001 sign ECDSA a: ok");
	assert_int_equal(
	    keyd_fixture_status(ALICE, "POST", "/keys/a/sign" OURS,
		"{\"algorithm\":\"ES256\",\"digest\":\"" SOME_DIGEST "\"}"),
	    200);
	assert_recorded("1001 sign ES256 a: ok");
	assert_int_equal(
	    keyd_fixture_status(ALICE, "POST", "/keys/a/sign" OURS,
		"{\"algorithm\":\"RS256\",\"digest\":\"" SOME_DIGEST "\"}"),
	    400);
	assert_recorded("1001 sign RS256 a: invalid");

	secret = keyd_fixture_string("POST", "/key" OURS,
	    "{\"keyId\":\"s\",\"usage\":\"sign,derive\"}", "keyHandle");
	assert_recorded("0 create s symmetric: ok");
	assert_int_equal(
	    send_handle(ROOT, "/sign" AZIOT,
		"{\"keyHandle\":\"%s\",\"algorithm\":\"HMAC-SHA256\","
		"\"parameters\":{\"message\":\"YQ==\"}}",
		secret),
	    200);
	assert_recorded("0 sign HMAC-SHA256 s symmetric: ok");
}

static void
records_a_derived_key_as_one(void **state)
{
	CLEANUP(string)
	char *base = keyd_fixture_string("POST", "/key" OURS,
	    "{\"keyId\":\"s\",\"usage\":\"derive,sign\"}", "keyHandle");
	CLEANUP(string)
	char *body = string_format(
	    "{\"baseKeyHandle\":\"%s\",\"derivationData\":\"YQ==\"}", base);
	CLEANUP(string)
	char *derived =
	    keyd_fixture_string("POST", "/derivedkey" OURS, body, "keyHandle");

	(void)state;
	assert_int_equal(send_handle(ROOT, "/derivedkey/export" OURS,
			     "{\"keyHandle\":\"%s\"}", derived),
	    200);
	assert_recorded("0 export s symmetric derived: ok");
}

static void
records_who_lent_a_handle_and_who_uses_it(void **state)
{
	CLEANUP(string)
	char *handle = keyd_fixture_create("a", "ec-p256");
	CLEANUP(string)
	char *body =
	    string_format("{\"keyHandle\":\"%s\",\"uid\":1009}", handle);
	struct http_reply reply =
	    keyd_fixture_send(ALICE, "POST", "/handles/delegate" OURS, body);
	CLEANUP(json) json_t *answer = reply.body;

	(void)state;
	assert_int_equal(reply.status, 200);
	assert_recorded("1001 delegate a for another: ok");
	assert_int_equal(
	    send_handle(STRANGER, "/sign" AZIOT,
		"{\"keyHandle\":\"%s\",\"algorithm\":\"ECDSA\","
		"\"parameters\":{\"digest\":\"" SOME_DIGEST "\"}}",
		json_string_value(json_object_get(answer, "keyHandle"))),
	    200);
	assert_recorded("1009 sign ECDSA a lent: ok");
}

static void
records_each_attempt_that_is_denied(void **state)
{
	static const struct {
		const char *method, *target, *body, *record;
		uid_t uid;
	} attempts[] = {
	    {"GET",    "/keys/a" OURS,                         NULL,                "1002 load a: denied",             BOB },
	    {"GET",    "/keypair/a" AZIOT,                     NULL,                "1002 load a: denied",             BOB },
	    {"DELETE", "/keys/a" OURS,                         NULL,                "1002 load a: denied",             BOB },
	    {"POST",   "/keypair" AZIOT,                       "{\"keyId\":\"a\"}",
             "1002 load a: denied",										    BOB },
	    {"POST",   "/keypair/b" AZIOT,                     "{\"from\":\"a\"}",
             "1002 move a to b: denied",									       BOB },
	    {"POST",   "/keys/a/sign" OURS,
             "{\"algorithm\":\"ES256\",\"digest\":\"" SOME_DIGEST "\"}",
             "1002 sign ES256 a: denied",									      BOB },
	    {"POST",   "/keys/a/verify" OURS,
             "{\"algorithm\":\"ES256\",\"digest\":\"" SOME_DIGEST
		"\",\"signature\":\"\"}",					   "1002 verify ES256 a: denied",     BOB },
	    {"GET",    "/keypair/a" AZIOT,                     NULL,                "1009 call /keypair/{} a: denied",
             STRANGER												      },
	    {"GET",    "/keypair/handle-validation-key" AZIOT, NULL,
             "0 load handle-validation-key: denied",								   ROOT},
	};

	(void)state;
	free(keyd_fixture_create("a", "ec-p256"));
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		print_message("%s\n", attempts[i].record);
		assert_int_equal(
		    keyd_fixture_status(attempts[i].uid, attempts[i].method,
			attempts[i].target, attempts[i].body),
		    401);
		assert_recorded(attempts[i].record);
	}
}

static void
records_nothing_for_what_uses_nothing_secret(void **state)
{
	static const char *const targets[] = {"/keys" OURS, "/keys/a" OURS,
	    "/keypair/a" AZIOT, "/keys/a/public" OURS, "/health" OURS,
	    "/metrics" OURS};
	size_t before;

	(void)state;
	free(keyd_fixture_create("a", "ec-p256"));
	before = count_records();
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		assert_int_equal(
		    keyd_fixture_status(ALICE, "GET", targets[i], NULL), 200);
	assert_int_equal(count_records(), before);
}

/* ---- a log that cannot be written ---- */

static void
forbid_growth(bool forbidden)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = forbidden ? 0 : limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static int
teardown(void **state)
{
	forbid_growth(false);
	return keyd_fixture_teardown(state);
}

static void
gives_no_signature_that_is_not_on_record(void **state)
{
	static const char body[] =
	    "{\"algorithm\":\"ES256\",\"digest\":\"" SOME_DIGEST "\"}";
	struct http_reply reply;

	(void)state;
	free(keyd_fixture_create("a", "ec-p256"));
	(void)signal(SIGXFSZ, SIG_IGN);
	forbid_growth(true);
	for (int i = 0; i < 2; i++) {
		reply =
		    keyd_fixture_send(ALICE, "POST", "/keys/a/sign" OURS, body);
		assert_int_equal(reply.status, 503);
		assert_null(json_object_get(reply.body, "signature"));
		assert_non_null(strstr(
		    json_string_value(json_object_get(reply.body, "message")),
		    "audit log"));
		json_decref(reply.body);
	}
	forbid_growth(false);
	assert_int_equal(
	    keyd_fixture_status(ALICE, "POST", "/keys/a/sign" OURS, body), 200);
	assert_int_equal(audit_ready(fixture->audit, &err), ERROR_NONE);
}

static void
does_not_begin_a_change_that_cannot_be_recorded(void **state)
{
	(void)state;
	free(keyd_fixture_create("a", "ec-p256"));
	(void)signal(SIGXFSZ, SIG_IGN);
	forbid_growth(true);
	/* The first to meet the trouble has been done. */
	assert_int_equal(
	    keyd_fixture_status(ALICE, "POST", "/keys/a/sign" OURS,
		"{\"algorithm\":\"ES256\",\"digest\":\"" SOME_DIGEST "\"}"),
	    503);
	assert_int_equal(
	    keyd_fixture_status(ALICE, "DELETE", "/keys/a" OURS, NULL), 503);
	forbid_growth(false);
	assert_int_equal(
	    keyd_fixture_status(ALICE, "GET", "/keys/a" OURS, NULL), 200);
}

#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(records_each_change),
	    TEST(records_each_use_with_its_algorithm),
	    TEST(records_a_derived_key_as_one),
	    TEST(records_who_lent_a_handle_and_who_uses_it),
	    TEST(records_each_attempt_that_is_denied),
	    TEST(records_nothing_for_what_uses_nothing_secret),
	    TEST(gives_no_signature_that_is_not_on_record),
	    TEST(does_not_begin_a_change_that_cannot_be_recorded),
	};

	return cmocka_run_group_tests_name("keyd audit", tests, NULL, NULL);
}
