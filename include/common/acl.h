/* SPDX-License-Identifier: MIT */
/*
 * Principals: which uid has which rights to which ids. A pattern matches a
 * whole id; '*' is any run of characters (also '/'), '?' is one character,
 * everything else stands for itself. Uid 0 is a uid like others: what it may
 * without being named is for the owner of the list to add.
 */
#ifndef COMMON_ACL_H
#define COMMON_ACL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/cleanup.h"
#include "common/error.h"

enum acl_right {
	ACL_USE = 1 << 0,    /* "use" */
	ACL_EXPORT = 1 << 1, /* "export" */
	ACL_MANAGE = 1 << 2, /* "manage" */
};
#define ACL_ALL (ACL_USE | ACL_EXPORT | ACL_MANAGE)

/* The one right of ACL_ALL that is called name. Fails with ERROR_INVALID. */
MUST_CHECK enum error_code acl_right_parse(
    const char *name, unsigned *ret_right, struct error *err);

/* Those of ACL_ALL that are called so; names may be none. As acl_right_parse().
 */
MUST_CHECK enum error_code acl_rights_parse(
    char *const *names, size_t count, unsigned *ret_rights, struct error *err);

/* The name of one right. */
const char *acl_right_name(enum acl_right right);

struct acl;

void acl_free(struct acl *acl);
DEFINE_CLEANUP(acl, struct acl, acl_free)

/* An empty list: nobody may anything. */
MUST_CHECK enum error_code acl_create(struct acl **ret_acl, struct error *err);

/*
 * Gives user, a name or a decimal uid, rights (enum acl_right bits) to the ids
 * that match pattern. Fails with ERROR_INVALID if no such user exists.
 */
MUST_CHECK enum error_code acl_add(struct acl *acl, const char *user,
    const char *pattern, unsigned rights, struct error *err);

/* All rights of uid to id: enum acl_right bits. */
unsigned acl_rights(const struct acl *acl, uid_t uid, const char *id);

/* True if any entry is for uid. */
bool acl_knows(const struct acl *acl, uid_t uid);

bool acl_pattern_matches(const char *pattern, const char *id);

/* A user by name or decimal uid. Fails with ERROR_INVALID. */
MUST_CHECK enum error_code user_lookup(
    const char *user, uid_t *ret_uid, struct error *err);

#endif
