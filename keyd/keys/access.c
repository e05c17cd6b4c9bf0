/* SPDX-License-Identifier: MIT */
#include "access.h"

#include <stdlib.h>
#include <string.h>

struct access {
	struct acl *acl;
	size_t bearer_count;
	uid_t *bearers;
	bool aziot;
};

enum error_code
access_create(const struct access_settings *settings,
    struct access **ret_access, struct error *err)
{
	size_t count = settings->bearer_count;
	CLEANUP(access) struct access *access = calloc(1, sizeof(*access));

	if (!access) {
		acl_free(settings->acl);
		return error_no_memory(err);
	}
	access->acl = settings->acl;
	access->aziot = settings->aziot;
	access->bearer_count = count;
	access->bearers = calloc(count + 1, sizeof(*access->bearers));
	if (!access->bearers)
		return error_no_memory(err);
	if (count > 0)
		memcpy(access->bearers, settings->bearers,
		    count * sizeof(*access->bearers));
	*ret_access = TAKE(access);
	return ERROR_NONE;
}

void
access_free(struct access *access)
{
	if (!access)
		return;
	acl_free(access->acl);
	free(access->bearers);
	free(access);
}

unsigned
access_own_rights(const struct access *access, uid_t uid, const char *id)
{
	return key_id_is_reserved(id) ? 0 : acl_rights(access->acl, uid, id);
}

static bool
is_bearer(const struct access *access, uid_t uid)
{
	for (size_t i = 0; i < access->bearer_count; i++)
		if (access->bearers[i] == uid)
			return true;
	return access->aziot && acl_knows(access->acl, uid);
}

/* A handle that was made for somebody is worth nothing to anybody else. */
static unsigned
rights_by_handle(
    const struct access *access, uid_t uid, const struct key_ref *key)
{
	if (key_id_is_reserved(key->id))
		return 0;
	if (key->is_delegated)
		return key->delegate == uid
			   ? ACL_USE & access_own_rights(
					   access, key->delegator, key->id)
			   : 0;
	if (!is_bearer(access, uid))
		return 0;
	return access->aziot ? ACL_ALL : ACL_USE;
}

unsigned
access_rights(const struct access *access, uid_t uid, const struct key_ref *key)
{
	unsigned rights = access_own_rights(access, uid, key->id);

	if (key->by_handle)
		rights |= rights_by_handle(access, uid, key);
	return rights;
}

bool
access_knows(const struct access *access, uid_t uid)
{
	return acl_knows(access->acl, uid) || is_bearer(access, uid);
}
