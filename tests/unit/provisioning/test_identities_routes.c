/* SPDX-License-Identifier: MIT */
/*
 * provisiond's calls for identities of modules and local ones: a request in, a
 * reply out.
 */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>

#include "fake_provision.h"
#include "routes.h"

#define ROOT 0
#define AGENT 2001
#define READER 2002
#define MODULE 2003
#define LOCAL 2004
#define EMPTY 2005
#define NOBODY 2006
#define V "api-version=2020-09-01"

static struct config config;
static struct provisiond provisiond;
static struct principal_settings principals[5];

static int
setup(void **state)
{
	static char source[] = "dps", method[] = "x509", id[] = "device-id",
		    endpoint[] = "https://dps.example", scope[] = "0ne1",
		    agent[] = "2001", reader[] = "2002", module[] = "2003",
		    local[] = "2004", empty[] = "2005", domain[] = "local",
		    web[] = "web", job[] = "job", server[] = "server";
	static char of_device[] = "device", of_module[] = "module",
		    of_local[] = "local";
	static char *devices[] = {of_device}, *modules[] = {of_module},
		    *locals[] = {of_local};
	const struct principal_settings all[] = {
	    {.user = agent                    },
	    {			 .user = reader,         .identity = {1, devices}},
	    {			 .user = module,                      .name = web, .identity = {1, modules}},
	    { .user = local,
             .name = job,
             .identity = {1, locals},
             .localid = {.attributes = server}},
	    {						 .user = empty, .identity = {0, devices}},
	};

	(void)state;
	memcpy(principals, all, sizeof(principals));
	config = (struct config){
	    .provisioning = {.source = source,
			     .global_endpoint = endpoint,
			     .scope_id = scope,
			     .attestation = {.method = method,
		    .identity_cert = id,
		    .identity_pk = id}},
	    .localid = {.domain = domain       },
	    .principals = {5,         principals                }
        };
	fake_provision_open(&provisiond, &config);
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
send_as(uid_t uid, const char *method, const char *target, const char *body)
{
	static struct http_call call; /* outlives this, if it is deferred */

	call = (struct http_call){0};
	return fake_provision_send(
	    &provisiond, uid, method, target, body, &call);
}

static void
assert_json(struct http_reply reply, const char *expected)
{
	CLEANUP(json) json_t *body = reply.body;
	CLEANUP(string) char *text = json_text(body);

	assert_int_equal(reply.status, 200);
	assert_string_equal(text, expected);
}

static void
assert_status(struct http_reply reply, unsigned status)
{
	CLEANUP(json) json_t *body = reply.body;
	CLEANUP(string) char *text = body ? json_text(body) : NULL;

	print_message("%s\n", text ? text : "no body");
	assert_int_equal(reply.status, status);
}

#define SPEC(id)                                                               \
	"{\"type\":\"aziot\",\"spec\":{\"hubName\":\"hub.example\","           \
	"\"gatewayHost\":\"hub.example\",\"deviceId\":\"dev-1\","              \
	"\"moduleId\":\"" id "\",\"genId\":\"63\""
#define IDENTITY(id, uid)                                                      \
	SPEC(id)                                                               \
	",\"auth\":{\"type\":\"sas\",\"keyHandle\":\"sr=" id "." uid           \
	"&sig=b\"}}}"

static void
answers_in_aziots_form(void **state)
{
	static char parent[] = "parent.example";

	(void)state;
	assert_json(send_as(AGENT, "POST", "/identities/modules?" V,
			"{\"type\":\"aziot\",\"moduleId\":\"m1\"}"),
	    IDENTITY("m1", "2001"));
	assert_string_equal(fake_provision.asked, "make m1");
	assert_json(send_as(ROOT, "GET",
			"/identities/modules/m%241?type=aziot&" V, NULL),
	    IDENTITY("m$1", "0"));
	assert_string_equal(fake_provision.asked, "get m$1");
	assert_json(
	    send_as(AGENT, "PUT", "/identities/modules/m1?type=aziot&" V,
		"{\"type\":\"aziot\",\"moduleId\":\"m1\"}"),
	    IDENTITY("m1", "2001"));
	assert_string_equal(fake_provision.asked, "renew m1");
	assert_status(send_as(AGENT, "DELETE",
			  "/identities/modules/m1?type=aziot&" V, NULL),
	    204);
	assert_string_equal(fake_provision.asked, "remove m1");
	assert_json(
	    send_as(AGENT, "GET", "/identities/modules?type=aziot&" V, NULL),
	    "{\"identities\":[" SPEC("m1") "}}]}");
	config.provisioning.local_gateway_hostname = parent;
	assert_json(
	    send_as(AGENT, "GET", "/identities/modules?type=aziot&" V, NULL),
	    "{\"identities\":[{\"type\":\"aziot\",\"spec\":{\"hubName\":"
	    "\"hub.example\",\"gatewayHost\":\"parent.example\",\"deviceId\":"
	    "\"dev-1\",\"moduleId\":\"m1\",\"genId\":\"63\"}}]}");
}

static void
tells_a_module_who_it_is(void **state)
{
	(void)state;
	assert_json(send_as(MODULE, "GET", "/identities/identity?" V, NULL),
	    IDENTITY("web", "2003"));
	assert_json(send_as(MODULE, "GET",
			"/identities/modules/web?type=aziot&" V, NULL),
	    IDENTITY("web", "2003"));
}

#define MAKE "{\"type\":\"aziot\",\"moduleId\":\"web\"}"

/* The table of who may do what, call by call. */
static void
lets_each_caller_do_what_it_may(void **state)
{
	static const struct {
		const char *method;
		const char *target;
		const char *body;
		/* root, agent, reader, module, local, empty, nobody */
		unsigned status[7];
	} cases[] = {
	    {"GET",    "/identities/modules/web?type=aziot&" V, NULL,
             {200, 200, 401, 200, 401, 401, 401}},
	    {"GET",    "/identities/modules/job?type=aziot&" V, NULL,
             {200, 200, 401, 401, 200, 401, 401}},
	    {"GET",    "/identities/modules/job?type=local&" V, NULL,
             {200, 200, 401, 401, 200, 401, 401}},
	    {"GET",    "/identities/modules/m1?type=aziot&" V,  NULL,
             {200, 200, 401, 401, 401, 401, 401}},
	    {"GET",    "/identities/modules?type=aziot&" V,     NULL,
             {200, 200, 401, 401, 401, 401, 401}},
	    {"POST",   "/identities/modules?" V,                MAKE,
             {200, 200, 401, 401, 401, 401, 401}},
	    {"PUT",    "/identities/modules/web?type=aziot&" V, MAKE,
             {200, 200, 401, 401, 401, 401, 401}},
	    {"DELETE", "/identities/modules/web?type=aziot&" V, NULL,
             {204, 204, 401, 401, 401, 401, 401}},
	    {"GET",    "/trust-bundle?" V,                      NULL,
             {200, 200, 200, 200, 200, 200, 200}},
	};
	static const uid_t callers[] = {
	    ROOT, AGENT, READER, MODULE, LOCAL, EMPTY, NOBODY};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t who = 0; who < 7; who++) {
			print_message("%s %s as %u: ", cases[i].method,
			    cases[i].target, callers[who]);
			assert_status(send_as(callers[who], cases[i].method,
					  cases[i].target, cases[i].body),
			    cases[i].status[who]);
		}
}

