/* SPDX-License-Identifier: MIT */
#include "apparmor.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/file.h"

#define FILE_MAX ((size_t)256 * 1024)
#define DEPTH_MAX 8
#define PATTERN_MAX 1024
#define BLANKS " \t\r"

/* --- patterns ------------------------------------------------------------- */

/* Behind the brace that closes the one at pattern; NULL: none does. */
static const char *
behind_braces(const char *pattern)
{
	unsigned depth = 0;

	for (; *pattern; pattern++) {
		if (*pattern == '{')
			depth++;
		else if (*pattern == '}' && --depth == 0)
			return pattern + 1;
	}
	return NULL;
}

/* The end of an alternative that begins at text: a comma, or the brace. */
static const char *
end_of_alternative(const char *text)
{
	unsigned depth = 0;

	for (;; text++) {
		if (*text == '{')
			depth++;
		else if (depth == 0 && (*text == ',' || *text == '}'))
			return text;
		else if (*text == '}')
			depth--;
	}
}

static bool
matches_braces(const char *pattern, const char *path)
{
	const char *behind = behind_braces(pattern);
	const char *end = pattern;
	char alternative[PATTERN_MAX];

	if (!behind)
		return false;
	do {
		const char *start = end + 1;

		end = end_of_alternative(start);
		(void)snprintf(alternative, sizeof(alternative), "%.*s%s",
		    (int)(end - start), start, behind);
		if (apparmor_matches(alternative, path))
			return true;
	} while (*end == ',');
	return false;
}

static bool
matches_star(const char *pattern, const char *path)
{
	bool crosses = pattern[1] == '*';
	const char *rest = pattern + (crosses ? 2 : 1);

	for (;; path++) {
		if (apparmor_matches(rest, path))
			return true;
		if (!*path || (*path == '/' && !crosses))
			return false;
	}
}

static bool
matches_class(const char *pattern, const char *path)
{
	const char *end = strchr(pattern, ']');
	bool is_inverse = pattern[1] == '^';
	bool is_in = false;

	if (!end || !*path || *path == '/')
		return false;
	for (const char *at = pattern + 1 + is_inverse; at < end; at++) {
		if (at[1] == '-' && at + 2 < end) {
			is_in = is_in || (*path >= at[0] && *path <= at[2]);
			at += 2;
		} else {
			is_in = is_in || *path == *at;
		}
	}
	return is_in != is_inverse && apparmor_matches(end + 1, path + 1);
}

bool
apparmor_matches(const char *pattern, const char *path)
{
	for (; *pattern; pattern++, path++) {
		switch (*pattern) {
		case '{':
			return matches_braces(pattern, path);
		case '*':
			return matches_star(pattern, path);
		case '[':
			return matches_class(pattern, path);
		case '?':
			if (!*path || *path == '/')
				return false;
			continue;
		case '\\':
			if (pattern[1])
				pattern++;
			break;
		default:
			break;
		}
		if (*pattern != *path)
			return false;
	}
	return !*path;
}

/* --- rules ---------------------------------------------------------------- */

