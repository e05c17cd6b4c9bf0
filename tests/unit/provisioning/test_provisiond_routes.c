/* SPDX-License-Identifier: MIT */
/*
 * provisiond from the outside: a request in, a reply out. The state of
 * provisioning is a few variables, and so are the connections.
 */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fake_provision.h"
#include "routes.h"

#define DEVICE_BODY "{\"type\":\"aziot\"}"
#define AGENT 2001
#define READER 2002
#define NOBODY 2003

static struct config config;
static struct provisiond provisiond;

static int
setup(void **state)
{
	static char source[] = "dps", method[] = "x509", id[] = "device-id",
		    endpoint[] = "https://dps.example", scope[] = "0ne1",
		    trust[] = "file:///r.pem", agent[] = "2001",
		    reader[] = "2002", device[] = "device";
	static char *identities[] = {device};
	static struct principal_settings principals[] = {
	    {.user = agent               },
	    { .user = reader, .identity = {1, identities}},
	};

	config = (struct config){
	    .provisioning = {.source = source,
			     .global_endpoint = endpoint,
			     .scope_id = scope,
			     .attestation = {.method = method,
		    .identity_cert = id,
		    .identity_pk = id}},
	    .trust_bundle_cert = trust,
	    .principals = {2,        principals                },
	};
	fake_provision_open(&provisiond, &config);
	*state = NULL;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fake_provision_close(&provisiond);
	return 0;
}

/* Sends one request; the caller owns the body of the reply. */
static struct http_reply
send_call(uid_t uid, const char *method, const char *target, const char *body,
    struct http_call *call)
{
	return fake_provision_send(
	    &provisiond, uid, method, target, body, call);
}

static struct http_reply
send_as(uid_t uid, const char *method, const char *target, const char *body)
{
	struct http_call call = {0};

	return send_call(uid, method, target, body, &call);
}

static void
assert_json(struct http_reply reply, unsigned status, const char *expected)
{
	CLEANUP(json) json_t *body = reply.body;
	CLEANUP(string) char *text = json_text(body);

	assert_int_equal(reply.status, status);
	assert_string_equal(text, expected);
}

static void
assert_error(struct http_reply reply, unsigned status, const char *says)
{
	CLEANUP(json) json_t *body = reply.body;
	const char *message =
	    json_string_value(json_object_get(body, "message"));

	assert_int_equal(reply.status, status);
	assert_non_null(message);
	assert_non_null(strstr(message, says));
}

static void
gives_the_device_identity_with_a_key_for_the_caller(void **state)
{
#define IDENTITY(uid)                                                          \
	"{\"type\":\"aziot\",\"spec\":{\"hubName\":\"hub.example\","           \
	"\"gatewayHost\":\"hub.example\",\"deviceId\":\"dev-1\",\"auth\":{"    \
	"\"type\":\"x509\",\"keyHandle\":\"sr=" uid "&sig=b\","                \
	"\"certId\":\"device-id\"}}}"

	(void)state;
	assert_json(
	    send_as(0, "POST", "/identities/device?api-version=2020-09-01",
		DEVICE_BODY),
	    200, IDENTITY("0"));
	assert_json(send_as(READER, "GET",
			"/identities/identity?api-version=2022-08-01", NULL),
	    200, IDENTITY("2002"));
}