/* The other calls; whoever adds one adds a row, here or above. */
static void
lets_each_caller_ask_of_the_device_what_it_may(void **state)
{
	static const struct {
		const char *method;
		const char *target;
		const char *body;
		/* root, agent, reader, module, local, empty, nobody */
		bool may[7];
	} cases[] = {
	    {"GET",  "/identities/identity?" V,                         NULL,
             {true, true, true, true, false, false, false}  },
	    {"POST", "/identities/device?" V,                           "{\"type\":\"aziot\"}",
             {true, true, true, false, false, false, false} },
	    {"POST", "/identities/device/reprovision?" V,               NULL,
             {true, true, false, false, false, false, false}},
	    {"GET",  "/identities/provisioning?api-version=2021-12-01", NULL,
             {true, true, true, true, true, true, false}    },
	    {"GET",  "/health?api-version=2026-12-01",                  NULL,
             {true, true, true, true, true, true, true}     },
	};
	static const uid_t callers[] = {
	    ROOT, AGENT, READER, MODULE, LOCAL, EMPTY, NOBODY};

	(void)state;
	assert_int_equal(provisiond_route_count, 6 + 5);
	fake_provision.served = UINT64_MAX;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t who = 0; who < 7; who++) {
			struct http_reply reply = send_as(callers[who],
			    cases[i].method, cases[i].target, cases[i].body);
			bool may = reply.status != 401;

			print_message("%s %s as %u: %u\n", cases[i].method,
			    cases[i].target, callers[who], reply.status);
			json_decref(reply.body);
			assert_int_equal(may, cases[i].may[who]);
			assert_true(
			    reply.deferred || !may || reply.status == 200);
		}
}

