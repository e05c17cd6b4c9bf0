/* SPDX-License-Identifier: MIT */
#include "tpm_turn.h"

#include <pthread.h>
#include <stdint.h>

#include "common/deadline.h"
#include "common/time.h"

#define MS_PER_SECOND 1000

struct tpm_turn {
	pthread_mutex_t mutex; /* never held while the TPM works */
	pthread_cond_t changed;
	struct tpm_operation operation; /* that goes on; name NULL: none */
	int64_t since_ms;
	enum tpm_condition condition;
	struct error trouble;
};

enum error_code
tpm_turn_create(struct tpm_turn **ret_turn, struct error *err)
{
	struct tpm_turn *turn = calloc(1, sizeof(*turn));

	if (!turn)
		return error_no_memory(err);
	pthread_mutex_init(&turn->mutex, NULL);
	deadline_condition_init(&turn->changed);
	*ret_turn = turn;
	return ERROR_NONE;
}

void
tpm_turn_free(struct tpm_turn *turn)
{
	if (!turn)
		return;
	pthread_cond_destroy(&turn->changed);
	pthread_mutex_destroy(&turn->mutex);
	free(turn);
}

/* Under the mutex. */
static bool
hangs(const struct tpm_turn *turn)
{
	return turn->operation.name &&
	       time_monotonic_ms() - turn->since_ms >
		   (int64_t)turn->operation.limit_seconds * MS_PER_SECOND;
}

/* Under the mutex. */
static enum error_code
say_hang(const struct tpm_turn *turn, struct error *err)
{
	return error_set(err, ERROR_UNAVAILABLE,
	    "the TPM does not answer: it has been %s for %d s",
	    turn->operation.name,
	    (int)((time_monotonic_ms() - turn->since_ms) / MS_PER_SECOND));
}

enum error_code
tpm_turn_begin(struct tpm_turn *turn, const struct tpm_operation *operation,
    struct error *err)
{
	enum error_code code = ERROR_NONE;

	pthread_mutex_lock(&turn->mutex);
	while (turn->operation.name && !hangs(turn)) {
		struct timespec deadline = deadline_after_ms(MS_PER_SECOND);

		(void)deadline_wait_a_little(
		    &turn->changed, &turn->mutex, &deadline);
	}
	if (turn->operation.name)
		code = say_hang(turn, err);
	else {
		turn->operation = *operation;
		turn->since_ms = time_monotonic_ms();
	}
	pthread_mutex_unlock(&turn->mutex);
	return code;
}

static bool
is_trouble(enum error_code code, const struct tpm_operation *operation)
{
	if (operation->asks &&
	    (code == ERROR_INVALID || code == ERROR_NOT_FOUND))
		return false;
	return code != ERROR_NONE;
}

enum error_code
tpm_turn_end(
    struct tpm_turn *turn, enum error_code code, const struct error *err)
{
	pthread_mutex_lock(&turn->mutex);
	turn->condition = TPM_OK;
	if (is_trouble(code, &turn->operation)) {
		turn->condition = TPM_TROUBLE;
		turn->trouble = *err;
	}
	turn->operation.name = NULL;
	pthread_cond_signal(&turn->changed);
	pthread_mutex_unlock(&turn->mutex);
	return code;
}

enum tpm_condition
tpm_turn_condition(struct tpm_turn *turn, struct error *ret_trouble)
{
	enum tpm_condition condition;

	pthread_mutex_lock(&turn->mutex);
	condition = turn->condition;
	if (hangs(turn)) {
		condition = TPM_TROUBLE;
		(void)say_hang(turn, ret_trouble);
	} else if (condition == TPM_TROUBLE)
		*ret_trouble = turn->trouble;
	pthread_mutex_unlock(&turn->mutex);
	return condition;
}

const char *
tpm_condition_name(enum tpm_condition condition)
{
	static const char *const names[] = {
	    [TPM_UNTRIED] = "untried",
	    [TPM_OK] = "ok",
	    [TPM_TROUBLE] = "trouble",
	};

	return names[condition];
}

bool
tpm_turn_hang(struct tpm_turn *turn, struct error *ret_hang)
{
	bool found;

	pthread_mutex_lock(&turn->mutex);
	found = turn->operation.name != NULL;
	if (found)
		(void)say_hang(turn, ret_hang);
	pthread_mutex_unlock(&turn->mutex);
	return found;
}
