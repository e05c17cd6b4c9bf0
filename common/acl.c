/* SPDX-License-Identifier: MIT */
#include "common/acl.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct acl_entry {
	uid_t uid;
	unsigned rights;
	char *pattern;
};

struct acl {
	size_t count;
	struct acl_entry *entries;
};

static const char *const right_names[] = {"use", "export", "manage"};
#define RIGHTS (sizeof(right_names) / sizeof(right_names[0]))

enum error_code
acl_right_parse(const char *name, unsigned *ret_right, struct error *err)
{
	for (unsigned i = 0; i < RIGHTS; i++)
		if (strcmp(name, right_names[i]) == 0) {
			*ret_right = 1U << i;
			return ERROR_NONE;
		}
	return error_set(err, ERROR_INVALID,
	    "there is no right '%s', only use, export and manage", name);
}

enum error_code
acl_rights_parse(
    char *const *names, size_t count, unsigned *ret_rights, struct error *err)
{
	unsigned rights = 0, right;

	for (size_t i = 0; i < count; i++) {
		if (acl_right_parse(names[i], &right, err))
			return err->code;
		rights |= right;
	}
	*ret_rights = rights;
	return ERROR_NONE;
}

const char *
acl_right_name(enum acl_right right)
{
	unsigned i = 0;

	while (i + 1 < RIGHTS && right != 1U << i)
		i++;
	return right_names[i];
}

void
acl_free(struct acl *acl)
{
	if (!acl)
		return;
	for (size_t i = 0; i < acl->count; i++)
		free(acl->entries[i].pattern);
	free(acl->entries);
	free(acl);
}

enum error_code
acl_create(struct acl **ret_acl, struct error *err)
{
	*ret_acl = calloc(1, sizeof(**ret_acl));
	return *ret_acl ? ERROR_NONE : error_no_memory(err);
}

static bool
parse_uid(const char *text, uid_t *ret_uid)
{
	char *end;
	unsigned long value;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	/* (uid_t)-1 means "no uid" to the kernel. */
	if (errno || *end || value >= (uid_t)-1)
		return false;
	*ret_uid = (uid_t)value;
	return true;
}

enum error_code
user_lookup(const char *user, uid_t *ret_uid, struct error *err)
{
	struct passwd entry, *found = NULL;
	char buffer[4096];

	if (parse_uid(user, ret_uid))
		return ERROR_NONE;
	(void)getpwnam_r(user, &entry, buffer, sizeof(buffer), &found);
	if (!found)
		return error_set(err, ERROR_INVALID,
		    "no user '%s' on this machine; name one that exists, or a "
		    "uid",
		    user);
	*ret_uid = found->pw_uid;
	return ERROR_NONE;
}

enum error_code
acl_add(struct acl *acl, const char *user, const char *pattern, unsigned rights,
    struct error *err)
{
	struct acl_entry *entries;
	uid_t uid;

	if (user_lookup(user, &uid, err))
		return err->code;
	entries =
	    reallocarray(acl->entries, acl->count + 1, sizeof(*acl->entries));
	if (!entries)
		return error_no_memory(err);
	acl->entries = entries;

	entries[acl->count].uid = uid;
	entries[acl->count].rights = rights;
	entries[acl->count].pattern = strdup(pattern);
	if (!entries[acl->count].pattern)
		return error_no_memory(err);
	acl->count++;
	return ERROR_NONE;
}

/*
 * Greedy with one point of return: when a literal fails, the last '*' takes
 * one character more. Linear in practice, no recursion.
 */
bool
acl_pattern_matches(const char *pattern, const char *id)
{
	const char *star = NULL, *resume = NULL;

	while (*id) {
		if (*pattern == '*') {
			star = pattern++;
			resume = id;
		} else if (*pattern == '?' || *pattern == *id) {
			pattern++;
			id++;
		} else if (star) {
			pattern = star + 1;
			id = ++resume;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}

unsigned
acl_rights(const struct acl *acl, uid_t uid, const char *id)
{
	unsigned rights = 0;

	for (size_t i = 0; i < acl->count; i++)
		if (acl->entries[i].uid == uid &&
		    acl_pattern_matches(acl->entries[i].pattern, id))
			rights |= acl->entries[i].rights;
	return rights;
}

bool
acl_knows(const struct acl *acl, uid_t uid)
{
	for (size_t i = 0; i < acl->count; i++)
		if (acl->entries[i].uid == uid)
			return true;
	return false;
}
