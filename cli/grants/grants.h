/* SPDX-License-Identifier: MIT */
/*
 * Who may do what with keyd's keys: the principals in its configuration, and
 * the drop-ins that hold what the operator granted, one file for each user.
 */
#ifndef CLI_GRANTS_H
#define CLI_GRANTS_H

#include "common/cleanup.h"
#include "common/config.h"
#include "common/error.h"

struct grant {
	char *user;
	char *pattern;
	unsigned rights; /* enum acl_right bits; 0: none are said */
};

struct grants {
	size_t count;
	struct grant *items;
};

void grants_done(struct grants *grants);

/* The drop-in of user. The caller frees it. ERROR_INVALID: no file name. */
MUST_CHECK enum error_code grants_path(
    const char *user, char **ret_path, struct error *err);

/*
 * Reads the principals of a file, a grant for each of their patterns; there are
 * none in a file that is not there. Released with grants_done(). Fails with
 * ERROR_INVALID, also if there is more than principals in the file and
 * only_principals.
 */
MUST_CHECK enum error_code grants_read(const char *path, bool only_principals,
    struct grants *ret_grants, struct error *err);

/* Replaces the file; without any grants it is removed. */
MUST_CHECK enum error_code grants_write(
    const char *path, const struct grants *grants, struct error *err);

/* Adds rights of user to pattern. *ret_changed is false if he had them. */
MUST_CHECK enum error_code grants_add(struct grants *grants, const char *user,
    const char *pattern, unsigned rights, bool *ret_changed, struct error *err);

/* Takes rights away. *ret_changed is false if he had none of them. */
void grants_remove(struct grants *grants, const char *user, const char *pattern,
    unsigned rights, bool *ret_changed);

#endif
