/* SPDX-License-Identifier: MIT */
#include "token.h"

#include <string.h>

#include "ckr.h"
#include "common/deadline.h"
#include "common/file.h"
#include "common/time.h"
#include "token_state.h"

#define AWAITING_MAX 16U /* for whom others have turns: each has a thread */
#define LONG_MS 500      /* to have the objects: a key is being made */

enum error_code
token_create(const struct slot *slot, unsigned sessions,
    struct refusals *refusals, struct token **ret_token, struct error *err)
{
	struct token *token = calloc(1, sizeof(*token));

	if (!token)
		return error_no_memory(err);
	token->slot = *slot;
	token->wanted = sessions;
	token->pins_refused = refusals;
	token->since = time_now();
	pthread_mutex_init(&token->mutex, NULL);
	deadline_condition_init(&token->changed);
	deadline_condition_init(&token->objects_free);
	*ret_token = token;
	return ERROR_NONE;
}

void
token_free(struct token *token)
{
	struct visit visit = {.owner = token, .purpose = VISIT_OPEN};
	unsigned generation;
	struct error err;

	if (!token)
		return;
	if (token->sessions.keeper && module_enter(token->slot.module, &visit,
					  &generation, &err) == ERROR_NONE) {
		if (generation == token->sessions.module_generation)
			token_close_sessions(&token->sessions);
		module_leave(token->slot.module, &visit);
	}
	pthread_cond_destroy(&token->objects_free);
	pthread_cond_destroy(&token->changed);
	pthread_mutex_destroy(&token->mutex);
	free(token);
}

const struct slot *
token_slot(const struct token *token)
{
	return &token->slot;
}

unsigned
token_generation(struct token *token)
{
	unsigned generation;

	pthread_mutex_lock(&token->mutex);
	generation = token->generation;
	pthread_mutex_unlock(&token->mutex);
	return generation;
}

bool
token_has_pin(struct token *token)
{
	bool has_pin;

	pthread_mutex_lock(&token->mutex);
	has_pin = token->pin != NULL;
	pthread_mutex_unlock(&token->mutex);
	return has_pin;
}

void
token_offer_pin(struct token *token, const struct uri *uri)
{
	pthread_mutex_lock(&token->mutex);
	if (!token->pin && uri_has_pin(uri))
		token->pin = uri;
	pthread_mutex_unlock(&token->mutex);
}

/* ---- opening ---- */

/* Waits while another thread opens the token, unless that hangs. */
static enum error_code
await_opening_locked(struct token *token, struct error *err)
{
	int64_t call_ms = module_limits(token->slot.module)->call_ms;
	struct timespec deadline = deadline_after_ms(call_ms);

	while (token->opening) {
		struct hang hang =
		    module_hang_of(token->slot.module, token, VISIT_OPEN);

		if (hang.function) {
			(void)error_set_hang(err, &hang);
			return token_blame(token, err);
		}
		if (!deadline_wait_a_little(
			&token->changed, &token->mutex, &deadline))
			return error_set(err, ERROR_UNAVAILABLE,
			    "token '%s' is being opened for longer than %lld s",
			    token->slot.label, (long long)(call_ms / 1000));
	}
	return ERROR_NONE;
}

/* Opens, letting go of the lock meanwhile. */
static enum error_code
connect_locked(struct token *token, struct error *err)
{
	struct token_sessions sessions = token->sessions;
	const struct uri *pin = token->pin;
	enum error_code code;

	token->sessions = (struct token_sessions){0};
	token->opening = true;
	pthread_mutex_unlock(&token->mutex);
	code = token_connect(token, pin, &sessions, err);
	pthread_mutex_lock(&token->mutex);
	token->opening = false;
	token->sessions = sessions;
	token->generation++;
	if (code == ERROR_NONE) {
		token->open = true;
		token->openings++;
		token->since = time_now();
		module_hold(token->slot.module);
	} else {
		token->trouble = *err;
	}
	token->retry_ms = time_monotonic_ms() + token_pause_ms(token);
	pthread_cond_broadcast(&token->changed);
	return code;
}

enum error_code
token_open_locked(struct token *token, struct error *err)
{
	if (token->open)
		return ERROR_NONE;
	if (await_opening_locked(token, err))
		return err->code;
	if (token->open)
		return ERROR_NONE;
	if (time_monotonic_ms() < token->retry_ms) {
		*err = token->trouble;
		return err->code;
	}
	return connect_locked(token, err);
}

void
token_shut_locked(struct token *token)
{
	if (!token->open)
		return;
	token->open = false;
	token->generation++;
	token->since = time_now();
	module_release(token->slot.module);
}

/* ---- how it is ---- */

static struct hang
hang_of(struct token *token, enum visit_purpose purpose)
{
	return module_hang_of(token->slot.module, token, purpose);
}

/* Says which call hangs, in how many sessions. */
static enum error_code
set_hang(struct token *token, const struct hang *hang, struct error *err)
{
	(void)error_set_hang(err, hang);
	if (hang->count > 1)
		(void)error_wrap(err, "in %u sessions", hang->count);
	return token_blame(token, err);
}

