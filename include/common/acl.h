/* SPDX-License-Identifier: MIT */
/*
 * Principals: which uid may use which ids. A pattern matches a whole id; '*'
 * is any run of characters (also '/'), '?' is one character, everything else
 * stands for itself. Uid 0 may everything.
 */
#ifndef COMMON_ACL_H
#define COMMON_ACL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/cleanup.h"
#include "common/error.h"

struct acl;

void acl_free(struct acl *acl);
DEFINE_CLEANUP(acl, struct acl, acl_free)

/* An empty list: only uid 0 may. */
MUST_CHECK enum error_code acl_create(struct acl **ret_acl, struct error *err);

/*
 * Lets user, a name or a decimal uid, use the ids that match pattern. Fails
 * with ERROR_INVALID if no such user exists.
 */
MUST_CHECK enum error_code acl_add(
    struct acl *acl, const char *user, const char *pattern, struct error *err);

bool acl_allows(const struct acl *acl, uid_t uid, const char *id);

/* True if uid has any pattern at all, or is 0. */
bool acl_knows(const struct acl *acl, uid_t uid);

bool acl_pattern_matches(const char *pattern, const char *id);

/* A user by name or decimal uid. Fails with ERROR_INVALID. */
MUST_CHECK enum error_code user_lookup(
    const char *user, uid_t *ret_uid, struct error *err);

#endif
