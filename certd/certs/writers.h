/* SPDX-License-Identifier: MIT */
/*
 * Who may write which certificates. That may change while certd runs: it counts
 * from the next question on. Any thread.
 */
#ifndef CERTD_WRITERS_H
#define CERTD_WRITERS_H

#include "common/acl.h"

struct writers;

/* Takes over acl, on success. */
MUST_CHECK enum error_code writers_create(
    struct acl *acl, struct writers **ret_writers, struct error *err);
void writers_free(struct writers *writers);
DEFINE_CLEANUP(writers, struct writers, writers_free)

/* From now on acl, which is taken over, counts, and there is no trouble. */
void writers_set(struct writers *writers, struct acl *acl);

/* What they are could not be read anew, and why. It stays as it was. */
void writers_set_trouble(struct writers *writers, const struct error *why);

/* Fails with what writers_set_trouble() was told. */
MUST_CHECK enum error_code writers_check(
    struct writers *writers, struct error *err);

/* True if uid may write id. */
bool writers_may(struct writers *writers, uid_t uid, const char *id);

/* True if uid may write any certificate at all. */
bool writers_know(struct writers *writers, uid_t uid);

#endif