/* An entry for uid 0 takes its powers from root. */
static void
root_is_what_its_entry_says(void **state)
{
	static char root[] = "0", name[] = "r", of_module[] = "module";
	static char *modules[] = {of_module};
	struct error err;

	(void)state;
	peers_free(provisiond.peers);
	principals[0] = (struct principal_settings){
	    .user = root, .name = name, .identity = {1, modules}
        };
	assert_int_equal(
	    peers_create(&config, &provisiond.peers, &err), ERROR_NONE);
	assert_status(
	    send_as(ROOT, "GET", "/identities/modules?type=aziot&" V, NULL),
	    401);
	assert_status(
	    send_as(ROOT, "GET", "/identities/modules/r?type=aziot&" V, NULL),
	    200);
}

static void
gives_local_identities(void **state)
{
#define LOCAL_IDENTITY(id, key)                                                \
	"{\"type\":\"local\",\"spec\":{\"moduleId\":\"" id "\",\"auth\":{" key \
	",\"certificate\":\"CERT\","                                           \
	"\"expiration\":\"2031-05-04T10:00:00+00:00\"}}}"

	(void)state;
	assert_json(send_as(LOCAL, "GET",
			"/identities/modules/job?type=local&" V, NULL),
	    LOCAL_IDENTITY("job", "\"privateKey\":\"KEY\""));
	assert_string_equal(fake_provision.asked, "local job server");
	fake_provision.keeps_key = true;
	assert_json(send_as(LOCAL, "GET",
			"/identities/modules/job?type=local&" V, NULL),
	    LOCAL_IDENTITY("job", "\"keyHandle\":\"sr=l.2004&sig=b\""));
	/* An agent has one made for whoever is no principal. */
	assert_json(
	    send_as(AGENT, "POST", "/identities/modules?" V,
		"{\"type\":\"local\",\"moduleId\":\"m1\",\"localIdOpts\":{"
		"\"type\":\"x509\",\"attributes\":\"server\"}}"),
	    LOCAL_IDENTITY("m1", "\"keyHandle\":\"sr=l.2001&sig=b\""));
	assert_string_equal(fake_provision.asked, "local m1 server");
	assert_status(send_as(AGENT, "POST", "/identities/modules?" V,
			  "{\"type\":\"local\",\"moduleId\":\"m1\"}"),
	    200);
	assert_string_equal(fake_provision.asked, "local m1 client");
	assert_status(send_as(AGENT, "POST", "/identities/modules?" V,
			  "{\"type\":\"local\",\"moduleId\":\"job\"}"),
	    400);
	assert_status(
	    send_as(AGENT, "GET", "/identities/modules/m1?type=local&" V, NULL),
	    400);
}

