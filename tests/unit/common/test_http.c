/* SPDX-License-Identifier: MIT */
/* Dispatch: what is checked in which order, and what handlers get to see. */
#include "cmocka_wrap.h"

#include <string.h>

#include "common/http.h"

#define AZIOT "?api-version=2020-09-01"
#define SIGNET "?api-version=2026-12-01"

#define HTTP_WRITER (1 << 4) /* a class of this service alone */
#define WRITER_UID 7
#define STRANGER_UID 8

/* Answers with all that a handler sees. */
static enum error_code
echo(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	char name[16];

	if (http_query(request, "name", name, sizeof(name), err))
		return err->code;
	reply->body = json_pack("{s:s, s:s, s:s, s:s, s:i, s:O?}", "path",
	    request->path, "first", request->params[0], "second",
	    request->params[1], "name", name, "version", (int)request->version,
	    "body", request->body);
	assert_non_null(reply->body);
	assert_string_equal(context, "context");
	return ERROR_NONE;
}

/* Fails with the code that its parameter names. */
static enum error_code
fail_as_asked(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	(void)context;
	reply->body = json_string("left over");
	return error_set(err, error_code_from_name(request->params[0]),
	    "as asked: %s", request->params[0]);
}

static enum error_code
need_body(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	(void)context;
	reply->status = 204;
	return http_require_body(request, err);
}

static enum error_code
defer(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	(void)context;
	(void)request;
	(void)err;
	reply->deferred = true;
	return ERROR_NONE;
}

static const struct http_route routes[] = {
    {"GET",    "/echo",     20200901, HTTP_ANYONE, 0, echo         },
    {"PUT",    "/echo",     20200901, HTTP_ANYONE, 0, echo         },
    {"POST",   "/echo",     20200901, HTTP_ANYONE, 0, echo         },
    {"DELETE", "/echo",     20200901, HTTP_ANYONE, 0, echo         },
    {"GET",    "/keys/{}",  20200901, HTTP_ANYONE, 0, echo         },
    {"GET",    "/{}/in/{}", 20200901, HTTP_ANYONE, 0, echo         },
    {"GET",    "/new",      20261201, HTTP_ANYONE, 0, echo         },
    {"GET",    "/fail/{}",  20200901, HTTP_ANYONE, 0, fail_as_asked},
    {"POST",   "/need",     20200901, HTTP_ANYONE, 0, need_body    },
    {"GET",    "/defer",    20200901, HTTP_ANYONE, 0, defer        },
    {"POST",   "/write",    20200901, HTTP_WRITER, 0, echo         },
    {"GET",    "/root",     20200901, HTTP_ROOT,   0, echo         },
};

static const unsigned versions[] = {20200901, 20261201};

static unsigned
classify(void *context, const struct peer *peer)
{
	assert_string_equal(context, "context");
	return peer->uid == WRITER_UID ? HTTP_WRITER : 0;
}

static char context[] = "context";

static const struct http_service service = {.routes = routes,
    .route_count = sizeof(routes) / sizeof(routes[0]),
    .versions = versions,
    .version_count = sizeof(versions) / sizeof(versions[0]),
    .classify = classify,
    .context = context};

static struct http_reply
dispatch(const struct http_message *message)
{
	struct http_reply reply;

	http_dispatch(&service, message, &reply);
	return reply;
}

static struct http_reply
get(const char *target)
{
	struct http_message message = {.method = "GET",
	    .target = target,
	    .body = "",
	    .peer.uid = STRANGER_UID};

	return dispatch(&message);
}

static void
assert_member(const json_t *body, const char *member, const char *text)
{
	assert_string_equal(
	    json_string_value(json_object_get(body, member)), text);
}

/* An error says what is wrong, and has no other member but "code". */
static void
assert_error(struct http_reply reply, unsigned status, const char *code)
{
	CLEANUP(json) json_t *body = reply.body;

	assert_int_equal(reply.status, status);
	assert_true(json_string_length(json_object_get(body, "message")) > 0);
	if (code)
		assert_member(body, "code", code);
	assert_int_equal(json_object_size(body), code ? 2 : 1);
}

