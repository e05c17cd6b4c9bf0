/* SPDX-License-Identifier: MIT */
/*
 * Bodies and headers that nobody should send: each call refuses them with the
 * right status, and nothing changes.
 */
#include "cmocka_wrap.h"

#include <string.h>

#include "cloud_fixture.h"
#include "common/file.h"
#include "pki_fixture.h"

#define DPS "?api-version=2021-10-01"
#define HUB "?api-version=2021-04-12"
#define DEVICE "/0ne00000001/registrations/dev"
#define VERIFY "/certificates/plant/verify" DPS

/* ---- bodies ---- */

static const struct call {
	enum plant_caller caller;
	const char *method;
	const char *target;
	const char *if_match;
} calls[] = {
    {BY_DPS_POLICY, "PUT",   "/enrollments/new" DPS,         NULL},
    {BY_DPS_POLICY, "PUT",   "/enrollments/dev" DPS,         "*" },
    {BY_DPS_POLICY, "PUT",   "/enrollmentGroups/new" DPS,    NULL},
    {BY_DPS_POLICY, "PUT",   "/enrollmentGroups/line" DPS,   "*" },
    {BY_DPS_POLICY, "POST",  "/enrollments" DPS,             NULL},
    {BY_DPS_POLICY, "POST",  "/enrollmentGroups" DPS,        NULL},
    {BY_ADMIN,      "PUT",   "/certificates/new" DPS,        NULL},
    {BY_ADMIN,      "POST",  VERIFY,                         NULL},
    {BY_ADMIN,      "POST",  "/faults",                      NULL},
    {BY_ADMIN,      "PUT",   "/policies/dps/x",              NULL},
    {BY_DEVICE,     "PUT",   DEVICE "/register" DPS,         NULL},
    {BY_DEVICE,     "POST",  DEVICE DPS,                     NULL},
    {BY_HUB_POLICY, "PUT",   "/devices/new" HUB,             NULL},
    {BY_HUB_POLICY, "PUT",   "/devices/dev" HUB,             "*" },
    {BY_HUB_POLICY, "POST",  "/devices" HUB,                 NULL},
    {BY_HUB_POLICY, "POST",  "/devices/query" HUB,           NULL},
    {BY_HUB_POLICY, "PATCH", "/twins/dev" HUB,               "*" },
    {BY_HUB_POLICY, "PUT",   "/twins/dev" HUB,               NULL},
    {BY_HUB_POLICY, "PATCH", "/twins/dev/modules/m" HUB,     NULL},
    {BY_HUB_POLICY, "PUT",   "/devices/dev/modules/new" HUB, NULL},
    {BY_HUB_POLICY, "PUT",   "/devices/dev/modules/m" HUB,   "*" },
};

#define CALL_COUNT (sizeof(calls) / sizeof(calls[0]))

static struct reply
send_body(struct plant *plant, const struct call *call, const char *body,
    size_t length)
{
	return plant_send(plant, &(struct plant_request){.caller = call->caller,
				     .method = call->method,
				     .target = call->target,
				     .body = body,
				     .length = length,
				     .headers = {.if_match = call->if_match}});
}

/* A plant with one of everything, and with a CA that waits for its proof. */
static int
setup(void **state)
{
	static const struct call
	    upload = {BY_ADMIN, "PUT", "/certificates/plant" DPS, NULL},
	    order = {BY_ADMIN, "POST",
		"/certificates/plant/generateVerificationCode" DPS, NULL};
	CLEANUP(string) char *text = NULL;
	CLEANUP(json) json_t *body = NULL;
	CLEANUP(string) char *pem = NULL;
	struct reply reply;
	struct plant *plant;

	if (plant_setup_full(state))
		return 1;
	plant = *state;
	pem = fixture_pem(plant->root.certificate);
	body = json_pack("{s:{s:s}}", "properties", "certificate", pem);
	text = json_text(body);
	reply = send_body(plant, &upload, text, strlen(text));
	assert_status(&reply, 200);
	reply = send_body(plant, &order, NULL, 0);
	assert_status(&reply, 200);
	return 0;
}

/* A bulk call answers 200 and tells why it did nothing of it. */
static bool
is_told_of_each(const struct reply *reply)
{
	return json_is_false(json_object_get(reply->body, "isSuccessful"));
}

