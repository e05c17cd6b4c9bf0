/* SPDX-License-Identifier: MIT */
#include "warm_up.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "common/deadline.h"
#include "common/log.h"

struct warm_up {
	struct keys *keys;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool checked; /* what could hang is over */
	bool late;    /* nobody waits any more; others make changes */
	bool over;
};

static void
check(struct keys *keys)
{
	const struct peer root = {.uid = 0};
	struct error err;

	if (keys_check(keys, &root, &err))
		log_warning("%s", err.message);
}

/* Notes a step. Returns whether nobody waits for the next. */
static bool
note(struct warm_up *warm_up, bool *step)
{
	bool late;

	pthread_mutex_lock(&warm_up->mutex);
	*step = true;
	late = warm_up->late;
	pthread_cond_signal(&warm_up->changed);
	pthread_mutex_unlock(&warm_up->mutex);
	return late;
}

static void *
work(void *argument)
{
	struct warm_up *warm_up = argument;

	check(warm_up->keys);
	if (!note(warm_up, &warm_up->checked))
		keys_repair(warm_up->keys);
	(void)note(warm_up, &warm_up->over);
	return NULL;
}

/*
 * Changes of keys must not meet others' changes, so once they were begun they
 * are waited for.
 */
static void
await(struct warm_up *warm_up, int64_t patience_ms)
{
	struct timespec deadline = deadline_after_ms(patience_ms);

	pthread_mutex_lock(&warm_up->mutex);
	while (!warm_up->checked && deadline_wait_a_little(&warm_up->changed,
					&warm_up->mutex, &deadline))
		continue;
	warm_up->late = !warm_up->checked;
	while (warm_up->checked && !warm_up->over)
		pthread_cond_wait(&warm_up->changed, &warm_up->mutex);
	pthread_mutex_unlock(&warm_up->mutex);
}

static void
release(struct warm_up *warm_up)
{
	pthread_cond_destroy(&warm_up->changed);
	pthread_mutex_destroy(&warm_up->mutex);
	free(warm_up);
}

enum error_code
warm_up_begin(struct keys *keys, int64_t patience_ms,
    struct warm_up **ret_warm_up, struct error *err)
{
	struct warm_up *warm_up = calloc(1, sizeof(*warm_up));

	if (!warm_up)
		return error_no_memory(err);
	warm_up->keys = keys;
	pthread_mutex_init(&warm_up->mutex, NULL);
	deadline_condition_init(&warm_up->changed);
	errno = pthread_create(&warm_up->thread, NULL, work, warm_up);
	if (errno) {
		(void)error_set_errno(err, ERROR_INTERNAL, "starting a thread");
		release(warm_up);
		return err->code;
	}
	(void)pthread_setname_np(warm_up->thread, "keyd-warm-up");
	await(warm_up, patience_ms);
	*ret_warm_up = warm_up_end(warm_up) ? NULL : warm_up;
	return ERROR_NONE;
}

bool
warm_up_end(struct warm_up *warm_up)
{
	bool over;

	if (!warm_up)
		return true;
	pthread_mutex_lock(&warm_up->mutex);
	over = warm_up->over;
	pthread_mutex_unlock(&warm_up->mutex);
	if (!over)
		return false;
	(void)pthread_join(warm_up->thread, NULL);
	release(warm_up);
	return true;
}
