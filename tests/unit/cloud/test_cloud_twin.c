/* SPDX-License-Identifier: MIT */
/* How twins begin and are merged into: RFC 7396, with metadata that follows. */
#include "cmocka_wrap.h"

#include "common/file.h"
#include "hub_twin.h"

static json_t *
parsed(const char *text)
{
	json_t *value = json_loads(text, 0, NULL);

	assert_non_null(value);
	return value;
}

static json_t *
begun_with(const char *initial_text)
{
	CLEANUP(json) json_t *initial = parsed(initial_text);
	json_t *twin = twin_create("dev", NULL, initial, 1);

	assert_non_null(twin);
	return twin;
}

static void
update(json_t *twin, const char *patch_text, bool replace)
{
	CLEANUP(json) json_t *patch = parsed(patch_text);
	struct error err;

	assert_int_equal(twin_update(twin, patch, replace, &err), ERROR_NONE);
}

/* The names of the members of metadata, without the times. */
static json_t *
names_of(const json_t *metadata)
{
	json_t *names = json_object();
	const char *key;
	json_t *member;

	json_object_foreach((json_t *)(uintptr_t)metadata, key, member)
	{
		if (json_is_object(member))
			(void)json_object_set_new(names, key, names_of(member));
		else
			assert_string_equal(key, "$lastUpdated");
	}
	return names;
}

static void
assert_json(const json_t *value, const char *expected)
{
	CLEANUP(string)
	char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);

	assert_string_equal(text, expected);
}

/* Its tags, what is desired, and the names in the metadata of that. */
static void
assert_twin(const json_t *twin, const char *tags, const char *desired,
    const char *metadata)
{
	const json_t *section =
	    json_object_get(json_object_get(twin, "properties"), "desired");
	CLEANUP(json) json_t *bare = json_deep_copy(section);
	CLEANUP(json)
	json_t *names = names_of(json_object_get(section, "$metadata"));

	(void)json_object_del(bare, "$metadata");
	(void)json_object_del(bare, "$version");
	assert_json(json_object_get(twin, "tags"), tags);
	assert_json(bare, desired);
	assert_json(names, metadata);
}

static void
begins_with_what_the_initial_twin_has_and_no_null(void **state)
{
	CLEANUP(json)
	json_t *twin = begun_with(
	    "{\"tags\":{\"site\":\"a\",\"gone\":null,\"in\":{\"x\":null}},"
	    "\"properties\":{\"desired\":{\"a\":{\"b\":null,\"c\":[null]},"
	    "\"d\":null,\"$version\":7}}}");

	(void)state;
	assert_twin(twin, "{\"in\":{},\"site\":\"a\"}",
	    "{\"a\":{\"c\":[null]}}", "{\"a\":{\"c\":{}}}");
}

static void
takes_no_null_into_an_object_that_is_new(void **state)
{
	CLEANUP(json) json_t *twin = begun_with("{}");

	(void)state;
	update(twin,
	    "{\"tags\":{\"in\":{\"x\":null,\"y\":1}},"
	    "\"properties\":{\"desired\":{\"a\":{\"b\":{\"c\":null}}}}}",
	    false);
	assert_twin(twin, "{\"in\":{\"y\":1}}", "{\"a\":{\"b\":{}}}",
	    "{\"a\":{\"b\":{}}}");
}

static void
puts_an_object_in_the_place_of_a_value_and_back(void **state)
{
	CLEANUP(json)
	json_t *twin = begun_with(
	    "{\"tags\":{\"a\":1},\"properties\":{\"desired\":{\"a\":1}}}");

	(void)state;
	update(twin,
	    "{\"tags\":{\"a\":{\"b\":2,\"c\":null}},"
	    "\"properties\":{\"desired\":{\"a\":{\"b\":2,\"c\":null}}}}",
	    false);
	assert_twin(twin, "{\"a\":{\"b\":2}}", "{\"a\":{\"b\":2}}",
	    "{\"a\":{\"b\":{}}}");
	update(twin,
	    "{\"tags\":{\"a\":3},\"properties\":{\"desired\":{\"a\":3}}}",
	    false);
	assert_twin(twin, "{\"a\":3}", "{\"a\":3}", "{\"a\":{}}");
}

static void
replaces_by_an_object_without_its_nulls(void **state)
{
	CLEANUP(json)
	json_t *twin = begun_with(
	    "{\"tags\":{\"a\":1},\"properties\":{\"desired\":{\"a\":1}}}");

	(void)state;
	update(twin,
	    "{\"tags\":{\"b\":{\"c\":null}},"
	    "\"properties\":{\"desired\":{\"b\":{\"c\":null,\"d\":1}}}}",
	    true);
	assert_twin(
	    twin, "{\"b\":{}}", "{\"b\":{\"d\":1}}", "{\"b\":{\"d\":{}}}");
}

static json_int_t
version_of_desired(const json_t *twin)
{
	return json_integer_value(json_object_get(
	    json_object_get(json_object_get(twin, "properties"), "desired"),
	    "$version"));
}

static void
empties_a_section_that_is_null(void **state)
{
	static const char *const patches[] = {
	    "{\"tags\":null,\"properties\":{\"desired\":null}}",
	    "{\"tags\":null,\"properties\":null}"};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		CLEANUP(json)
		json_t *twin = begun_with("{\"tags\":{\"a\":1},"
					  "\"properties\":{\"desired\":"
					  "{\"a\":{\"b\":2}}}}");

		update(twin, patches[i / 2], i % 2 == 1);
		assert_twin(twin, "{}", "{}", "{}");
		assert_int_equal(version_of_desired(twin), 2);
		update(twin,
		    "{\"tags\":{\"c\":3},"
		    "\"properties\":{\"desired\":{\"c\":4}}}",
		    false);
		assert_twin(twin, "{\"c\":3}", "{\"c\":4}", "{\"c\":{}}");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(begins_with_what_the_initial_twin_has_and_no_null),
	    cmocka_unit_test(takes_no_null_into_an_object_that_is_new),
	    cmocka_unit_test(puts_an_object_in_the_place_of_a_value_and_back),
	    cmocka_unit_test(replaces_by_an_object_without_its_nulls),
	    cmocka_unit_test(empties_a_section_that_is_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
