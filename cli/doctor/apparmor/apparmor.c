/* SPDX-License-Identifier: MIT */
#include "apparmor.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "apparmor_rule.h"
#include "apparmor_text.h"
#include "apparmor_variables.h"
#include "common/cleanup.h"
#include "common/file.h"

#define FILE_MAX ((size_t)256 * 1024)
#define BLOCKS_MAX 16
#define DEPTH_MAX 16

/* A file that is being read, and who includes it. */
struct source {
	const struct source *by;
	const char *file;
	unsigned depth;
};

/* What is true of the rules in a block. */
struct block {
	bool is_ours; /* of the profile, and of no hat or child of it */
	bool is_conditional;
	bool denies;
	bool is_for_owner;
};

struct question {
	const struct apparmor_profile *profile;
	const struct apparmor_request *request;
	json_t *variables;
	struct block blocks[BLOCKS_MAX]; /* [0] is outside of all */
	size_t depth;
	bool is_found;       /* the profile */
	char allowed[32];    /* letters */
	char denying[512];   /* the first statement that denies the request */
	char may_allow[512]; /* that is not understood, and may allow */
	char may_deny[512];
};

static void
add_letters(char *letters, size_t size, const char *more)
{
	for (; *more; more++) {
		size_t length = strlen(letters);

		if (length + 1 < size && !strchr(letters, *more)) {
			letters[length] = *more;
			letters[length + 1] = '\0';
		}
	}
}

/* --- what is not understood ----------------------------------------------- */

static void
note(char *place, size_t size, const struct source *source,
    const struct apparmor_statement *statement)
{
	size_t used;

	if (*place)
		return;
	(void)snprintf(
	    place, size, "%s, line %u: '", source->file, statement->line);
	for (size_t i = 0; i < statement->count; i++) {
		used = strlen(place);
		(void)snprintf(place + used, size - used, "%s%s",
		    i > 0 ? " " : "", statement->words[i]);
	}
	used = strlen(place);
	(void)snprintf(place + used, size - used, "'");
}

/* A statement that may be anything denies if it says so, or allows. */
static void
note_unclear(struct question *question, const struct source *source,
    const struct apparmor_statement *statement)
{
	if (question->blocks[question->depth].denies ||
	    apparmor_statement_has(statement, "deny"))
		note(question->may_deny, sizeof(question->may_deny), source,
		    statement);
	else
		note(question->may_allow, sizeof(question->may_allow), source,
		    statement);
}

/* --- rules ---------------------------------------------------------------- */

static void
take_rule(struct question *question, const struct source *source,
    const struct apparmor_statement *statement)
{
	const struct block *block = &question->blocks[question->depth];
	struct apparmor_rule rule;
	enum apparmor_match match;

	if (!apparmor_rule_read(statement, &rule)) {
		note_unclear(question, source, statement);
		return;
	}
	if (!rule.pattern || ((rule.is_for_owner || block->is_for_owner) &&
				 !question->request->is_owner))
		return;
	match = apparmor_compare(
	    question->variables, rule.pattern, question->request->path);
	if (match == APPARMOR_NO)
		return;
	if (match == APPARMOR_PERHAPS || block->is_conditional) {
		note_unclear(question, source, statement);
	} else if (!rule.denies && !block->denies) {
		add_letters(
		    question->allowed, sizeof(question->allowed), rule.access);
	} else if (strpbrk(rule.access, question->request->access)) {
		note(question->denying, sizeof(question->denying), source,
		    statement);
	}
}

/* "alias /a/ -> /b/": a rule for what is below /a/ is one for below /b/, too.
 */
static void
take_alias(struct question *question, const struct source *source,
    const struct apparmor_statement *statement)
{
	const char *target = statement->words[statement->count - 1];

	if (strncmp(question->request->path, target, strlen(target)) == 0)
		note_unclear(question, source, statement);
}

/* --- blocks --------------------------------------------------------------- */

static bool
is_condition(const struct apparmor_statement *statement)
{
	return statement->count > 0 &&
	       (strcmp(statement->words[0], "if") == 0 ||
		   strcmp(statement->words[0], "else") == 0);
}

/* "profile NAME ... {", or "NAME ... {". */
static bool
is_profile(const struct apparmor_statement *statement, const char *name)
{
	size_t at =
	    statement->count > 1 && strcmp(statement->words[0], "profile") == 0;

	return statement->count > at && strcmp(statement->words[at], name) == 0;
}

static void
open_block(
    struct question *question, const struct apparmor_statement *statement)
{
	struct block block = question->blocks[question->depth];
	struct apparmor_rule qualifiers;

	if (is_condition(statement)) {
		block.is_conditional = true;
	} else if (block.is_ours &&
		   apparmor_rule_read_qualifiers(statement, &qualifiers)) {
		block.denies = block.denies || qualifiers.denies;
		block.is_for_owner =
		    block.is_for_owner || qualifiers.is_for_owner;
	} else if (question->depth == 0 &&
		   is_profile(statement, question->profile->name)) {
		block.is_ours = question->is_found = true;
	} else {
		block.is_ours = false;
	}
	question->blocks[++question->depth] = block;
}

/* --- files ---------------------------------------------------------------- */

static bool take_file(struct question *question, const struct source *source);

static bool
is_being_read(const struct source *source, const char *file)
{
	for (; source; source = source->by)
		if (strcmp(source->file, file) == 0)
			return true;
	return false;
}

