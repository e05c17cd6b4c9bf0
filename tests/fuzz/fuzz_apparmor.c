/* SPDX-License-Identifier: MIT */
/*
 * The text of an AppArmor profile. Each statement takes something of it, and
 * its words are whole; as a rule, what it has is of these words.
 */
#include "fuzz.h"

#include <string.h>

#include "apparmor_rule.h"
#include "common/cleanup.h"

static void
check(const struct apparmor_statement *statement)
{
	const char *const end = statement->storage + sizeof(statement->storage);
	struct apparmor_rule rule;

	FUZZ_REQUIRE(statement->count <= APPARMOR_WORDS_MAX);
	for (size_t i = 0; i < statement->count; i++) {
		const char *word = statement->words[i];

		FUZZ_REQUIRE(word < statement->storage || word >= end ||
			     memchr(word, '\0', (size_t)(end - word)));
	}
	if (statement->kind == APPARMOR_ASSIGNMENT)
		FUZZ_REQUIRE(statement->count >= 2);
	if (statement->kind == APPARMOR_RULE &&
	    apparmor_rule_read(statement, &rule) && rule.pattern)
		FUZZ_REQUIRE(rule.access && strchr("/@", rule.pattern[0]));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(string) char *content = strndup((const char *)data, size);
	struct apparmor_text text = {.at = content, .line = 1};
	struct apparmor_statement statement;

	FUZZ_REQUIRE(content);
	do {
		const char *before = text.at;

		apparmor_next(&text, &statement);
		check(&statement);
		FUZZ_REQUIRE(
		    text.at > before || statement.kind == APPARMOR_END);
		FUZZ_REQUIRE(text.at <= content + strlen(content));
	} while (statement.kind != APPARMOR_END);
	return 0;
}