static void
says_what_is_configured_and_what_became_of_it(void **state)
{
#define AZIOT                                                                  \
	"{\"source\":\"dps\",\"auth\":\"x509\",\"endpoint\":"                  \
	"\"https://dps.example/\",\"scope_id\":\"0ne1\",\"registration_id\":"
	(void)state;
	assert_json(
	    send_as(0, "GET", "/identities/provisioning?api-version=2021-12-01",
		NULL),
	    200, AZIOT "\"dev-1\",\"payload\":null}");
	assert_json(
	    send_as(AGENT, "GET",
		"/identities/provisioning?api-version=2026-12-01", NULL),
	    200,
	    AZIOT "\"dev-1\",\"payload\":null,\"status\":\"provisioned\","
		  "\"message\":\"\",\"device_id\":\"dev-1\","
		  "\"assigned_hub\":\"hub.example\","
		  "\"assigned_at\":\"2026-12-01T08:00:00Z\","
		  "\"trust_bundle_cert\":\"file:///r.pem\"}");
	fake_provision.status = PROVISION_PROVISIONING;
	fake_provision.message = "waiting for DPS";
	assert_json(
	    send_as(READER, "GET",
		"/identities/provisioning?api-version=2026-12-01", NULL),
	    200,
	    AZIOT "null,\"payload\":null,\"status\":\"other\",\"message\":"
		  "\"waiting for DPS\",\"device_id\":null,"
		  "\"assigned_hub\":null,\"assigned_at\":null,"
		  "\"trust_bundle_cert\":\"file:///r.pem\"}");
	assert_error(
	    send_as(0, "GET", "/identities/provisioning?api-version=2020-09-01",
		NULL),
	    404, "no such");
}

static void
shows_the_payload_for_dps(void **state)
{
	char path[] = "/tmp/sgXXXXXX";
	int file = mkstemp(path);

	(void)state;
	assert_true(file >= 0);
	assert_int_equal(write(file, "{\"site\":7}", 10), 10);
	assert_int_equal(close(file), 0);
	config.provisioning.payload.path = path;
	assert_json(
	    send_as(0, "GET", "/identities/provisioning?api-version=2021-12-01",
		NULL),
	    200, AZIOT "\"dev-1\",\"payload\":{\"site\":7}}");
	assert_int_equal(unlink(path), 0);
	assert_json(
	    send_as(0, "GET", "/identities/provisioning?api-version=2021-12-01",
		NULL),
	    200, AZIOT "\"dev-1\",\"payload\":null}");
}

static void
lends_a_symmetric_key_and_names_the_parent(void **state)
{
	static char id[] = "device-id", parent[] = "parent.example";

	(void)state;
	config.provisioning.attestation = (struct attestation_settings){
	    .kind = CREDENTIAL_SYMMETRIC_KEY, .symmetric_key = id};
	config.provisioning.local_gateway_hostname = parent;
	assert_json(
	    send_as(0, "POST", "/identities/device?api-version=2020-09-01",
		DEVICE_BODY),
	    200,
	    "{\"type\":\"aziot\",\"spec\":{\"hubName\":\"hub.example\","
	    "\"gatewayHost\":\"parent.example\",\"deviceId\":\"dev-1\","
	    "\"auth\":{\"type\":\"sas\",\"keyHandle\":\"sr=0&sig=b\"}}}");
}

static void
says_what_other_sources_are_configured(void **state)
{
	static char manual[] = "manual", none[] = "none", sas[] = "sas";

	(void)state;
	config.provisioning.source = manual;
	config.provisioning.authentication.method = sas;
	assert_json(
	    send_as(0, "GET", "/identities/provisioning?api-version=2021-12-01",
		NULL),
	    200, "{\"source\":\"manual\",\"auth\":\"sas\"}");
	config.provisioning.source = none;
	assert_json(
	    send_as(0, "GET", "/identities/provisioning?api-version=2021-12-01",
		NULL),
	    200, "{\"source\":\"none\"}");
}

static void
lets_each_caller_do_what_it_may(void **state)
{
	static const struct {
		const char *method;
		const char *path;
		const char *body;
		unsigned agent, reader, nobody;
	} cases[] = {
	    {"GET",  "/identities/identity",     NULL,        200, 200, 401},
	    {"POST", "/identities/device",       DEVICE_BODY, 200, 200, 401},
	    {"GET",  "/identities/provisioning", NULL,        200, 200, 401},
	    {"GET",  "/health",                  NULL,        200, 200, 200},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const unsigned expected[] = {
		    cases[i].agent, cases[i].reader, cases[i].nobody};

		for (unsigned who = 0; who < 3; who++) {
			char target[64];
			struct http_reply reply;

			(void)snprintf(target, sizeof(target),
			    "%s?api-version=2026-12-01", cases[i].path);
			reply = send_as(AGENT + who, cases[i].method, target,
			    cases[i].body);
			json_decref(reply.body);
			print_message("%s as %u\n", target, AGENT + who);
			assert_int_equal(reply.status, expected[who]);
		}
	}
}