/* Sends body by each call, which must refuse it. */
static void
assert_no_call_takes(struct plant *plant, const char *body, size_t length)
{
	CLEANUP(string) char *before = cloud_dump(plant->cloud);

	for (size_t i = 0; i < CALL_COUNT; i++) {
		CLEANUP_DONE(reply)
		struct reply reply = send_body(plant, &calls[i], body, length);
		CLEANUP(string) char *after = cloud_dump(plant->cloud);

		print_message("%s %s: ", calls[i].method, calls[i].target);
		if (reply.status != 200 || !is_told_of_each(&reply))
			assert_error_of(&reply, 400);
		assert_string_equal(before, after);
	}
}

static void
refuses_bodies_that_are_no_json_or_no_object(void **state)
{
	static const struct {
		const char *text;
		size_t length; /* 0: strlen(text) */
	} bodies[] = {
	    {"{",			    0},
	    {"{]",			   0},
	    {"null",			 0},
	    {"true",			 0},
	    {"7",			    0},
	    {"\"text\"",                     0},
	    {"[]",			   0},
	    {"[[]]",			 0},
	    {"[null]",		       0},
	    {"{}{}",			 0},
	    {"{} x",			 0},
	    {"{\"a\":1,\"a\":2}",            0},
	    {"{\"a\":\"\xff\"}",             0},
	    {"{\"a\":\"\\ud800\"}",          0},
	    {"{\"a\":\"\\u0000\"}",          0},
	    {"{\"a\":1e999}",                0},
	    {"{\"a\":99999999999999999999}", 0},
	    {"{\"a\":'b'}",                  0},
	    {"<html></html>",                0},
	    {"\0",			   1},
	    {"{\"a\":1}\0",                  8},
	};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		assert_no_call_takes(*state, bodies[i].text,
		    bodies[i].length ? bodies[i].length
				     : strlen(bodies[i].text));
}

static void
refuses_bodies_that_are_nested_too_deep(void **state)
{
	enum { DEPTH = 100000 };
	char *deep = malloc(2 * DEPTH);

	assert_non_null(deep);
	memset(deep, '[', DEPTH);
	memset(deep + DEPTH, ']', DEPTH);
	assert_no_call_takes(*state, deep, 2 * (size_t)DEPTH);
	assert_no_call_takes(*state, deep, DEPTH);
	free(deep);
}

/* ---- certificates ---- */

/* In the places of certificates, each has one %s. */
static const struct {
	struct call call;
	const char *format;
} slots[] = {
    {{BY_DPS_POLICY, "PUT", "/enrollments/new" DPS, NULL},
     "{\"attestation\":{\"type\":\"x509\",\"x509\":{\"clientCertificates\":"
	"{\"primary\":{\"certificate\":%s}}}}}"                                       },
    {{BY_DPS_POLICY, "PUT", "/enrollmentGroups/new" DPS, NULL},
     "{\"attestation\":{\"type\":\"x509\",\"x509\":{\"signingCertificates\":"
	"{\"primary\":{\"certificate\":%s}}}}}"                                       },
    {{BY_ADMIN, "PUT", "/certificates/new" DPS, NULL},
     "{\"properties\":{\"certificate\":%s}}"                                          },
    {{BY_ADMIN, "POST", VERIFY, NULL},                          "{\"certificate\":%s}"},
};

static void
assert_no_slot_takes(struct plant *plant, const char *certificate)
{
	CLEANUP(json) json_t *value = json_string(certificate);
	CLEANUP(string) char *quoted = json_dumps(value, JSON_ENCODE_ANY);
	CLEANUP(string) char *before = cloud_dump(plant->cloud);

	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		const char *format = slots[i].format;
		const char *hole = strstr(format, "%s");
		CLEANUP(string)
		char *body = string_format(
		    "%.*s%s%s", (int)(hole - format), format, quoted, hole + 2);
		CLEANUP_DONE(reply)
		struct reply reply =
		    send_body(plant, &slots[i].call, body, strlen(body));
		CLEANUP(string) char *after = cloud_dump(plant->cloud);

		print_message("%s: ", slots[i].call.target);
		assert_error_of(&reply, 400);
		assert_string_equal(before, after);
	}
}

static void
refuses_certificates_that_are_only_armoured_like_some(void **state)
{
	static const char *const texts[] = {
	    "",
	    "-----BEGIN CERTIFICATE-----",
	    "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
	    "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n",
	    "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
	    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
	    "-----BEGIN PUBLIC KEY-----\nQUJD\n-----END PUBLIC KEY-----\n",
	    "QUJD",
	};
	struct plant *plant = *state;
	CLEANUP(string) char *cut = fixture_pem(plant->root.certificate);

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_no_slot_takes(plant, texts[i]);
	cut[strlen(cut) / 2] = '\0';
	assert_no_slot_takes(plant, cut);
}

