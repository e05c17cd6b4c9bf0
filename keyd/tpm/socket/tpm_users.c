/* SPDX-License-Identifier: MIT */
#include "tpm_users.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct tpm_users {
	pthread_mutex_t lock;
	uid_t *uids;
	size_t count;
	bool anyone;
};

enum error_code
tpm_users_create(struct tpm_users **ret_users, struct error *err)
{
	struct tpm_users *users = malloc(sizeof(*users));

	if (!users)
		return error_no_memory(err);
	*users = (struct tpm_users){.lock = PTHREAD_MUTEX_INITIALIZER};
	*ret_users = users;
	return ERROR_NONE;
}

void
tpm_users_free(struct tpm_users *users)
{
	if (!users)
		return;
	(void)pthread_mutex_destroy(&users->lock);
	free(users->uids);
	free(users);
}

enum error_code
tpm_users_set(struct tpm_users *users, const uid_t *uids, size_t count,
    bool anyone, struct error *err)
{
	uid_t *copy = calloc(count + 1, sizeof(*copy));
	uid_t *former;

	if (!copy)
		return error_no_memory(err);
	if (count > 0)
		memcpy(copy, uids, count * sizeof(*copy));
	(void)pthread_mutex_lock(&users->lock);
	former = users->uids;
	users->uids = copy;
	users->count = count;
	users->anyone = anyone;
	(void)pthread_mutex_unlock(&users->lock);
	free(former);
	return ERROR_NONE;
}

bool
tpm_users_have(struct tpm_users *users, uid_t uid)
{
	bool found;

	(void)pthread_mutex_lock(&users->lock);
	found = users->anyone;
	for (size_t i = 0; !found && i < users->count; i++)
		found = users->uids[i] == uid;
	(void)pthread_mutex_unlock(&users->lock);
	return found;
}
