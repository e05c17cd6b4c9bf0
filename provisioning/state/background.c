/* SPDX-License-Identifier: MIT */
#include "background.h"

#include <pthread.h>
#include <string.h>

#include "common/deadline.h"

#define STOP_MS 2000

struct background {
	struct provision *provision; /* NULL: not started */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stopping;
	bool stopped;
	bool woken;
};

enum error_code
background_create(struct background **ret_background, struct error *err)
{
	struct background *background = malloc(sizeof(*background));

	if (!background)
		return error_no_memory(err);
	*background = (struct background){.lock = PTHREAD_MUTEX_INITIALIZER};
	deadline_condition_init(&background->changed);
	*ret_background = background;
	return ERROR_NONE;
}

void
background_free(struct background *background)
{
	if (!background)
		return;
	(void)pthread_cond_destroy(&background->changed);
	(void)pthread_mutex_destroy(&background->lock);
	free(background);
}

/* Sleeps until the time is over, we stop or, if that counts, we are woken. */
static bool
sleep_for(struct background *background, int64_t milliseconds, bool wakeable)
{
	struct timespec until = deadline_after_ms(milliseconds);
	bool stopping;
	int failure = 0;

	(void)pthread_mutex_lock(&background->lock);
	while (!failure && !background->stopping &&
	       !(wakeable && background->woken))
		failure = milliseconds == PROVISION_IDLE
			      ? pthread_cond_wait(
				    &background->changed, &background->lock)
			      : pthread_cond_timedwait(&background->changed,
				    &background->lock, &until);
	if (wakeable)
		background->woken = false;
	stopping = background->stopping;
	(void)pthread_mutex_unlock(&background->lock);
	return !stopping;
}

bool
background_wait(struct background *background, int64_t milliseconds)
{
	return sleep_for(background, milliseconds, false);
}

void
background_wake(struct background *background)
{
	(void)pthread_mutex_lock(&background->lock);
	background->woken = true;
	(void)pthread_cond_broadcast(&background->changed);
	(void)pthread_mutex_unlock(&background->lock);
}

static void *
run(void *context)
{
	struct background *background = context;
	int64_t delay;

	do
		delay = provision_step(background->provision);
	while (sleep_for(background, delay, true));

	(void)pthread_mutex_lock(&background->lock);
	background->stopped = true;
	(void)pthread_cond_broadcast(&background->changed);
	(void)pthread_mutex_unlock(&background->lock);
	return NULL;
}

enum error_code
background_start(struct background *background, struct provision *provision,
    struct error *err)
{
	int failure;

	background->provision = provision;
	failure = pthread_create(&background->thread, NULL, run, background);
	if (failure) {
		background->provision = NULL;
		return error_set(err, ERROR_INTERNAL,
		    "cannot start a thread: %s", strerror(failure));
	}
	(void)pthread_setname_np(background->thread, "provision");
	return ERROR_NONE;
}

bool
background_stop(struct background *background)
{
	struct timespec until = deadline_after_ms(STOP_MS);
	bool stopped;
	int failure = 0;

	if (!background->provision)
		return true;
	(void)pthread_mutex_lock(&background->lock);
	background->stopping = true;
	(void)pthread_cond_broadcast(&background->changed);
	while (!failure && !background->stopped)
		failure = pthread_cond_timedwait(
		    &background->changed, &background->lock, &until);
	stopped = background->stopped;
	(void)pthread_mutex_unlock(&background->lock);
	if (!stopped)
		return false;

	(void)pthread_join(background->thread, NULL);
	background->provision = NULL;
	return true;
}
