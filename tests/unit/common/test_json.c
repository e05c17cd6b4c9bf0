/* SPDX-License-Identifier: MIT */
/* JSON: strict documents, and members that are named when they are wrong. */
#include "cmocka_wrap.h"

#include <string.h>

#include "common/json.h"

static json_t *
parsed(const char *text)
{
	json_t *value = NULL;
	struct error err = {0};

	if (json_parse(text, strlen(text), &value, &err))
		fail_msg("%s: %s", text, err.message);
	return value;
}

static void
reads_members_by_type(void **state)
{
	CLEANUP(json)
	json_t *object = parsed("{\"s\":\"x\",\"i\":-5,\"b\":true,\"n\":null,"
				"\"o\":{},\"d\":\"Zm8=\"}");
	const json_t *member = NULL;
	const char *text = "";
	unsigned char *data = NULL;
	size_t length;
	json_int_t number;
	bool flag;
	struct error err;

	(void)state;
	assert_int_equal(json_get_string(object, "s", &text, &err), ERROR_NONE);
	assert_string_equal(text, "x");
	assert_int_equal(
	    json_get_optional_string(object, "n", &text, &err), ERROR_NONE);
	assert_null(text);
	assert_int_equal(
	    json_get_optional_string(object, "none", &text, &err), ERROR_NONE);
	assert_null(text);
	assert_int_equal(
	    json_get_integer(object, "i", &number, &err), ERROR_NONE);
	assert_int_equal(number, -5);
	assert_int_equal(
	    json_get_bool(object, "b", false, &flag, &err), ERROR_NONE);
	assert_true(flag);
	assert_int_equal(
	    json_get_bool(object, "n", true, &flag, &err), ERROR_NONE);
	assert_true(flag);
	assert_int_equal(
	    json_get_object(object, "o", &member, &err), ERROR_NONE);
	assert_true(json_is_object(member));
	assert_int_equal(
	    json_get_bytes(object, "d", &data, &length, &err), ERROR_NONE);
	assert_memory_equal(data, "fo", 3);
	free(data);
}

static void
names_the_member_that_is_wrong(void **state)
{
	CLEANUP(json)
	json_t *object = parsed("{\"a\":[],\"n\":null,\"x\":\"?\"}");
	const json_t *member;
	const char *text;
	unsigned char *data;
	size_t length;
	json_int_t number;
	bool flag;
	struct error err;

	(void)state;
	assert_int_equal(
	    json_get_string(object, "n", &text, &err), ERROR_MALFORMED);
	assert_string_equal(err.message, "'n' is missing");
	assert_int_equal(
	    json_get_string(object, "a", &text, &err), ERROR_MALFORMED);
	assert_string_equal(err.message, "'a' must be a string");
	assert_int_equal(json_get_optional_string(object, "a", &text, &err),
	    ERROR_MALFORMED);
	assert_int_equal(
	    json_get_integer(object, "x", &number, &err), ERROR_MALFORMED);
	assert_string_equal(err.message, "'x' must be an integer");
	assert_int_equal(
	    json_get_bool(object, "x", false, &flag, &err), ERROR_MALFORMED);
	assert_int_equal(
	    json_get_object(object, "a", &member, &err), ERROR_MALFORMED);
	assert_int_equal(
	    json_get_object(object, "none", &member, &err), ERROR_MALFORMED);
	assert_int_equal(
	    json_get_bytes(object, "x", &data, &length, &err), ERROR_MALFORMED);
	assert_memory_equal(err.message, "'x': ", 5);
	assert_int_equal(
	    json_get_string(NULL, "a", &text, &err), ERROR_MALFORMED);
}

