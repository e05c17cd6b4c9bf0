/* SPDX-License-Identifier: MIT */
#include "apparmor_text.h"

#include <string.h>

#define BLANKS " \t\r"
#define SPACE " \t\r\n"

static bool
is_one_of(char character, const char *characters)
{
	return character && strchr(characters, character);
}

static void
skip(struct apparmor_text *text, const char *characters)
{
	for (; is_one_of(*text->at, characters); text->at++)
		text->line += *text->at == '\n';
}

static bool
is_at(const struct apparmor_text *text, const char *word)
{
	size_t length = strlen(word);

	return strncmp(text->at, word, length) == 0 &&
	       is_one_of(text->at[length], SPACE "<\"");
}

static bool
skip_word(struct apparmor_text *text, const char *word)
{
	if (!is_at(text, word))
		return false;
	text->at += strlen(word);
	return true;
}

/* --- words ---------------------------------------------------------------- */

/* Where a word is within its statement. */
struct place {
	bool is_quoted;
	unsigned parentheses;
	char last;
};

/* A comma with something behind it is a part of a path. */
static bool
is_comma(const char *at)
{
	return at[0] == ',' && (!at[1] || is_one_of(at[1], SPACE "#"));
}

/* "name{", which alternatives do not end with. */
static bool
is_brace(const char *at)
{
	return at[0] == '{' && is_one_of(at[1], "\r\n");
}

/* True if the word ends before the character at. */
static bool
is_behind(const struct place *place, const char *at)
{
	return !*at ||
	       (!place->is_quoted && place->parentheses == 0 &&
		   (is_one_of(*at, SPACE) || is_comma(at) || is_brace(at)));
}

static void
add(struct apparmor_statement *statement, char character)
{
	if (statement->used + 1 < sizeof(statement->storage))
		statement->storage[statement->used++] = character;
	else
		statement->kind = APPARMOR_BROKEN;
}

static void
end_word(struct apparmor_statement *statement)
{
	statement->storage[statement->used] = '\0';
	statement->used += statement->used + 1 < sizeof(statement->storage);
}

static void
take_character(struct apparmor_text *text, struct apparmor_statement *statement,
    struct place *place)
{
	place->last = *text->at++;
	text->line += place->last == '\n';
	if (place->last == '"') {
		place->is_quoted = !place->is_quoted;
		return;
	}
	if (!place->is_quoted && place->last == '(')
		place->parentheses++;
	if (!place->is_quoted && place->last == ')' && place->parentheses > 0)
		place->parentheses--;
	add(statement, place->last);
	if (place->last == '\\' && *text->at)
		add(statement, *text->at++);
}

/*
 * The word at text, where there is one, whatever it begins with. A list in
 * parentheses is a word; what comes behind it is another one.
 */
static void
take_word(struct apparmor_text *text, struct apparmor_statement *statement)
{
	struct place place = {0};

	if (statement->count == APPARMOR_WORDS_MAX) {
		statement->kind = APPARMOR_BROKEN;
		statement->count--;
	}
	statement->words[statement->count++] =
	    statement->storage + statement->used;
	do
		take_character(text, statement, &place);
	while (!is_behind(&place, text->at) &&
	       !(place.last == ')' && place.parentheses == 0));
	end_word(statement);
}

/* --- statements of a line ------------------------------------------------- */

/* "include <abstractions/base>", "#include if exists <local/x>", or a path. */
static bool
take_include(struct apparmor_text *text, struct apparmor_statement *statement)
{
	if (!skip_word(text, "include") && !skip_word(text, "#include"))
		return false;
	statement->kind = APPARMOR_INCLUDE;
	skip(text, BLANKS);
	if (skip_word(text, "if")) {
		skip(text, BLANKS);
		statement->if_exists = skip_word(text, "exists");
		skip(text, BLANKS);
	}
	if (!*text->at || *text->at == '\n')
		return true;
	if (*text->at != '<') {
		take_word(text, statement);
		return true;
	}
	statement->words[statement->count++] = statement->storage;
	while (*text->at && !is_one_of(*text->at, ">\n"))
		add(statement, *text->at++);
	text->at += *text->at == '>';
	end_word(statement);
	return true;
}

/* "@{NAME} = value value", "@{NAME}+=value", "$NAME = true". */
static bool
take_assignment(
    struct apparmor_text *text, struct apparmor_statement *statement)
{
	const char *end = text->at;

	if (end[0] == '@' && end[1] == '{')
		end += strcspn(end, "}\n");
	else if (end[0] != '$')
		return false;
	end += strcspn(end, "=+" SPACE "/");
	end += strspn(end, BLANKS);
	if (end[0] != '=' && (end[0] != '+' || end[1] != '='))
		return false;
	statement->kind = APPARMOR_ASSIGNMENT;
	statement->words[statement->count++] = statement->storage;
	while (!is_one_of(*text->at, "=+" BLANKS))
		add(statement, *text->at++);
	end_word(statement);
	statement->words[statement->count++] = *end == '+' ? "+=" : "=";
	text->at = strchr(end, '=') + 1;
	for (skip(text, BLANKS); !is_one_of(*text->at, "\n#") && *text->at;
	     skip(text, BLANKS))
		take_word(text, statement);
	return true;
}

/* --- any statement -------------------------------------------------------- */

/* Comments, and space. */
static void
skip_nothing(struct apparmor_text *text)
{
	for (skip(text, SPACE); *text->at == '#' && !is_at(text, "#include");
	     skip(text, SPACE))
		text->at += strcspn(text->at, "\n");
}

/* What ends the words so far, if that is what is at text. */
static bool
take_end(struct apparmor_text *text, struct apparmor_statement *statement)
{
	enum apparmor_kind kind;

	switch (*text->at) {
	case '\0':
		kind = statement->count > 0 ? APPARMOR_BROKEN : APPARMOR_END;
		break;
	case ',':
		kind = APPARMOR_RULE;
		break;
	case '{':
		kind = APPARMOR_OPEN;
		break;
	case '}':
		kind = statement->count > 0 ? APPARMOR_BROKEN : APPARMOR_CLOSE;
		break;
	default:
		return false;
	}
	/* A broken one ends before it. */
	text->at += *text->at && kind != APPARMOR_BROKEN;
	if (statement->kind != APPARMOR_BROKEN)
		statement->kind = kind;
	return true;
}

void
apparmor_next(
    struct apparmor_text *text, struct apparmor_statement *ret_statement)
{
	ret_statement->kind = APPARMOR_END;
	ret_statement->count = 0;
	ret_statement->used = 0;
	ret_statement->if_exists = false;
	skip_nothing(text);
	ret_statement->line = text->line;
	if (take_include(text, ret_statement) ||
	    take_assignment(text, ret_statement))
		return;
	while (!take_end(text, ret_statement)) {
		take_word(text, ret_statement);
		skip_nothing(text);
	}
}

bool
apparmor_statement_has(
    const struct apparmor_statement *statement, const char *word)
{
	for (size_t i = 0; i < statement->count; i++)
		if (strcmp(statement->words[i], word) == 0)
			return true;
	return false;
}
