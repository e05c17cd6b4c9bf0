/* SPDX-License-Identifier: MIT */
/* What becomes of a daemon's answers. */
#include "cmocka_wrap.h"

#include <string.h>

#include "common/api_client.h"

#include "scripted_server.h"

#define TIMEOUT_MS 60000
#define ANSWER(status, body)                                                   \
	"HTTP/1.1 " status                                                     \
	"\r\nconnection: close\r\n\r\n" body SCRIPT_THEN_CLOSE

/* Makes one call that is answered as told. */
static enum error_code
call(const char *answer, const json_t *body, json_t **ret_body,
    struct error *err)
{
	const char *const script[] = {answer, NULL};
	struct scripted_server *server = scripted_server_start(script);
	CLEANUP(unix_http) struct unix_http *client = NULL;
	enum error_code code;

	assert_int_equal(unix_http_create(scripted_server_path(server),
			     TIMEOUT_MS, &client, err),
	    ERROR_NONE);
	code = api_call(client, "POST", "/x", body, ret_body, err);
	if (body)
		assert_non_null(strstr(
		    scripted_server_request(server), "\r\n\r\n{\"a\":1}"));
	scripted_server_stop(server);
	return code;
}

static void
hands_on_what_the_daemon_answers(void **state)
{
	CLEANUP(json) json_t *body = json_pack("{s:i}", "a", 1);
	CLEANUP(json) json_t *answer = NULL;
	struct error err;

	(void)state;
	assert_int_equal(
	    call(ANSWER("200 OK", "{\"b\":\"c\"}"), body, &answer, &err),
	    ERROR_NONE);
	assert_string_equal(
	    json_string_value(json_object_get(answer, "b")), "c");
	assert_int_equal(
	    call(ANSWER("201 Created", "[]"), NULL, NULL, &err), ERROR_NONE);
}

static void
has_nothing_to_hand_on_after_204(void **state)
{
	json_t *answer = json_null();
	struct error err;

	(void)state;
	assert_int_equal(
	    call(ANSWER("204 No Content", ""), NULL, &answer, &err),
	    ERROR_NONE);
	assert_null(answer);
}

static void
fails_as_the_daemon_failed(void **state)
{
	static const struct {
		const char *answer;
		enum error_code code;
		const char *message;
	} cases[] = {
	    {ANSWER("400 x", "{\"message\":\"no key\",\"code\":\"not-found\"}"),
             ERROR_NOT_FOUND,								       "no key"                },
	    {ANSWER("500 x", "{\"message\":\"m\",\"code\":\"from later\"}"),
             ERROR_INTERNAL,									"m"                     },
	    {ANSWER("500 x", "{\"message\":\"m\",\"code\":\"none\"}"),
             ERROR_INTERNAL,									"m"                     },
	    {ANSWER("400 x", "{\"message\":\"m\"}"),                             ERROR_INVALID,     "m"                     },
	    {ANSWER("401 x", "{\"message\":\"m\"}"),                             ERROR_DENIED,      "m"                     },
	    {ANSWER("404 x", "{\"message\":\"m\"}"),                             ERROR_NOT_FOUND,   "m"                     },
	    {ANSWER("408 x", "{\"message\":\"m\"}"),                             ERROR_TIMEOUT,     "m"                     },
	    {ANSWER("413 x", "{\"message\":\"m\"}"),                             ERROR_MALFORMED,   "m"                     },
	    {ANSWER("415 x", "{\"message\":\"m\"}"),                             ERROR_MALFORMED,   "m"                     },
	    {ANSWER("422 x", "{\"message\":\"m\"}"),                             ERROR_MALFORMED,   "m"                     },
	    {ANSWER("503 x", "{\"message\":\"m\"}"),                             ERROR_UNAVAILABLE, "m"                     },
	    {ANSWER("500 x", "{}"),					      ERROR_INTERNAL,    "status 500"            },
	    {ANSWER("503 x", "<html>"),					  ERROR_UNAVAILABLE, "status 503"            },
	    {ANSWER("301 x", ""),						ERROR_INTERNAL,    "status 301"            },
	    {ANSWER("200 x", "<html>"),					  ERROR_INTERNAL,
             "the answer is not JSON"										       },
	    {ANSWER("200 x", ""),						ERROR_INTERNAL,    "the answer is not JSON"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *answer = NULL;
		struct error err;

		print_message("%.12s\n", cases[i].answer);
		assert_int_equal(
		    call(cases[i].answer, NULL, &answer, &err), cases[i].code);
		assert_int_equal(err.code, cases[i].code);
		assert_string_equal(err.message, cases[i].message);
		assert_null(answer);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hands_on_what_the_daemon_answers),
	    cmocka_unit_test(has_nothing_to_hand_on_after_204),
	    cmocka_unit_test(fails_as_the_daemon_failed),
	};

	return cmocka_run_group_tests_name("api_client", tests, NULL, NULL);
}