/* What editors and dpkg leave behind is no part of a folder. */
static bool
is_left_behind(const char *name)
{
	static const char *const patterns[] = {".*", "*~", "*.dpkg-*",
	    "*.rpmnew", "*.rpmsave", "*.pacnew", "*.pacsave", "*.orig",
	    "*.rej"};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		if (fnmatch(patterns[i], name, 0) == 0)
			return true;
	return false;
}

static bool
take_folder(struct question *question, const struct source *source)
{
	struct dirent **entries;
	int count = scandir(source->file, &entries, NULL, alphasort);
	bool is_read = count >= 0;

	for (int i = 0; i < count; i++) {
		CLEANUP(string)
		char *file =
		    string_format("%s/%s", source->file, entries[i]->d_name);
		struct source inner = *source;
		struct stat status;

		inner.file = file;
		if (!is_left_behind(entries[i]->d_name) &&
		    (!file || stat(file, &status) < 0 ||
			(S_ISREG(status.st_mode) &&
			    !take_file(question, &inner))))
			is_read = false;
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return is_read;
}

/* False: what it includes is not all read. */
static bool
take_include(struct question *question, const struct source *source,
    const struct apparmor_statement *statement)
{
	const char *what = statement->count > 0 ? statement->words[0] : "";
	CLEANUP(string)
	char *path = *what == '<' ? string_format("%s/%s",
					question->profile->folder, what + 1)
				  : strdup(what);
	struct source inner = {
	    .by = source, .file = path, .depth = source->depth + 1};
	struct stat status;

	if (!path || *path != '/')
		return false;
	if (is_being_read(source, path))
		return true;
	if (stat(path, &status) < 0)
		return statement->if_exists;
	return S_ISDIR(status.st_mode) ? take_folder(question, &inner)
				       : take_file(question, &inner);
}

static void
take_statement(struct question *question, const struct source *source,
    const struct apparmor_statement *statement)
{
	const struct block *block = &question->blocks[question->depth];

	switch (statement->kind) {
	case APPARMOR_INCLUDE:
		if ((question->depth == 0 || block->is_ours) &&
		    !take_include(question, source, statement))
			note_unclear(question, source, statement);
		break;
	case APPARMOR_ASSIGNMENT:
		apparmor_set(question->variables, statement->words[0],
		    statement->words[1][0] == '+', statement->words + 2,
		    statement->count - 2);
		break;
	case APPARMOR_OPEN:
		if (question->depth + 1 < BLOCKS_MAX)
			open_block(question, statement);
		else
			note_unclear(question, source, statement);
		break;
	case APPARMOR_CLOSE:
		question->depth -= question->depth > 0;
		break;
	case APPARMOR_RULE:
		if (block->is_ours)
			take_rule(question, source, statement);
		else if (question->depth == 0 &&
			 apparmor_statement_has(statement, "alias"))
			take_alias(question, source, statement);
		break;
	case APPARMOR_BROKEN:
		if (question->depth == 0 || block->is_ours)
			note_unclear(question, source, statement);
		break;
	case APPARMOR_END:
		break;
	}
}

static void
take_text(
    struct question *question, const struct source *source, const char *content)
{
	struct apparmor_text text = {.at = content, .line = 1};
	struct apparmor_statement statement;

	for (apparmor_next(&text, &statement); statement.kind != APPARMOR_END;
	     apparmor_next(&text, &statement))
		take_statement(question, source, &statement);
}

static bool
take_file(struct question *question, const struct source *source)
{
	CLEANUP(string) char *content = NULL;
	struct error ignored;

	if (source->depth > DEPTH_MAX ||
	    file_read(source->file, FILE_MAX, &content, NULL, &ignored))
		return false;
	take_text(question, source, content);
	return true;
}

/* --- the answer ----------------------------------------------------------- */

static void
set_answer(struct apparmor_answer *answer, enum apparmor_verdict verdict,
    const char *statement)
{
	answer->verdict = verdict;
	(void)snprintf(
	    answer->statement, sizeof(answer->statement), "%s", statement);
}

static void
answer(const struct question *question, struct apparmor_answer *ret_answer)
{
	const struct apparmor_profile *profile = question->profile;
	const char *access = question->request->access;
	bool is_granted = strspn(access, question->allowed) == strlen(access);
	const char *unclear =
	    is_granted ? question->may_deny : question->may_allow;

	if (*question->denying) {
		set_answer(ret_answer, APPARMOR_DENIED, question->denying);
	} else if (*unclear) {
		set_answer(ret_answer, APPARMOR_UNCLEAR, unclear);
	} else if (!question->is_found) {
		set_answer(ret_answer, APPARMOR_UNCLEAR, "");
		(void)snprintf(ret_answer->statement,
		    sizeof(ret_answer->statement),
		    "%s/%s, which has no 'profile %s'", profile->folder,
		    profile->file, profile->name);
	} else {
		set_answer(ret_answer,
		    is_granted ? APPARMOR_ALLOWED : APPARMOR_DENIED, "");
	}
}

enum error_code
apparmor_ask(const struct apparmor_profile *profile,
    const struct apparmor_request *request, struct apparmor_answer *ret_answer,
    struct error *err)
{
	CLEANUP(json) json_t *variables = json_object();
	CLEANUP(string)
	char *file = string_format("%s/%s", profile->folder, profile->file);
	CLEANUP(string) char *content = NULL;
	struct question question = {
	    .profile = profile, .request = request, .variables = variables};
	const struct source source = {.file = file};

	if (!file || !variables)
		return error_no_memory(err);
	if (file_read(file, FILE_MAX, &content, NULL, err))
		return err->code;
	take_text(&question, &source, content);
	answer(&question, ret_answer);
	return ERROR_NONE;
}
