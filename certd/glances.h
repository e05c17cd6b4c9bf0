/* SPDX-License-Identifier: MIT */
/*
 * What looks at keyd's keys have told, for ten seconds, so that who only looks
 * waits for a keyd that hangs but once, and asks it not for each key each time.
 * Any thread may call all of this.
 */
#ifndef CERTD_GLANCES_H
#define CERTD_GLANCES_H

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

#define GLANCES_AGAIN_MS 10000

/* Begins as {.lock = PTHREAD_MUTEX_INITIALIZER}. */
struct glances {
	pthread_mutex_t lock;
	int64_t away_until; /* keyd did not answer */
	json_t *not_lost;   /* until when, by key; NULL: none yet */
};

/* Whether keyd did not answer a moment ago: it is not to be asked. */
bool glances_is_away(struct glances *glances, int64_t now_ms);

/*
 * Whether it is known of a moment ago that the key is not lost: it was there,
 * or cannot be told of, as its token is away or we may not use it.
 */
bool glances_is_not_lost(
    struct glances *glances, const char *key_id, int64_t now_ms);

/*
 * How a look at the key has ended. Only that keyd did not answer is said of all
 * keys (ERROR_TIMEOUT); that one is lost (ERROR_NOT_FOUND) is not kept, so that
 * it is seen at once when it is back.
 */
void glances_note(struct glances *glances, const char *key_id,
    enum error_code code, int64_t now_ms);

/* Forgets all. */
void glances_forget(struct glances *glances);

#endif