/* aziot's clients know a failure of the hub or of keyd by 404. */
static void
says_upstream_failures_as_aziot_does(void **state)
{
	static const enum error_code failures[] = {ERROR_UNAVAILABLE,
	    ERROR_TIMEOUT, ERROR_NOT_FOUND, ERROR_UPSTREAM, ERROR_EXISTS,
	    ERROR_INVALID};

	(void)state;
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		fake_provision.modules = failures[i];
		assert_status(send_as(ROOT, "GET",
				  "/identities/modules/m1?type=aziot&" V, NULL),
		    404);
		assert_status(
		    send_as(ROOT, "POST", "/identities/modules?" V, MAKE), 404);
		assert_status(send_as(ROOT, "DELETE",
				  "/identities/modules/m1?type=aziot&" V, NULL),
		    404);
	}
	/* One that does not take the device for its own is told to who asks
	 * DPS. */
	assert_int_equal(fake_provision.refusals, 0);
	/* Credentials that could not be used are looked at. */
	assert_int_equal(fake_provision.looks, 3);
	fake_provision.modules = ERROR_DENIED;
	assert_status(
	    send_as(ROOT, "POST", "/identities/modules?" V, MAKE), 404);
	assert_int_equal(fake_provision.refusals, 1);
	assert_int_equal(fake_provision.looks, 4);
	fake_provision.modules = ERROR_NONE;
	fake_provision.keyd_away = true;
	assert_status(
	    send_as(ROOT, "POST", "/identities/modules?" V, MAKE), 404);
	fake_provision.local = ERROR_UNAVAILABLE;
	assert_status(send_as(LOCAL, "GET",
			  "/identities/modules/job?type=local&" V, NULL),
	    404);
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
	    {"GET",    "/identities/modules?" V,                  NULL,                   400},
	    {"GET",    "/identities/modules?type=local&" V,       NULL,                   400},
	    {"GET",    "/identities/modules?type=other&" V,       NULL,                   400},
	    {"GET",    "/identities/modules/m1?" V,               NULL,                   400},
	    {"GET",    "/identities/modules/m1?type=x&" V,        NULL,                   400},
	    {"GET",    "/identities/modules/a%20b?type=aziot&" V, NULL,                   400},
	    {"GET",    "/identities/modules/a%2fb?type=aziot&" V, NULL,                   400},
	    {"GET",    "/identities/modules/?type=aziot&" V,      NULL,                   404},
	    {"POST",   "/identities/modules?" V,                  NULL,                   400},
	    {"POST",   "/identities/modules?" V,                  "{}",                   422},
	    {"POST",   "/identities/modules?" V,                  "{\"type\":\"aziot\"}", 422},
	    {"POST",   "/identities/modules?" V,
             "{\"type\":\"aziot\",\"moduleId\":1}",                                       422},
	    {"POST",   "/identities/modules?" V,
             "{\"type\":\"aziot\",\"moduleId\":\"\"}",                                    400},
	    {"POST",   "/identities/modules?" V,
             "{\"type\":\"aziot\",\"moduleId\":\" \"}",                                   400},
	    {"POST",   "/identities/modules?" V,
             "{\"type\":\"other\",\"moduleId\":\"m1\"}",                                  400},
	    {"POST",   "/identities/modules?" V,
             "{\"type\":\"local\",\"moduleId\":\"m1\",\"localIdOpts\":{"
		"\"type\":\"x509\",\"attributes\":\"ca\"}}",			      422},
	    {"POST",   "/identities/modules?" V,
             "{\"type\":\"local\",\"moduleId\":\"m1\",\"localIdOpts\":1}",		422},
	    {"PUT",    "/identities/modules/m1?type=aziot&" V,    NULL,                   422},
	    {"PUT",    "/identities/modules/m1?type=local&" V,    "{}",                   400},
	    {"DELETE", "/identities/modules/m1?type=local&" V,    NULL,                   400},
	    {"DELETE", "/identities/modules?type=aziot&" V,       NULL,                   400},
	    {"POST",   "/trust-bundle?" V,                        NULL,                   400},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s %s %s: ", cases[i].method, cases[i].target,
		    cases[i].body ? cases[i].body : "");
		assert_status(send_as(ROOT, cases[i].method, cases[i].target,
				  cases[i].body),
		    cases[i].status);
		assert_string_equal(fake_provision.asked, "");
	}
}

static void
callers_wait_while_the_device_is_provisioned(void **state)
{
	static const char *const targets[] = {
	    "/identities/modules?type=aziot&" V,
	    "/identities/modules/m1?type=aziot&" V};

	(void)state;
	fake_provision.status = PROVISION_PROVISIONING;
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		assert_true(send_as(ROOT, "GET", targets[i], NULL).deferred);
	assert_true(
	    send_as(ROOT, "POST", "/identities/modules?" V, MAKE).deferred);
	assert_string_equal(fake_provision.asked, "");
	fake_provision.status = PROVISION_FAILED;
	waiters_review(provisiond.waiters);
	assert_status(
	    send_as(ROOT, "POST", "/identities/modules?" V, MAKE), 400);
}

static void
serves_certds_trust_bundle(void **state)
{
	(void)state;
	assert_json(send_as(NOBODY, "GET", "/trust-bundle?" V, NULL),
	    "{\"certificate\":\"\"}");
	fake_provision.trust = "PEM";
	assert_json(send_as(NOBODY, "GET", "/trust-bundle?" V, NULL),
	    "{\"certificate\":\"PEM\"}");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(answers_in_aziots_form),
	    TEST(tells_a_module_who_it_is),
	    TEST(lets_each_caller_do_what_it_may),
	    TEST(lets_each_caller_ask_of_the_device_what_it_may),
	    TEST(root_is_what_its_entry_says),
	    TEST(gives_local_identities),
	    TEST(says_upstream_failures_as_aziot_does),
	    TEST(rejects_malformed_requests),
	    TEST(callers_wait_while_the_device_is_provisioned),
	    TEST(serves_certds_trust_bundle),
	};

	return cmocka_run_group_tests_name(
	    "identities routes", tests, NULL, NULL);
}
