/* SPDX-License-Identifier: MIT */
/*
 * The text of an AppArmor profile, cut into statements (apparmor.d(5)): what
 * ends with a comma, opens or closes a block, includes or sets a variable.
 * Comments are passed over, quotes taken off.
 */
#ifndef CLI_APPARMOR_TEXT_H
#define CLI_APPARMOR_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define APPARMOR_WORDS_MAX 64
#define APPARMOR_STATEMENT_MAX 4096

/* A place in a text. */
struct apparmor_text {
	const char *at;
	unsigned line; /* from 1 */
};

enum apparmor_kind {
	APPARMOR_END,
	APPARMOR_RULE,       /* the words before a comma */
	APPARMOR_OPEN,       /* the words before "{" */
	APPARMOR_CLOSE,      /* "}" */
	APPARMOR_INCLUDE,    /* one word: "<below/the/base", or a path */
	APPARMOR_ASSIGNMENT, /* "@{NAME}", "=" or "+=", values */
	APPARMOR_BROKEN,     /* words that nothing ends, or too many of them */
};

struct apparmor_statement {
	enum apparmor_kind kind;
	unsigned line;                         /* where it begins */
	bool if_exists;                        /* of an include */
	const char *words[APPARMOR_WORDS_MAX]; /* in storage */
	size_t count;
	char storage[APPARMOR_STATEMENT_MAX];
	size_t used; /* of storage */
};

/* The next statement of the text. */
void apparmor_next(
    struct apparmor_text *text, struct apparmor_statement *ret_statement);

/* True if there is such a word. */
bool apparmor_statement_has(
    const struct apparmor_statement *statement, const char *word);

#endif
