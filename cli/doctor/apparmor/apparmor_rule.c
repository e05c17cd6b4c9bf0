/* SPDX-License-Identifier: MIT */
#include "apparmor_rule.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ALL_ACCESS "rwamklx"

static bool
is_one_of(const char *word, const char *const words[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

/* What begins a rule that is not for files. */
static bool
is_other_kind(const char *word)
{
	static const char *const kinds[] = {"abi", "capability", "change_hat",
	    "change_profile", "dbus", "io_uring", "link", "mount", "mqueue",
	    "network", "pivot_root", "ptrace", "remount", "rlimit", "set",
	    "signal", "umount", "unix", "userns"};

	return is_one_of(word, kinds, COUNT(kinds));
}

/* Where the qualifiers end. */
static size_t
read_qualifiers(
    const struct apparmor_statement *statement, struct apparmor_rule *rule)
{
	static const char *const others[] = {
	    "audit", "allow", "safe", "unsafe"};
	size_t i = 0;

	for (; i < statement->count; i++) {
		const char *word = statement->words[i];

		if (strcmp(word, "deny") == 0)
			rule->denies = true;
		else if (strcmp(word, "owner") == 0)
			rule->is_for_owner = true;
		else if (!is_one_of(word, others, COUNT(others)))
			break;
	}
	return i;
}

bool
apparmor_rule_read_qualifiers(
    const struct apparmor_statement *statement, struct apparmor_rule *ret_rule)
{
	*ret_rule = (struct apparmor_rule){0};
	return read_qualifiers(statement, ret_rule) == statement->count;
}

static bool
is_path(const char *word)
{
	return word[0] == '/' || (word[0] == '@' && word[1] == '{');
}

static bool
is_access(const char *word)
{
	return *word && word[strspn(word, "rwamklixuUpPcC")] == '\0';
}

/* The pattern and the access, in either order, and where a program leads. */
static bool
read_file(const char *const words[], size_t count, struct apparmor_rule *rule)
{
	if (count != 2 && (count != 4 || strcmp(words[2], "->") != 0))
		return false;
	if (is_path(words[0]) && is_access(words[1])) {
		rule->pattern = words[0];
		rule->access = words[1];
	} else if (is_access(words[0]) && is_path(words[1])) {
		rule->pattern = words[1];
		rule->access = words[0];
	}
	return rule->pattern;
}

bool
apparmor_rule_read(
    const struct apparmor_statement *statement, struct apparmor_rule *ret_rule)
{
	size_t at;
	bool is_file;

	*ret_rule = (struct apparmor_rule){0};
	at = read_qualifiers(statement, ret_rule);
	if (at == statement->count)
		return at == 0;
	if (is_other_kind(statement->words[at]))
		return true;
	is_file = strcmp(statement->words[at], "file") == 0;
	if (at + 1 == statement->count &&
	    (is_file || strcmp(statement->words[at], "all") == 0)) {
		ret_rule->pattern = "/**";
		ret_rule->access = ALL_ACCESS;
		return true;
	}
	at += is_file;
	return read_file(
	    statement->words + at, statement->count - at, ret_rule);
}