/* ---- batches of messages ---- */

static struct reply
send_batch(struct plant *plant, const char *body)
{
	return plant_send(plant,
	    &(struct plant_request){.caller = BY_DEVICE,
		.method = "POST",
		.target = "/devices/dev/messages/events" HUB,
		.body = body,
		.length = strlen(body),
		.headers = {
		    .content_type = "application/vnd.microsoft.iothub.json"}});
}

/* Not even those that stand before the one that is bad. */
static void
stores_nothing_of_a_batch_that_is_bad(void **state)
{
	static const char *const batches[] = {
	    "",
	    "[",
	    "7",
	    "null",
	    "{}",
	    "{\"body\":\"aGk=\"}",
	    "[null]",
	    "[\"aGk=\"]",
	    "[{}]",
	    "[{\"body\":7}]",
	    "[{\"body\":null}]",
	    "[{\"body\":\"a\"}]",
	    "[{\"body\":\"aGk=\",\"properties\":7}]",
	    "[{\"body\":\"aGk=\",\"properties\":[]}]",
	    "[{\"body\":\"aGk=\",\"properties\":{\"iothub-app-a\":7}}]",
	    "[{\"body\":\"aGk=\"},{\"body\":\"!\"}]",
	    "[{\"body\":\"aGk=\"}] x",
	};
	struct plant *plant = *state;
	CLEANUP(string) char *before = cloud_dump(plant->cloud);
	struct reply reply;

	for (size_t i = 0; i < sizeof(batches) / sizeof(batches[0]); i++) {
		CLEANUP(string) char *after = NULL;

		print_message("%s: ", batches[i]);
		reply = send_batch(plant, batches[i]);
		assert_error_of(&reply, 400);
		after = cloud_dump(plant->cloud);
		assert_string_equal(before, after);
		reply_done(&reply);
	}
	reply = send_batch(plant, "[{\"body\":\"aGk=\",\"properties\":null}]");
	assert_status(&reply, 204);
}

/* ---- headers ---- */

static void
refuses_headers_that_make_no_sense(void **state)
{
	static const struct {
		struct request_headers headers;
		unsigned status;
	} cases[] = {
	    {{.page_size = "0"},					   400},
	    {{.page_size = "-1"},					  400},
	    {{.page_size = "ten"},					 400},
	    {{.page_size = "1 OR 1=1"},                                    400},
	    {{.page_size = ""},					    400},
	    {{.page_size = "99999999999999999999"},                        200},
	    {{.continuation = "!"},					400},
	    {{.continuation = "ZGV2 OR 1=1"},                              400},
	    {{.continuation = "JyBPUiAxPTE="},                             200},
	    {{.continuation = "/////w=="},                                 200},
	    {{.authorization = ""},					401},
	    {{.authorization = "Bearer " FIXTURE_TOKEN},                   401},
	    {{.authorization = "SharedAccessSignature "},                  401},
	    {{.authorization = "SharedAccessSignature sr=&sig=&se=&skn="}, 401},
	    {{.authorization = "SharedAccessSignature "
			       "sr=dps.example&sig=AAAA&se=9999999999"
			       "&skn=' OR 1=1"},
             401							      },
	    {{.authorization =
		     "SharedAccessSignature sr=dps.example&sig=AAAA&se=-1"
		     "&skn=provisioningserviceowner"},
             401							      },
	    {{.authorization = "SharedAccessSignature sr=dps.example&sig=AAAA"
			       "&se=99999999999999999999999&skn="
			       "provisioningserviceowner"},
             401							      },
	};
	struct plant *plant = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reply reply = plant_send(
		    plant, &(struct plant_request){.caller = BY_DPS_POLICY,
			       .method = "POST",
			       .target = "/enrollments/query" DPS,
			       .body = "{}",
			       .length = 2,
			       .headers = cases[i].headers});

		print_message("%zu: %u %s\n", i, reply.status, reply.reason);
		if (reply.status == 400 && cases[i].headers.authorization)
			reply.status = 401; /* what cannot be read is either */
		assert_int_equal(reply.status, cases[i].status);
		reply_done(&reply);
	}
}

int
main(void)
{
#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, setup, plant_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(refuses_bodies_that_are_no_json_or_no_object),
	    TEST(refuses_bodies_that_are_nested_too_deep),
	    TEST(refuses_certificates_that_are_only_armoured_like_some),
	    TEST(stores_nothing_of_a_batch_that_is_bad),
	    TEST(refuses_headers_that_make_no_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