struct question {
	const char *folder;
	const struct apparmor_request *request;
	char allowed[32]; /* letters */
	char denied[32];
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

/* Puts the folders in for variables; false: there is one that we do not know.
 */
static bool
expand(const char *pattern, char *text, size_t size)
{
	static const char *const variables[][2] = {
	    {"@{PROC}",      "/proc"       },
	    {"@{sys}",       "/sys"        },
	    {"@{run}",       "{,/var}/run" },
	    {"@{etc_ro}",    "{,/usr}/etc" },
	    {"@{etc_rw}",    "/etc"        },
	    {"@{lib}",       "{,/usr}/lib" },
	    {"@{pid}",       "*"           },
	    {"@{pids}",      "*"           },
	    {"@{tid}",       "*"           },
	    {"@{multiarch}", "*-linux-gnu*"},
	};
	const size_t count = sizeof(variables) / sizeof(variables[0]);
	size_t used = 0;

	while (*pattern && used + 1 < size) {
		size_t i = 0;

		if (pattern[0] != '@' || pattern[1] != '{') {
			text[used++] = *pattern++;
			continue;
		}
		while (i < count && strncmp(pattern, variables[i][0],
					strlen(variables[i][0])) != 0)
			i++;
		if (i == count)
			return false;
		used += (size_t)snprintf(
		    text + used, size - used, "%s", variables[i][1]);
		pattern += strlen(variables[i][0]);
	}
	if (*pattern || used >= size)
		return false;
	text[used] = '\0';
	return true;
}

static bool
is_access(const char *word)
{
	return *word && word[strspn(word, "rwamklixuUpPcC")] == '\0';
}

/* "[audit] [allow|deny] [owner] [file] PATH ACCESS", or ACCESS first. */
struct rule {
	const char *pattern;
	const char *access;
	bool denies;
	bool is_for_owner;
};

static void
take_word(struct rule *rule, const char *word)
{
	if (strcmp(word, "owner") == 0)
		rule->is_for_owner = true;
	else if (strcmp(word, "deny") == 0)
		rule->denies = true;
	else if (!rule->pattern && strchr("/@", word[0]))
		rule->pattern = word;
	else if (!rule->access && is_access(word))
		rule->access = word;
}

static bool
applies(const struct rule *rule, const struct apparmor_request *request)
{
	char expanded[PATTERN_MAX];

	return rule->pattern && rule->access &&
	       (!rule->is_for_owner || request->is_owner) &&
	       expand(rule->pattern, expanded, sizeof(expanded)) &&
	       apparmor_matches(expanded, request->path);
}

static void
take_rule(struct question *question, char *line)
{
	struct rule rule = {0};
	char *rest = NULL;

	for (char *word = strtok_r(line, BLANKS "\"", &rest);
	     word && strcmp(word, "->") != 0;
	     word = strtok_r(NULL, BLANKS "\"", &rest))
		take_word(&rule, word);
	if (applies(&rule, question->request))
		add_letters(rule.denies ? question->denied : question->allowed,
		    sizeof(question->allowed), rule.access);
}

/* --- files ---------------------------------------------------------------- */

static void take_text(struct question *question, char *text, unsigned depth);

static void
take_file(struct question *question, const char *file, unsigned depth)
{
	CLEANUP(string) char *text = NULL;
	struct error ignored;

	if (file_read(file, FILE_MAX, &text, NULL, &ignored) == ERROR_NONE)
		take_text(question, text, depth);
}

static void
take_folder(struct question *question, const char *path, unsigned depth)
{
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, NULL);

	for (int i = 0; i < count; i++) {
		CLEANUP(string)
		char *file = string_format("%s/%s", path, entries[i]->d_name);

		if (file && entries[i]->d_name[0] != '.')
			take_file(question, file, depth);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

/* "<abstractions/base>", or "if exists <local/x>", or a path in quotes. */
static void
take_include(struct question *question, const char *what, unsigned depth)
{
	const char *start = what + strcspn(what, "<\"/");
	CLEANUP(string) char *path = NULL;
	struct stat status;
	size_t length;

	if (!*start)
		return;
	length = strcspn(start + (*start != '/'), ">\" \t");
	if (*start == '<')
		path = string_format(
		    "%s/%.*s", question->folder, (int)length, start + 1);
	else
		path = strndup(start + (*start == '"'), length);
	if (!path || depth == 0 || stat(path, &status) < 0)
		return;
	if (S_ISDIR(status.st_mode))
		take_folder(question, path, depth - 1);
	else
		take_file(question, path, depth - 1);
}

/* What begins with a hash is a comment, unless it is "#include". */
static void
take_line(struct question *question, char *line, unsigned depth)
{
	static const char include[] = "include";
	char *comment;
	char *comma;

	line += strspn(line, BLANKS);
	if (strncmp(line + (line[0] == '#'), include, strlen(include)) == 0) {
		take_include(question, line + strlen(include), depth);
		return;
	}
	comment = line[0] == '#' ? line : strstr(line, " #");
	if (comment)
		*comment = '\0';
	comma = strrchr(line, ',');
	if (!comma || comma[1 + strspn(comma + 1, BLANKS)])
		return;
	*comma = '\0';
	take_rule(question, line);
}

static void
take_text(struct question *question, char *text, unsigned depth)
{
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		take_line(question, line, depth);
}

enum error_code
apparmor_allows(const char *folder, const char *name,
    const struct apparmor_request *request, bool *ret_allowed,
    struct error *err)
{
	struct question question = {.folder = folder, .request = request};
	CLEANUP(string) char *file = string_format("%s/%s", folder, name);
	CLEANUP(string) char *text = NULL;

	if (!file)
		return error_no_memory(err);
	if (file_read(file, FILE_MAX, &text, NULL, err))
		return err->code;
	take_text(&question, text, DEPTH_MAX);
	*ret_allowed = strspn(request->access, question.allowed) ==
			   strlen(request->access) &&
		       !strpbrk(request->access, question.denied);
	return ERROR_NONE;
}
