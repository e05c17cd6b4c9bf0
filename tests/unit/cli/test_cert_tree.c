/* SPDX-License-Identifier: MIT */
/* Which certificate is drawn below which. */
#include "cmocka_wrap.h"

#include <stdio.h>

#include "cert_tree.h"

static const char leaf[] = "{'subject':'CN=leaf','issuer':'CN=low',"
			   "'fingerprint':'1','notAfter':'a','ca':false}";
static const char low[] = "{'subject':'CN=low','issuer':'CN=root',"
			  "'fingerprint':'2','notAfter':'b','ca':true}";
static const char root[] = "{'subject':'CN=root','issuer':'CN=root',"
			   "'fingerprint':'3','notAfter':'c','ca':true}";
static const char other[] = "{'subject':'CN=root','issuer':'CN=root',"
			    "'fingerprint':'4','notAfter':'c','ca':true}";

static json_t *
parse(const char *text)
{
	char copy[4096];
	size_t i = 0;
	json_t *value;

	/* Quotes of another kind, for the reader's sake. */
	for (; text[i]; i++)
		copy[i] = text[i];
	copy[i] = '\0';
	for (i = 0; copy[i]; i++)
		if (copy[i] == '\'')
			copy[i] = '"';
	value = json_loads(copy, JSON_DECODE_ANY, NULL);
	assert_non_null(value);
	return value;
}

/* A certificate id with a chain of at most three. */
static json_t *
shown(const char *id, const char *first, const char *second, const char *third)
{
	json_t *chain = json_array();
	const char *const texts[] = {first, second, third};

	for (size_t i = 0; i < 3; i++)
		if (texts[i])
			(void)json_array_append_new(chain, parse(texts[i]));
	return json_pack("{s:s, s:o}", "id", id, "chain", chain);
}

/* "subject(ids)[what is below]" of each, for comparison. */
static void
write_tree(const json_t *nodes, char *text, size_t size)
{
	size_t used = 0;

	*text = '\0';
	for (size_t i = 0; i < json_array_size(nodes); i++) {
		const json_t *node = json_array_get(nodes, i);
		const json_t *ids = json_object_get(node, "ids");
		char below[512];

		write_tree(
		    json_object_get(node, "below"), below, sizeof(below));
		used +=
		    (size_t)snprintf(text + used, size - used, "%s(%zu)[%s]",
			json_string_value(json_object_get(node, "subject")) + 3,
			json_array_size(ids), below);
	}
}

/* Takes over certificates. */
static void
assert_tree(json_t *certificates, const char *expected)
{
	CLEANUP(json) json_t *given = certificates;
	CLEANUP(json) json_t *tree = cert_tree(given);
	char text[1024];

	assert_non_null(tree);
	write_tree(tree, text, sizeof(text));
	assert_string_equal(text, expected);
}

static void
draws_a_chain_and_each_certificate_once(void **state)
{
	(void)state;
	assert_tree(
	    json_pack("[o, o, o]", shown("a", leaf, low, root),
		shown("b", leaf, low, NULL), shown("ca", low, root, NULL)),
	    "root(0)[low(1)[leaf(2)[]]]");
}

static void
finds_an_issuer_by_name_when_the_chain_does_not_have_it(void **state)
{
	(void)state;
	assert_tree(json_pack("[o, o]", shown("a", leaf, NULL, NULL),
			shown("ca", low, NULL, NULL)),
	    "low(1)[leaf(1)[]]");
}

static void
believes_the_chain_before_the_name(void **state)
{
	(void)state;
	assert_tree(json_pack("[o, o]", shown("old", other, NULL, NULL),
			shown("ca", low, root, NULL)),
	    "root(0)[low(1)[]]root(1)[]");
}

static void
shows_at_the_top_what_has_no_issuer_here(void **state)
{
	(void)state;
	assert_tree(json_pack("[o, o]", shown("a", leaf, NULL, NULL),
			json_pack("{s:s, s:s}", "id", "b", "error", "none")),
	    "leaf(1)[]");
	assert_tree(json_array(), "");
}

static void
ends_although_two_say_that_they_issued_each_other(void **state)
{
	static const char one[] = "{'subject':'CN=1','issuer':'CN=2',"
				  "'fingerprint':'1','ca':true}";
	static const char two[] = "{'subject':'CN=2','issuer':'CN=1',"
				  "'fingerprint':'2','ca':true}";

	(void)state;
	assert_tree(json_pack("[o, o]", shown("1", one, NULL, NULL),
			shown("2", two, NULL, NULL)),
	    "1(1)[]2(1)[]");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(draws_a_chain_and_each_certificate_once),
	    cmocka_unit_test(
		finds_an_issuer_by_name_when_the_chain_does_not_have_it),
	    cmocka_unit_test(believes_the_chain_before_the_name),
	    cmocka_unit_test(shows_at_the_top_what_has_no_issuer_here),
	    cmocka_unit_test(ends_although_two_say_that_they_issued_each_other),
	};

	return cmocka_run_group_tests_name("cert tree", tests, NULL, NULL);
}