static void
refuses_to_reprovision_for_others(void **state)
{
	static const char target[] =
	    "/identities/device/reprovision?api-version=2020-09-01";

	(void)state;
	assert_error(send_as(READER, "POST", target, NULL), 401, "may not");
	assert_error(send_as(NOBODY, "POST", target, NULL), 401, "may not");
	assert_int_equal(fake_provision.requests, 0);
}

static void
rejects_malformed_requests(void **state)
{
	static const struct {
		const char *method;
		const char *target;
		const char *body;
		unsigned status;
	} cases[] = {
	    {"POST",   "/identities/device",                          NULL, 400},
	    {"POST",   "/identities/device?api-version=2020-09-01",   NULL, 400},
	    {"POST",   "/identities/device?api-version=2020-09-01",   "{}", 422},
	    {"POST",   "/identities/device?api-version=2020-09-01",   "[",  422},
	    {"POST",   "/identities/device?api-version=2020-09-01",
             "{\"type\":1}",						422},
	    {"DELETE", "/identities/device?api-version=2020-09-01",   NULL, 400},
	    {"GET",    "/identities/identity?api-version=2019-01-01", NULL, 400},
	    {"GET",    "/identities/nothing?api-version=2020-09-01",  NULL, 404},
	    {"GET",    "/health?api-version=2022-08-01",              NULL, 404},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s %s %s\n", cases[i].method, cases[i].target,
		    cases[i].body ? cases[i].body : "");
		assert_error(
		    send_as(0, cases[i].method, cases[i].target, cases[i].body),
		    cases[i].status, "");
	}
}

static void
tells_why_there_is_no_identity(void **state)
{
	static const char target[] =
	    "/identities/identity?api-version=2020-09-01";

	(void)state;
	fake_provision.status = PROVISION_FAILED;
	fake_provision.message = "the certificate has expired";
	assert_error(send_as(0, "GET", target, NULL), 400,
	    "the device is not provisioned: the certificate has expired");
	fake_provision.status = PROVISION_PROVISIONED;
	fake_provision.keyd_away = true;
	assert_error(send_as(0, "GET", target, NULL), 404,
	    "keyd does not give the device's key: nobody listens");
}

static void
callers_wait_while_the_device_is_provisioned(void **state)
{
	static const char target[] =
	    "/identities/identity?api-version=2020-09-01";
	struct http_call call = {0}, gone = {.abandoned = true}, late = {0};

	(void)state;
	fake_provision.status = PROVISION_PROVISIONING;
	assert_true(send_call(0, "GET", target, NULL, &call).deferred);
	assert_int_equal(call.resumed, 0);
	assert_true(send_call(0, "GET", target, NULL, &gone).deferred);
	assert_int_equal(gone.resumed, 1);
	assert_true(send_call(0, "GET", target, NULL, &late).deferred);

	fake_provision.status = PROVISION_FAILED;
	waiters_review(provisiond.waiters);
	waiters_review(provisiond.waiters);
	assert_int_equal(call.resumed, 1);
	assert_int_equal(late.resumed, 1);
	assert_int_equal(call.answered, 0);
}

static void
a_request_to_reprovision_waits_for_its_outcome(void **state)
{
	static const char target[] =
	    "/identities/device/reprovision?api-version=2026-12-01";
	struct http_call first = {0}, second = {0};

	(void)state;
	assert_true(send_call(AGENT, "POST", target, NULL, &first).deferred);
	assert_true(
	    send_call(0, "POST", target, DEVICE_BODY, &second).deferred);
	assert_int_equal(fake_provision.requests, 2);

	fake_provision.served = 1;
	waiters_review(provisiond.waiters);
	assert_int_equal(first.answered, 1);
	assert_int_equal(first.status, 204);
	assert_null(first.body);
	assert_int_equal(second.answered, 0);

	fake_provision.served = 2;
	(void)error_set(
	    &fake_provision.outcome, ERROR_UNAVAILABLE, "DPS is away");
	waiters_review(provisiond.waiters);
	assert_json(
	    (struct http_reply){.status = second.status, .body = second.body},
	    404, "{\"message\":\"DPS is away\",\"code\":\"upstream\"}");
}