/* Of the plain form, and almost of it: both ways of reading give the same. */
static void
reads_objects_of_strings_as_jansson_does(void **state)
{
	static const char *const texts[] = {"{}", "{ }", "{\"a\":\"b\"}",
	    "{\"\":\"\"}", " {\t\"a\" : \"b c\" ,\r\n\"c\":\"~!\" }\n",
	    "{\"a\":\"\\u0041\"}", "{\"a\\n\":\"b\"}", "{\"a\":\"\xc3\xa4\"}",
	    "{\"a\":\"\x7f\"}", "{\"a\":\"b\",\"c\":null}",
	    "{\"a\":\"b\",\"c\":{}}"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		CLEANUP(json) json_t *value = parsed(texts[i]);
		CLEANUP(json) json_t *other = json_loads(texts[i], 0, NULL);
		CLEANUP(string) char *text = json_text(value);
		CLEANUP(string)
		char *other_text = json_dumps(other, JSON_COMPACT);

		assert_true(json_equal(value, other));
		assert_string_equal(text, other_text);
	}
}

static void
refuses_what_is_not_strictly_json(void **state)
{
	static const char *const texts[] = {"", "{", "{}x", "{}{}",
	    "{\"a\":1,\"a\":2}", "{\"a\":\"1\",\"a\":\"2\"}", "{\"a\":\"b\",}",
	    "{\"a\":\"b\"", "{\"a\":\"b", "{\"a\":", "{\"a\"", "{\"a\":\"b\"}x",
	    "{\"a\":\"b\"\"c\":\"d\"}", "{\"a\":\"b\n\"}", "{'a':1}", "[1,]",
	    "\"\\u0000\"", "\"\xff\"", "\"\\ud800\"", "\"\n\"", "nul", "01",
	    "// x\n1"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_t *value = NULL;
		struct error err;

		print_message("%s\n", texts[i]);
		assert_int_equal(
		    json_parse(texts[i], strlen(texts[i]), &value, &err),
		    ERROR_MALFORMED);
		assert_null(value);
	}
}

static void
does_not_quote_what_it_refuses(void **state)
{
	static const char text[] = "{\"pin\": secret}";
	json_t *value = NULL;
	struct error err;

	(void)state;
	assert_int_equal(
	    json_parse(text, strlen(text), &value, &err), ERROR_MALFORMED);
	assert_string_equal(
	    err.message, "JSON, line 1 column 14: invalid token");
}

/* count brackets, opened and closed, with a string of brackets inside. */
static json_t *
nested(size_t count)
{
	static const char inside[] = "\"[[\\\"{{\"";
	char text[512] = "";
	json_t *value = NULL;
	struct error err;

	memset(text, '[', count);
	memcpy(text + count, inside, sizeof(inside) - 1);
	memset(text + count + sizeof(inside) - 1, ']', count);
	(void)!json_parse(text, strlen(text), &value, &err);
	return value;
}

static void
bounds_the_depth_outside_of_strings(void **state)
{
	CLEANUP(json) json_t *deep = nested(JSON_DEPTH_MAX);

	(void)state;
	assert_non_null(deep);
	assert_null(nested(JSON_DEPTH_MAX + 1));
}

static void
writes_members_in_the_order_they_were_set(void **state)
{
	CLEANUP(json) json_t *object = json_object();
	CLEANUP(string) char *text = NULL;
	struct error err;

	(void)state;
	assert_int_equal(
	    json_set_bytes(object, "z", "fo", 2, &err), ERROR_NONE);
	assert_int_equal(json_object_set_new(object, "a", json_true()), 0);
	text = json_text(object);
	assert_string_equal(text, "{\"z\":\"Zm8=\",\"a\":true}");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_members_by_type),
	    cmocka_unit_test(names_the_member_that_is_wrong),
	    cmocka_unit_test(reads_objects_of_strings_as_jansson_does),
	    cmocka_unit_test(refuses_what_is_not_strictly_json),
	    cmocka_unit_test(does_not_quote_what_it_refuses),
	    cmocka_unit_test(bounds_the_depth_outside_of_strings),
	    cmocka_unit_test(writes_members_in_the_order_they_were_set),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