static void
checks_version_then_path_then_method(void **state)
{
	static const struct {
		const char *method;
		const char *target;
		unsigned status;
		const char *code;
	} cases[] = {
	    {"GET",    "/unknown",                        400, NULL       },
	    {"GET",    "/echo",                           400, NULL       },
	    {"GET",    "/echo?api-version=",              400, NULL       },
	    {"GET",    "/echo?api-version=2019-01-01",    400, NULL       },
	    {"GET",    "/echo?api-version=2020-9-01",     400, NULL       },
	    {"GET",    "/echo?api-version=20200901",      400, NULL       },
	    {"GET",    "/echo?api-version=2020-09-011",   400, NULL       },
	    {"GET",    "/echo" AZIOT "&api-version=x",    400, NULL       },
	    {"PATCH",  "/unknown?api-version=2019-01-01", 400, NULL       },
	    {"GET",    "/unknown" AZIOT,                  404, NULL       },
	    {"GET",    "/unknown" SIGNET,                 404, "not-found"},
	    {"PATCH",  "/unknown" AZIOT,                  404, NULL       },
	    {"GET",    "/echo/" AZIOT,                    404, NULL       },
	    {"GET",    "/Echo" AZIOT,                     404, NULL       },
	    {"GET",    "//echo" AZIOT,                    404, NULL       },
	    {"GET",    "*" AZIOT,                         404, NULL       },
	    {"GET",    "http://x/echo" AZIOT,             404, NULL       },
	    {"GET",    "/keys/" AZIOT,                    404, NULL       },
	    {"GET",    "/keys/a/b" AZIOT,                 404, NULL       },
	    {"GET",    "/keys/%ff" AZIOT,                 404, NULL       },
	    {"GET",    "/keys/%c3%28" AZIOT,              404, NULL       },
	    {"GET",    "/keys/a%00b" AZIOT,               404, NULL       },
	    {"GET",    "/new" AZIOT,                      404, NULL       },
	    {"PATCH",  "/echo" AZIOT,                     400, NULL       },
	    {"HEAD",   "/echo" AZIOT,                     400, NULL       },
	    {"get",    "/echo" AZIOT,                     400, NULL       },
	    {"DELETE", "/keys/a" AZIOT,                   400, NULL       },
	    {"DELETE", "/keys/a" SIGNET,                  400, "invalid"  },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* A bad body that nobody gets to see. */
		struct http_message message = {.method = cases[i].method,
		    .target = cases[i].target,
		    .body = "{",
		    .body_length = 1};

		print_message("%s %s\n", cases[i].method, cases[i].target);
		assert_error(
		    dispatch(&message), cases[i].status, cases[i].code);
	}
}

static void
reads_bodies_as_the_method_demands(void **state)
{
	static const char json[] = "application/json";
	static const struct {
		const char *method;
		const char *content_type;
		const char *body;
		unsigned status;
		const char *seen; /* the body that the handler sees */
	} cases[] = {
	    {"GET",    json,                    "{",                 200, "null"     },
	    {"POST",   NULL,                    "",                  200, "null"     },
	    {"POST",   json,                    "",                  200, "null"     },
	    {"POST",   NULL,                    "{\"a\":1}",         200, "{\"a\":1}"},
	    {"POST",   json,                    "{\"a\":1}",         200, "{\"a\":1}"},
	    {"POST",   "application/json; a=b", "{\"a\":1}",         200, "{\"a\":1}"},
	    {"POST",   " application/json ;",   "[]",                200, "[]"       },
	    {"POST",   "Application/JSON",      "{\"a\":1}",         200, "null"     },
	    {"POST",   "",                      "{\"a\":1}",         200, "null"     },
	    {"POST",   "text/plain",            "{",                 200, "null"     },
	    {"POST",   "application/jsonx",     "{",                 200, "null"     },
	    {"DELETE", NULL,                    "",                  200, "null"     },
	    {"DELETE", NULL,                    "{}",                200, "{}"       },
	    {"DELETE", "a/b",                   "{",                 200, "null"     },
	    {"POST",   NULL,                    "{",                 422, NULL       },
	    {"POST",   json,                    "{} x",              422, NULL       },
	    {"POST",   json,                    "{\"a\":1,\"a\":2}", 422, NULL       },
	    {"POST",   json,                    "\xff",              422, NULL       },
	    {"DELETE", json,                    "nonsense",          422, NULL       },
	    {"PUT",    NULL,                    "{}",                200, "{}"       },
	    {"PUT",    json,                    "",                  422, NULL       },
	    {"PUT",    NULL,                    "",                  422, NULL       },
	    {"PUT",    "text/plain",            "{}",                415, NULL       },
	    {"PUT",    "text/plain",            "",                  415, NULL       },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_message message = {.method = cases[i].method,
		    .target = "/echo" AZIOT,
		    .content_type = cases[i].content_type,
		    .body = cases[i].body,
		    .body_length = strlen(cases[i].body)};
		struct http_reply reply = dispatch(&message);
		CLEANUP(string) char *seen = NULL;

		print_message("%s %s\n", cases[i].method, cases[i].body);
		if (!cases[i].seen) {
			assert_error(reply, cases[i].status, NULL);
			continue;
		}
		assert_int_equal(reply.status, 200);
		seen = json_text(json_object_get(reply.body, "body"));
		assert_string_equal(seen, cases[i].seen);
		json_decref(reply.body);
	}
}

