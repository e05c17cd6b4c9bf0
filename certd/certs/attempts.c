/* SPDX-License-Identifier: MIT */
#include "attempts.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

struct entry {
	char *id;
	struct attempt_record record;
};

struct attempts {
	pthread_mutex_t lock;
	size_t count;
	struct entry *entries; /* sorted by id */
};

enum error_code
attempts_create(struct attempts **ret_attempts, struct error *err)
{
	struct attempts *attempts = malloc(sizeof(*attempts));

	if (!attempts)
		return error_no_memory(err);
	*attempts = (struct attempts){.lock = PTHREAD_MUTEX_INITIALIZER};
	*ret_attempts = attempts;
	return ERROR_NONE;
}

void
attempts_free(struct attempts *attempts)
{
	if (!attempts)
		return;
	for (size_t i = 0; i < attempts->count; i++)
		free(attempts->entries[i].id);
	free(attempts->entries);
	(void)pthread_mutex_destroy(&attempts->lock);
	free(attempts);
}

/* Where id is or would be. */
static size_t
place_of(const struct attempts *attempts, const char *id)
{
	size_t low = 0, high = attempts->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(attempts->entries[middle].id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
is_at(const struct attempts *attempts, size_t place, const char *id)
{
	return place < attempts->count &&
	       strcmp(attempts->entries[place].id, id) == 0;
}

/* The record of id, made if there is none; NULL: there is no room for it. */
static struct attempt_record *
record_of(struct attempts *attempts, const char *id)
{
	size_t place = place_of(attempts, id);
	struct entry entry = {0};
	struct entry *grown;

	if (is_at(attempts, place, id))
		return &attempts->entries[place].record;
	if (attempts->count >= ATTEMPTS_IDS_MAX)
		return NULL;
	grown = reallocarray(
	    attempts->entries, attempts->count + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	attempts->entries = grown;
	entry.id = strdup(id);
	if (!entry.id)
		return NULL;
	memmove(grown + place + 1, grown + place,
	    (attempts->count - place) * sizeof(*grown));
	grown[place] = entry;
	attempts->count++;
	return &grown[place].record;
}

void
attempts_note(struct attempts *attempts, const char *id, int64_t now,
    const struct error *reason)
{
	struct attempt_record *record;

	(void)pthread_mutex_lock(&attempts->lock);
	record = record_of(attempts, id);
	if (record) {
		record->last = now;
		record->succeeded += !reason;
		record->failed += reason != NULL;
		record->last_error =
		    reason ? *reason : (struct error){.code = ERROR_NONE};
	}
	(void)pthread_mutex_unlock(&attempts->lock);
}

void
attempts_restore(
    struct attempts *attempts, const char *id, int64_t last, const char *error)
{
	struct attempt_record *record;

	(void)pthread_mutex_lock(&attempts->lock);
	record = record_of(attempts, id);
	if (record) {
		record->last = last;
		record->last_error.code = ERROR_NONE;
		/* Of what kind it was is not known any more. */
		if (*error)
			(void)error_set(
			    &record->last_error, ERROR_INTERNAL, "%s", error);
	}
	(void)pthread_mutex_unlock(&attempts->lock);
}

struct attempt_record
attempts_of(struct attempts *attempts, const char *id)
{
	struct attempt_record record = {.last_error.code = ERROR_NONE};
	size_t place;

	(void)pthread_mutex_lock(&attempts->lock);
	place = place_of(attempts, id);
	if (is_at(attempts, place, id))
		record = attempts->entries[place].record;
	(void)pthread_mutex_unlock(&attempts->lock);
	return record;
}

void
attempts_each(struct attempts *attempts,
    void (*tell)(
	void *context, const char *id, const struct attempt_record *record),
    void *context)
{
	(void)pthread_mutex_lock(&attempts->lock);
	for (size_t i = 0; i < attempts->count; i++)
		tell(context, attempts->entries[i].id,
		    &attempts->entries[i].record);
	(void)pthread_mutex_unlock(&attempts->lock);
}