static void
answers_who_still_waits_when_it_ends(void **state)
{
	struct http_call call = {0};

	(void)state;
	fake_provision.status = PROVISION_PROVISIONING;
	assert_true(send_call(0, "GET",
	    "/identities/identity?api-version=2020-09-01", NULL, &call)
			.deferred);
	waiters_dismiss(provisiond.waiters);
	assert_int_equal(call.answered, 1);
	json_decref(call.body);
}

static void
reports_its_health_to_everybody(void **state)
{
	static const struct {
		enum provision_status status;
		const char *message;
		bool passing;
		const char *health;
		bool is_told_to_pass; /* as what is provisioned still can */
	} cases[] = {
	    {PROVISION_PROVISIONED,  "",           true,  "ok",       false},
	    {PROVISION_PROVISIONED,  "no network", true,  "degraded", true },
	    {PROVISION_PROVISIONED,  "no key",     false, "degraded", false},
	    {PROVISION_PROVISIONING, "",           false, "starting", false},
	    {PROVISION_PROVISIONING, "no network", true,  "starting", false},
	    {PROVISION_FAILED,       "expired",    false, "degraded", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char expected[96];

		fake_provision.status = cases[i].status;
		fake_provision.message = cases[i].message;
		fake_provision.passing = cases[i].passing;
		(void)snprintf(expected, sizeof(expected),
		    "{\"status\":\"%s\",\"message\":\"%s\"%s}", cases[i].health,
		    cases[i].message,
		    cases[i].is_told_to_pass ? ",\"passing\":true" : "");
		assert_json(send_as(NOBODY, "GET",
				"/health?api-version=2026-12-01", NULL),
		    200, expected);
	}
}

static void
stays_up_and_says_what_is_wrong(void **state)
{
	struct provisiond broken = {.fault.code = ERROR_NONE};
	const struct provisiond working = provisiond;

	(void)state;
	(void)error_set(&broken.fault, ERROR_INVALID, "line 3: unknown key");
	provisiond = broken;
	assert_json(
	    send_as(NOBODY, "GET", "/health?api-version=2026-12-01", NULL), 200,
	    "{\"status\":\"degraded\",\"message\":\"line 3: unknown key\"}");
	assert_error(send_as(NOBODY, "GET",
			 "/identities/identity?api-version=2020-09-01", NULL),
	    503, "line 3: unknown key");
	assert_error(send_as(0, "POST",
			 "/identities/device/reprovision?api-version="
			 "2020-09-01",
			 NULL),
	    503, "line 3: unknown key");
	provisiond = working;
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(gives_the_device_identity_with_a_key_for_the_caller),
	    TEST(says_what_is_configured_and_what_became_of_it),
	    TEST(shows_the_payload_for_dps),
	    TEST(lends_a_symmetric_key_and_names_the_parent),
	    TEST(says_what_other_sources_are_configured),
	    TEST(lets_each_caller_do_what_it_may),
	    TEST(refuses_to_reprovision_for_others),
	    TEST(rejects_malformed_requests),
	    TEST(tells_why_there_is_no_identity),
	    TEST(callers_wait_while_the_device_is_provisioned),
	    TEST(a_request_to_reprovision_waits_for_its_outcome),
	    TEST(answers_who_still_waits_when_it_ends),
	    TEST(reports_its_health_to_everybody),
	    TEST(stays_up_and_says_what_is_wrong),
	};

	return cmocka_run_group_tests_name(
	    "provisiond routes", tests, NULL, NULL);
}