/* What hangs first counts; the number is that of all calls. */
static struct hang
any_hang(struct token *token)
{
	static const enum visit_purpose purposes[] = {
	    VISIT_OPEN, VISIT_USE, VISIT_CHANGE};
	struct hang any = {0};

	for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++) {
		struct hang hang = hang_of(token, purposes[i]);

		hang.count += any.count;
		if (hang.age_ms < any.age_ms) {
			hang.function = any.function;
			hang.age_ms = any.age_ms;
		}
		any = hang;
	}
	return any;
}

enum error_code
token_hang(struct token *token, struct error *err)
{
	struct hang hang = any_hang(token);

	return hang.function ? set_hang(token, &hang, err) : ERROR_NONE;
}

bool
token_is_exhausted_locked(
    struct token *token, enum token_use use, struct error *err)
{
	struct hang hang =
	    hang_of(token, use == TOKEN_SIGN ? VISIT_USE : VISIT_CHANGE);

	if (hang.count < (use == TOKEN_SIGN ? token->sessions.limit : 1))
		return false;
	(void)set_hang(token, &hang, err);
	return true;
}

enum error_code
token_open(struct token *token, struct error *err)
{
	enum error_code code;

	pthread_mutex_lock(&token->mutex);
	code = token_open_locked(token, err);
	pthread_mutex_unlock(&token->mutex);
	return code;
}

/* How many wait, without a session, for objects that others have for long. */
static unsigned
awaiting_locked(const struct token *token)
{
	if (token->awaiting == 0 || !token->objects_taken ||
	    time_monotonic_ms() - token->objects_since_ms < LONG_MS)
		return 0;
	return token->awaiting < AWAITING_MAX ? token->awaiting : AWAITING_MAX;
}

unsigned
token_limit(struct token *token)
{
	unsigned limit, hung, awaiting;

	pthread_mutex_lock(&token->mutex);
	limit = token->open ? token->sessions.limit : 0;
	awaiting = awaiting_locked(token);
	pthread_mutex_unlock(&token->mutex);
	hung = hang_of(token, VISIT_USE).count;
	return limit <= hung ? 0 : limit - hung + awaiting;
}

/* Its condition, since when, and what is wrong. */
static void
judge_locked(struct token *token, struct token_figures *figures)
{
	struct hang hang = any_hang(token);
	struct error *trouble = &figures->trouble;

	figures->hung = hang.count;
	figures->since = token->since;
	figures->condition = TOKEN_OPEN;
	if (hang.function)
		(void)set_hang(token, &hang, trouble);
	else if (!token->open)
		*trouble = token->trouble;
	if (hang.function && (!token->open || token_is_exhausted_locked(token,
						  TOKEN_SIGN, trouble))) {
		figures->condition = TOKEN_HANGS;
		figures->since = time_now() - hang.age_ms / 1000;
	} else if (!token->open) {
		figures->condition = trouble->code ? TOKEN_FAILS : TOKEN_SHUT;
	}
}

_Static_assert(sizeof(((struct token_figures *)0)->label) ==
		   sizeof(((struct slot *)0)->label),
    "a label is as long for those who show it");

_Static_assert(TOKEN_CKR_MAX == CKR_TEXT_MAX, "names of errors fit");
_Static_assert(sizeof(((struct token_figures *)0)->serial) ==
		   sizeof(((struct slot *)0)->serial),
    "a serial number is as long for those who show it");

void
token_count_error(struct token *token, CK_RV value, const char *function)
{
	struct ckr_text name = ckr_name(value);
	struct token_error *found = token->errors, *end;

	pthread_mutex_lock(&token->mutex);
	end = token->errors + token->error_count;
	while (found < end && (strcmp(found->name, name.text) != 0 ||
				  strcmp(found->function, function) != 0))
		found++;
	if (found == end && token->error_count < TOKEN_ERRORS_MAX) {
		token->error_count++;
		*found = (struct token_error){.function = function};
		memcpy(found->name, name.text, sizeof(found->name));
	}
	if (found < token->errors + token->error_count)
		found->count++;
	pthread_mutex_unlock(&token->mutex);
}

void
token_figures(struct token *token, struct token_figures *ret_figures)
{
	pthread_mutex_lock(&token->mutex);
	*ret_figures = (struct token_figures){
	    .starts = module_starts(token->slot.module),
	    .sessions = (token->open ? 1 : 0) +
			(unsigned)token->sessions.idle_count + token->signing +
			token->changing,
	    .limit = token->sessions.limit,
	    .leased = token->signing,
	    .faults = token->faults,
	    .openings = token->openings,
	    .logins = atomic_load(&token->logins),
	    .refusals = atomic_load(&token->refusals),
	};
	memcpy(
	    ret_figures->label, token->slot.label, sizeof(token->slot.label));
	memcpy(ret_figures->serial, token->slot.serial,
	    sizeof(token->slot.serial));
	ret_figures->error_count = token->error_count;
	memcpy(ret_figures->errors, token->errors, sizeof(token->errors));
	judge_locked(token, ret_figures);
	pthread_mutex_unlock(&token->mutex);
}

bool
token_is_alive(struct token *token)
{
	struct error ignored;
	bool alive;

	pthread_mutex_lock(&token->mutex);
	alive = !token->open ||
		!token_is_exhausted_locked(token, TOKEN_SIGN, &ignored);
	pthread_mutex_unlock(&token->mutex);
	return alive;
}
