/* SPDX-License-Identifier: MIT */
/* The hub's calls for modules: what is sent, and what an answer means. */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>

#include "common/hub_id.h"
#include "common/time.h"
#include "fake_https.h"
#include "hub_modules.h"

#define MODULE                                                                 \
	"{\"moduleId\":\"m1\",\"deviceId\":\"dev#1\",\"generationId\":\"63\"}"
#define URL "https://gateway.example/devices/dev%231/modules"
#define VERSION "?api-version=2017-11-08-preview"

static enum error_code
sign(const void *context, const void *data, size_t length,
    unsigned char ret_mac[static PROOF_MAC_LENGTH], struct error *err)
{
	(void)context;
	(void)data;
	(void)length;
	(void)err;
	memset(ret_mac, 1, PROOF_MAC_LENGTH);
	return ERROR_NONE;
}

static const struct proof proof = {.sign = sign};
static const struct hub_access access = {.hub = "hub.example",
    .gateway = "gateway.example",
    .device_id = "dev#1",
    .proof = &proof,
    .ca_file = "/roots.pem",
    .timeout_ms = 70000,
    .retries = 1};

static int64_t slept_ms;

/* Takes the place of time_sleep_ms(); the linker (--wrap) names it so. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
void __wrap_time_sleep_ms(int64_t milliseconds);

void
__wrap_time_sleep_ms(int64_t milliseconds)
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
{
	slept_ms += milliseconds;
}

static int
setup(void **state)
{
	(void)state;
	slept_ms = 0;
	return 0;
}

static void
assert_sent(unsigned index, const char *method, const char *url,
    const char *body, bool only_if_there)
{
	const struct fake_request *sent = fake_https_request(index);

	assert_string_equal(sent->method, method);
	assert_string_equal(sent->url, url);
	assert_string_equal(sent->body, body);
	assert_string_equal(sent->ca_file, "/roots.pem");
	assert_int_equal(sent->only_if_there, only_if_there);
	/* Whoever is asked, it is the hub that is to believe it. */
	assert_non_null(
	    strstr(sent->signature, "sr=hub.example%2Fdevices%2Fdev%231&"));
}

static void
asks_as_the_reference_does(void **state)
{
	static const struct fake_answer answer = {
	    .status = 200, .body = MODULE};
	static const struct fake_answer gone = {.status = 204};
	CLEANUP_DONE(hub_module) struct hub_module made = {0};
	CLEANUP_DONE(hub_module) struct hub_module keyed = {0};
	CLEANUP_DONE(hub_module) struct hub_module got = {0};
	struct error err;

	(void)state;
	fake_https_script(&answer, 1);
	assert_int_equal(
	    hub_module_create(&access, "m1", &made, &err), ERROR_NONE);
	assert_string_equal(made.generation_id, "63");
	assert_int_equal(
	    hub_module_set_keys(&access, "m1", "cA==", "cw==", &keyed, &err),
	    ERROR_NONE);
	assert_int_equal(hub_module_get(&access, "m1", &got, &err), ERROR_NONE);
	assert_sent(0, "PUT", URL "/m1" VERSION,
	    "{\"moduleId\":\"m1\",\"deviceId\":\"dev#1\"}", false);
	assert_sent(1, "PUT", URL "/m1" VERSION,
	    "{\"moduleId\":\"m1\",\"deviceId\":\"dev#1\",\"authentication\":{"
	    "\"symmetricKey\":{\"primaryKey\":\"cA==\",\"secondaryKey\":"
	    "\"cw==\"},\"type\":\"sas\"}}",
	    true);
	assert_sent(2, "GET", URL "/m1" VERSION, "", false);

	fake_https_script(&gone, 1);
	assert_int_equal(hub_module_delete(&access, "m#1", &err), ERROR_NONE);
	assert_sent(0, "DELETE", URL "/m%231" VERSION, "", true);
}

static void
reads_a_list(void **state)
{
	static const struct fake_answer answer = {.status = 200,
	    .body = "[" MODULE
		    ",{\"moduleId\":\"$edgeAgent\",\"generationId\":\"7\"}]"};
	CLEANUP_DONE(hub_modules) struct hub_modules list = {0};
	struct error err;

	(void)state;
	fake_https_script(&answer, 1);
	assert_int_equal(hub_module_list(&access, &list, &err), ERROR_NONE);
	assert_sent(0, "GET", URL VERSION, "", false);
	assert_int_equal(list.count, 2);
	assert_string_equal(
	    hub_modules_find(&list, "$edgeAgent")->generation_id, "7");
	assert_null(hub_modules_find(&list, "m2"));
}

