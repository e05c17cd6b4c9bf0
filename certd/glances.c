/* SPDX-License-Identifier: MIT */
#include "glances.h"

bool
glances_is_away(struct glances *glances, int64_t now_ms)
{
	bool is_away;

	(void)pthread_mutex_lock(&glances->lock);
	is_away = now_ms < glances->away_until;
	(void)pthread_mutex_unlock(&glances->lock);
	return is_away;
}

bool
glances_is_not_lost(struct glances *glances, const char *key_id, int64_t now_ms)
{
	bool is_not_lost;

	(void)pthread_mutex_lock(&glances->lock);
	is_not_lost = now_ms < json_integer_value(
				   json_object_get(glances->not_lost, key_id));
	(void)pthread_mutex_unlock(&glances->lock);
	return is_not_lost;
}

/* If there is no memory it is asked again. */
static void
keep(struct glances *glances, const char *key_id, int64_t until_ms)
{
	if (!glances->not_lost)
		glances->not_lost = json_object();
	(void)!json_object_set_new(
	    glances->not_lost, key_id, json_integer(until_ms));
}

void
glances_note(struct glances *glances, const char *key_id, enum error_code code,
    int64_t now_ms)
{
	const int64_t until_ms = now_ms + GLANCES_AGAIN_MS;

	(void)pthread_mutex_lock(&glances->lock);
	if (code == ERROR_TIMEOUT)
		glances->away_until = until_ms;
	else if (code != ERROR_NOT_FOUND)
		keep(glances, key_id, until_ms);
	(void)pthread_mutex_unlock(&glances->lock);
}

void
glances_forget(struct glances *glances)
{
	(void)pthread_mutex_lock(&glances->lock);
	json_decref(glances->not_lost);
	glances->not_lost = NULL;
	glances->away_until = 0;
	(void)pthread_mutex_unlock(&glances->lock);
}
