/* SPDX-License-Identifier: MIT */
/* Who may do what with which keys, as the configuration says. */
#ifndef KEYD_ACCESS_H
#define KEYD_ACCESS_H

#include "common/acl.h"
#include "key_ref.h"

/* What access_create() makes one of. */
struct access_settings {
	struct acl *acl; /* taken over */
	/* For these a handle that is not delegated is the right to use. */
	size_t bearer_count;
	const uid_t *bearers; /* copied */
	/* As aziot: a handle is every right, for everybody who has any. */
	bool aziot;
};

struct access;

MUST_CHECK enum error_code access_create(const struct access_settings *settings,
    struct access **ret_access, struct error *err);
void access_free(struct access *access);
DEFINE_CLEANUP(access, struct access, access_free)

/*
 * What uid may do with key: enum acl_right bits. That is what the list says of
 * its id, and what the handle that was shown gives beside.
 */
unsigned access_rights(
    const struct access *access, uid_t uid, const struct key_ref *key);

/* What the list alone gives uid, whatever handle it shows. */
unsigned access_own_rights(
    const struct access *access, uid_t uid, const char *id);

/* True if there is anything that uid may without being shown a handle. */
bool access_knows(const struct access *access, uid_t uid);

#endif