static void
decodes_what_stands_in_the_path(void **state)
{
	static const struct {
		const char *target;
		const char *first;
		const char *second;
	} cases[] = {
	    {"/keys/device-id", "device-id",    "" },
	    {"/keys/a%2Fb%2fc", "a/b/c",        "" },
	    {"/keys/a+b%20c",   "a+b c",        "" },
	    {"/keys/%41%2541",  "A%41",         "" },
	    {"/keys/100%",      "100%",         "" },
	    {"/keys/100%4",     "100%4",        "" },
	    {"/keys/%zz%4z",    "%zz%4z",       "" },
	    {"/keys/%e2%82%ac", "\xe2\x82\xac", "" },
	    {"/a%20b/in/%63",   "a b",          "c"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char target[64];
		CLEANUP(json) json_t *body = NULL;

		print_message("%s\n", cases[i].target);
		(void)snprintf(
		    target, sizeof(target), "%s" AZIOT, cases[i].target);
		body = get(target).body;
		assert_member(body, "path", cases[i].target);
		assert_member(body, "first", cases[i].first);
		assert_member(body, "second", cases[i].second);
	}
}

static void
refuses_a_segment_that_does_not_fit(void **state)
{
	char target[HTTP_PARAM_MAX + 64] = "/keys/";
	size_t start = strlen(target);

	(void)state;
	memset(target + start, 'a', HTTP_PARAM_MAX - 1);
	(void)snprintf(target + start + HTTP_PARAM_MAX - 1, 32, "%s", AZIOT);
	json_decref(get(target).body);
	(void)snprintf(target + start + HTTP_PARAM_MAX - 1, 32, "a%s", AZIOT);
	assert_error(get(target), 404, NULL);
}

static void
decodes_the_query(void **state)
{
	static const struct {
		const char *query;
		const char *name; /* NULL: an error */
	} cases[] = {
	    {"",		       ""               },
	    {"&name",                  ""               },
	    {"&name=",                 ""               },
	    {"&name=a+b%2bc",          "a b+c"          },
	    {"&name=a&name=b",         "b"              },
	    {"&n%61me=x%26y",          "x&y"            },
	    {"&name=a=b",              "a=b"            },
	    {"&&=&names=x&name=y&",    "y"              },
	    {"&name=123456789012345",  "123456789012345"},
	    {"&name=1234567890123456", NULL             },
	    {"&name=%ff",              NULL             },
	    {"&name=%00",              NULL             },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char target[128];
		struct http_reply reply;

		print_message("%s\n", cases[i].query);
		(void)snprintf(
		    target, sizeof(target), "/echo" AZIOT "%s", cases[i].query);
		reply = get(target);
		if (!cases[i].name) {
			assert_error(reply, 400, NULL);
			continue;
		}
		assert_member(reply.body, "name", cases[i].name);
		json_decref(reply.body);
	}
}

static void
takes_the_last_version(void **state)
{
	CLEANUP(json)
	json_t *body = get("/new?api-version=x&api-version=2026%2d12-01").body;

	(void)state;
	assert_int_equal(
	    json_integer_value(json_object_get(body, "version")), 20261201);
}

static void
lets_in_whom_the_route_names(void **state)
{
	static const struct {
		const char *method;
		const char *target;
		uid_t uid;
		const char *body;
		unsigned status;
	} cases[] = {
	    {"POST", "/write" AZIOT, WRITER_UID,   "{}", 200},
	    {"POST", "/write" AZIOT, STRANGER_UID, "{}", 401},
	    {"POST", "/write" AZIOT, 0,            "{}", 401},
	    {"POST", "/write" AZIOT, STRANGER_UID, "{",  422}, /* body first */
	    {"GET",  "/root" AZIOT,  0,            "",   200},
	    {"GET",  "/root" AZIOT,  WRITER_UID,   "",   401},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_message message = {.method = cases[i].method,
		    .target = cases[i].target,
		    .body = cases[i].body,
		    .body_length = strlen(cases[i].body),
		    .peer.uid = cases[i].uid};
		struct http_reply reply = dispatch(&message);

		print_message("%s as %u\n", cases[i].target, cases[i].uid);
		assert_int_equal(reply.status, cases[i].status);
		json_decref(reply.body);
	}
}

static void
maps_errors_to_the_status_that_clients_know(void **state)
{
	static const struct {
		const char *code;
		unsigned status;
	} cases[] = {
	    {"invalid",     400},
	    {"malformed",   422},
	    {"denied",      401},
	    {"not-found",   400},
	    {"exists",      400},
	    {"unavailable", 503},
	    {"timeout",     503},
	    {"upstream",    404},
	    {"internal",    500},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char target[64];

		print_message("%s\n", cases[i].code);
		(void)snprintf(
		    target, sizeof(target), "/fail/%s" AZIOT, cases[i].code);
		assert_error(get(target), cases[i].status, NULL);
		(void)snprintf(
		    target, sizeof(target), "/fail/%s" SIGNET, cases[i].code);
		assert_error(get(target), cases[i].status, cases[i].code);
	}
}

static void
says_when_a_body_is_missing(void **state)
{
	struct http_message message = {
	    .method = "POST", .target = "/need" AZIOT, .body = ""};

	(void)state;
	assert_error(dispatch(&message), 400, NULL);
	message.body = "{}";
	message.body_length = 2;
	assert_int_equal(dispatch(&message).status, 204);
}

static void
renders_messages_that_are_not_utf8(void **state)
{
	struct error err = {ERROR_INVALID, "cut \xe2\x82"};
	struct http_reply reply;

	(void)state;
	http_reply_error(&reply, 0, &err);
	assert_member(reply.body, "message", "cut ??");
	json_decref(reply.body);
}

static void
tells_when_a_handler_defers(void **state)
{
	struct http_reply reply = get("/defer" AZIOT);

	(void)state;
	assert_true(reply.deferred);
	assert_null(reply.body);
}

static void
encodes_segments_that_it_decodes_again(void **state)
{
	CLEANUP(string)
	char *encoded = http_encode_segment("a/b c%41\xe2\x82\xac~");
	char target[64];
	CLEANUP(json) json_t *body = NULL;

	(void)state;
	assert_string_equal(encoded, "a%2Fb%20c%2541%E2%82%AC~");
	(void)snprintf(target, sizeof(target), "/keys/%s" AZIOT, encoded);
	body = get(target).body;
	assert_member(body, "first", "a/b c%41\xe2\x82\xac~");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(checks_version_then_path_then_method),
	    cmocka_unit_test(reads_bodies_as_the_method_demands),
	    cmocka_unit_test(decodes_what_stands_in_the_path),
	    cmocka_unit_test(refuses_a_segment_that_does_not_fit),
	    cmocka_unit_test(decodes_the_query),
	    cmocka_unit_test(takes_the_last_version),
	    cmocka_unit_test(lets_in_whom_the_route_names),
	    cmocka_unit_test(maps_errors_to_the_status_that_clients_know),
	    cmocka_unit_test(says_when_a_body_is_missing),
	    cmocka_unit_test(renders_messages_that_are_not_utf8),
	    cmocka_unit_test(tells_when_a_handler_defers),
	    cmocka_unit_test(encodes_segments_that_it_decodes_again),
	};

	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