/* Which answers are the hub's word, and which may be another one later. */
static void
tells_a_refusal_from_a_hub_that_cannot_answer(void **state)
{
	static const struct {
		struct fake_answer answer;
		enum error_code code;
		unsigned requests;
		const char *says;
	} cases[] = {
	    {{.status = 404,
		 .body = "{\"Message\":\"ErrorCode:"
			 "ModuleNotFound;unknown\"}"},
             ERROR_NOT_FOUND,									  1, "404 (ErrorCode:ModuleNotFound;unknown)"},
	    {{.status = 404,
		 .body = "{\"Message\":\"ErrorCode:"
			 "DeviceNotFound;unknown\"}"},
             ERROR_DENIED,									     1, "DeviceNotFound"                        },
	    {{.status = 404,
		 .body = "{\"Message\":\"ErrorCode:"
			 "ModuleNotFound;Module 'DeviceNotFound'\"}"},
             ERROR_NOT_FOUND,									  1, "ModuleNotFound"                        },
	    {{.status = 404,
		 .body = "{\"Message\":\"ErrorCode:"
			 "IotHubNotFound;no ModuleNotFound\"}"},
             ERROR_UPSTREAM,									   1, "IotHubNotFound"                        },
	    {{.status = 404, .body = "<html>no such page</html>"},
             ERROR_UPSTREAM,									   1, "404 (no reason"                        },
	    {{.status = 401, .body = "nonsense"},                                   ERROR_DENIED,      1,
             "hub 'hub.example' answers device 'dev#1' with 401 (no reason"                                                                       },
	    {{.status = 403, .body = "{\"Message\":\"a\\nb\\u00e4\"}"},
             ERROR_DENIED,									     1, "(a?b"                                  },
	    {{.status = 403, .body = "{}"},                                         ERROR_DENIED,      1, "403"                                   },
	    {{.status = 409, .body = "{\"errorMessage\":\"there\"}"},
             ERROR_EXISTS,									     1, "(there)"                               },
	    {{.status = 429},						       ERROR_UNAVAILABLE, 2, "429"                                   },
	    {{.status = 500},						       ERROR_UNAVAILABLE, 2, "500"                                   },
	    {{.status = 503},						       ERROR_UNAVAILABLE, 2, "503"                                   },
	    {{.status = 204},						       ERROR_UPSTREAM,    1, "204"                                   },
	    {{.status = 302},						       ERROR_UPSTREAM,    1, "302"                                   },
	    {{.failure = ERROR_UNAVAILABLE},                                        ERROR_UNAVAILABLE, 2,
             "hub 'hub.example': fake failure"												    },
	    {{.failure = ERROR_TIMEOUT},					    ERROR_TIMEOUT,     2, "fake failure"                          },
	    {{.failure = ERROR_UPSTREAM},					   ERROR_UPSTREAM,    1, "fake failure"                          },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP_DONE(hub_module) struct hub_module module = {0};
		struct error err;

		fake_https_script(&cases[i].answer, 1);
		print_message("%ld\n", cases[i].answer.status);
		assert_int_equal(hub_module_get(&access, "m1", &module, &err),
		    cases[i].code);
		assert_non_null(strstr(err.message, cases[i].says));
		assert_int_equal(fake_https_count(), cases[i].requests);
		assert_null(module.id);
	}
}

/* Fails as keyd does: the context is the error's code. */
static enum error_code
fail_to_sign(const void *context, const void *data, size_t length,
    unsigned char ret_mac[static PROOF_MAC_LENGTH], struct error *err)
{
	const enum error_code *code = context;

	(void)data;
	(void)length;
	memset(ret_mac, 0, PROOF_MAC_LENGTH);
	return error_set(err, *code, "keyd says so");
}

