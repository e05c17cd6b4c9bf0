/* SPDX-License-Identifier: MIT */
#include "writers.h"

#include <pthread.h>
#include <stdlib.h>

struct writers {
	pthread_rwlock_t lock; /* for what follows */
	struct acl *acl;
	struct error trouble; /* ERROR_NONE: there is none */
};

enum error_code
writers_create(struct acl *acl, struct writers **ret_writers, struct error *err)
{
	struct writers *writers = calloc(1, sizeof(*writers));

	if (!writers)
		return error_no_memory(err);
	(void)pthread_rwlock_init(&writers->lock, NULL);
	writers->acl = acl;
	writers->trouble.code = ERROR_NONE;
	*ret_writers = writers;
	return ERROR_NONE;
}

void
writers_free(struct writers *writers)
{
	if (!writers)
		return;
	acl_free(writers->acl);
	(void)pthread_rwlock_destroy(&writers->lock);
	free(writers);
}

void
writers_set(struct writers *writers, struct acl *acl)
{
	struct acl *former;

	(void)pthread_rwlock_wrlock(&writers->lock);
	former = writers->acl;
	writers->acl = acl;
	writers->trouble.code = ERROR_NONE;
	(void)pthread_rwlock_unlock(&writers->lock);
	acl_free(former);
}

void
writers_set_trouble(struct writers *writers, const struct error *why)
{
	(void)pthread_rwlock_wrlock(&writers->lock);
	writers->trouble = *why;
	(void)pthread_rwlock_unlock(&writers->lock);
}

enum error_code
writers_check(struct writers *writers, struct error *err)
{
	(void)pthread_rwlock_rdlock(&writers->lock);
	if (writers->trouble.code)
		*err = writers->trouble;
	else
		err->code = ERROR_NONE;
	(void)pthread_rwlock_unlock(&writers->lock);
	return err->code;
}

bool
writers_may(struct writers *writers, uid_t uid, const char *id)
{
	bool may;

	(void)pthread_rwlock_rdlock(&writers->lock);
	may = acl_rights(writers->acl, uid, id) != 0;
	(void)pthread_rwlock_unlock(&writers->lock);
	return may;
}

bool
writers_know(struct writers *writers, uid_t uid)
{
	bool knows;

	(void)pthread_rwlock_rdlock(&writers->lock);
	knows = acl_knows(writers->acl, uid);
	(void)pthread_rwlock_unlock(&writers->lock);
	return knows;
}