/* Of modules only the hub says that they are not there, or not ours. */
static void
takes_what_keyd_says_for_no_word_of_the_hub(void **state)
{
	static const enum error_code codes[] = {ERROR_NOT_FOUND, ERROR_DENIED};

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		static const struct fake_answer answer = {
		    .status = 200, .body = MODULE};
		const struct proof without_key = {
		    .sign = fail_to_sign, .context = &codes[i]};
		struct hub_access broken = access;
		struct hub_module module = {0};
		struct error err;

		broken.proof = &without_key;
		fake_https_script(&answer, 1);
		assert_int_equal(hub_module_get(&broken, "m1", &module, &err),
		    ERROR_INVALID);
		assert_non_null(strstr(err.message, "keyd says so"));
		assert_int_equal(
		    hub_module_delete(&broken, "m1", &err), ERROR_INVALID);
		assert_int_equal(fake_https_count(), 0);
	}
}

static void
waits_as_long_as_a_busy_hub_says_but_not_for_ever(void **state)
{
	static const struct fake_answer soon[] = {
	    {.status = 429, .retry_after = 7},
	    {.status = 200, .body = MODULE  },
	};
	static const struct fake_answer late = {
	    .status = 429, .retry_after = 60};
	CLEANUP_DONE(hub_module) struct hub_module module = {0};
	CLEANUP_DONE(hub_module) struct hub_module none = {0};
	struct error err;

	(void)state;
	fake_https_script(soon, 2);
	assert_int_equal(
	    hub_module_get(&access, "m1", &module, &err), ERROR_NONE);
	assert_int_equal(slept_ms, 7000);
	fake_https_script(&late, 1);
	assert_int_equal(
	    hub_module_get(&access, "m1", &none, &err), ERROR_UNAVAILABLE);
	assert_int_equal(fake_https_count(), 1);
	assert_int_equal(slept_ms, 7000);
}

static void
believes_no_answer_that_it_cannot_understand(void **state)
{
	static const char trailing[] = MODULE "x";
	static const char *const bodies[] = {
	    "",
	    "[]",
	    "{}",
	    "{\"moduleId\":\"m1\"}",
	    "{\"moduleId\":\"m1\",\"generationId\":7}",
	    "{\"moduleId\":\"m1\",\"generationId\":\"\"}",
	    "{\"moduleId\":\"m1\",\"generationId\":\"a b\"}",
	    "{\"moduleId\":\"m2\",\"generationId\":\"63\"}",
	    "{\"moduleId\":\"../m1\",\"generationId\":\"63\"}",
	    trailing,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		const struct fake_answer answer = {
		    .status = 200, .body = bodies[i]};
		CLEANUP_DONE(hub_module) struct hub_module module = {0};
		CLEANUP_DONE(hub_modules) struct hub_modules list = {0};
		struct error err;

		print_message("%s\n", bodies[i]);
		fake_https_script(&answer, 1);
		assert_int_equal(hub_module_get(&access, "m1", &module, &err),
		    ERROR_UPSTREAM);
		assert_null(module.id);
		/* An empty list is one. */
		if (strcmp(bodies[i], "[]") == 0)
			continue;
		assert_int_equal(
		    hub_module_list(&access, &list, &err), ERROR_UPSTREAM);
		assert_null(list.items);
	}
}

static void
knows_which_names_modules_can_have(void **state)
{
	static const char *const good[] = {
	    "m", "$edgeAgent", "A-b.c_d:1", "x@y=z'(1)!,*?+%#"};
	static const char *const bad[] = {
	    "", " ", "a b", "a/b", "a\\b", "ä", "a\n"};
	char longest[130];
	struct error err;

	(void)state;
	memset(longest, 'a', sizeof(longest) - 1);
	longest[129] = '\0';
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(
		    hub_module_id_check(good[i], &err), ERROR_NONE);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    hub_module_id_check(bad[i], &err), ERROR_INVALID);
	assert_int_equal(hub_module_id_check(longest, &err), ERROR_INVALID);
	assert_int_equal(hub_module_id_check(longest + 1, &err), ERROR_NONE);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	static const struct CMUnitTest tests[] = {
	    TEST(asks_as_the_reference_does),
	    TEST(reads_a_list),
	    TEST(tells_a_refusal_from_a_hub_that_cannot_answer),
	    TEST(takes_what_keyd_says_for_no_word_of_the_hub),
	    TEST(waits_as_long_as_a_busy_hub_says_but_not_for_ever),
	    TEST(believes_no_answer_that_it_cannot_understand),
	    TEST(knows_which_names_modules_can_have),
	};

	return cmocka_run_group_tests_name("hub modules", tests, NULL, NULL);
}
