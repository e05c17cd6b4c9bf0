/* SPDX-License-Identifier: MIT */
/* Sessions, leased for one operation each. */
#include "ckr.h"
#include "common/deadline.h"
#include "common/time.h"
#include "token_state.h"

/* A session that cannot be opened is reason to open the token anew, once. */
#define ATTEMPTS 2

/* Waits until a session may be used. */
static enum error_code
reserve_locked(struct token *token, enum token_use use, struct error *err)
{
	int64_t call_ms = module_limits(token->slot.module)->call_ms;
	struct timespec deadline = deadline_after_ms(call_ms);

	for (;;) {
		if (token_open_locked(token, err))
			return err->code;
		if (use == TOKEN_SIGN &&
		    token->signing < token->sessions.limit) {
			token->signing++;
			return ERROR_NONE;
		}
		if (token_is_exhausted_locked(token, use, err))
			return err->code;
		if (use == TOKEN_CHANGE) {
			token->changing++;
			return ERROR_NONE;
		}
		if (!deadline_wait_a_little(
			&token->changed, &token->mutex, &deadline))
			return error_set(err, ERROR_UNAVAILABLE,
			    "token '%s': all %u sessions have been busy for "
			    "%lld s",
			    token->slot.label, token->sessions.limit,
			    (long long)(call_ms / 1000));
	}
}

/* One that is open already, or 0. */
static CK_SESSION_HANDLE
take_idle_locked(struct token_sessions *sessions)
{
	return sessions->idle_count > 0 ? sessions->idle[--sessions->idle_count]
					: 0;
}

static enum error_code
take_session(struct token *token, enum token_use use,
    struct token_lease *ret_lease, struct error *err)
{
	enum error_code code;

	pthread_mutex_lock(&token->mutex);
	code = reserve_locked(token, use, err);
	if (code == ERROR_NONE)
		*ret_lease = (struct token_lease){
		    .token = token,
		    .visit = {.owner = token,
			      .purpose =
			    use == TOKEN_SIGN ? VISIT_USE : VISIT_CHANGE},
		    .functions = visit_functions(),
		    .use = use,
		    .slot_id = token->sessions.slot_id,
		    .session = take_idle_locked(&token->sessions),
		    .generation = token->generation,
		    .module_generation = token->sessions.module_generation,
		};
	pthread_mutex_unlock(&token->mutex);
	return code;
}

/* Ends a lease; session 0 if there is none to keep. */
static void
give_back(struct token *token, enum token_use use, CK_SESSION_HANDLE session)
{
	if (session)
		token->sessions.idle[token->sessions.idle_count++] = session;
	if (use == TOKEN_SIGN)
		token->signing--;
	else
		token->changing--;
	pthread_cond_signal(&token->changed);
}

/* Another token's trouble restarted the module under our sessions, or may. */
static void
give_back_stale(struct token_lease *lease)
{
	struct token *token = lease->token;
	bool current;

	pthread_mutex_lock(&token->mutex);
	current = token->generation == lease->generation;
	give_back(token, lease->use, current ? lease->session : 0);
	if (current)
		token_shut_locked(token);
	pthread_mutex_unlock(&token->mutex);
}

static enum error_code
open_session(struct token_lease *lease, struct error *err)
{
	CK_RV rv = lease->functions->C_OpenSession(lease->slot_id,
	    CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &lease->session);

	if (rv == CKR_OK)
		return ERROR_NONE;
	lease->session = 0;
	return token_failed(lease, rv, "C_OpenSession", err);
}

/* A lease of sessions that are there, as far as we know. */
static enum error_code
lease_current(struct token *token, enum token_use use,
    struct token_lease *ret_lease, struct error *err)
{
	unsigned generation;

	for (;;) {
		if (take_session(token, use, ret_lease, err))
			return err->code;
		if (module_enter(token->slot.module, &ret_lease->visit,
			&generation, err)) {
			give_back_stale(ret_lease);
			return err->code;
		}
		if (generation == ret_lease->module_generation)
			return ERROR_NONE;
		module_leave(token->slot.module, &ret_lease->visit);
		give_back_stale(ret_lease);
	}
}

enum error_code
token_lease(struct token *token, enum token_use use,
    struct token_lease *ret_lease, struct error *err)
{
	for (unsigned i = 0; i < ATTEMPTS; i++) {
		if (lease_current(token, use, ret_lease, err))
			return err->code;
		if (ret_lease->session ||
		    open_session(ret_lease, err) == ERROR_NONE)
			return ERROR_NONE;
		token_return(ret_lease);
		if (ckr_class_of(ret_lease->rv) != CKR_CLASS_BROKEN)
			break;
	}
	return err->code;
}

enum error_code
token_failed(struct token_lease *lease, CK_RV rv, const char *function,
    struct error *err)
{
	if (lease->rv == CKR_OK) {
		lease->rv = rv;
		lease->culprit = function;
	}
	token_count_error(lease->token, rv, function);
	(void)error_set_ckr(err, rv, function);
	return token_blame(lease->token, err);
}

/* Without a PIN, not to be logged in is no fault that opening anew mends. */
static bool
is_fault(const struct token *token, CK_RV rv)
{
	return ckr_class_of(rv) == CKR_CLASS_BROKEN &&
	       (rv != CKR_USER_NOT_LOGGED_IN || token->pin);
}

/* Sessions are closed and opened anew when the token is next needed. */
static void
note_fault(struct token *token, CK_RV rv, const char *function)
{
	token->faults++;
	token->failures++;
	token->retry_ms = time_monotonic_ms() + token_pause_ms(token);
	(void)error_set_ckr(&token->trouble, rv, function);
	(void)token_blame(token, &token->trouble);
	token_shut_locked(token);
}

static void
note_success(struct token *token)
{
	token->failures = 0;
	token->trouble.code = ERROR_NONE;
}

void
token_return(struct token_lease *lease)
{
	struct token *token = lease->token;
	bool current;

	if (!token)
		return;
	pthread_mutex_lock(&token->mutex);
	current = token->generation == lease->generation &&
		  token->sessions.idle_count < TOKEN_IDLE_MAX;
	give_back(token, lease->use, current ? lease->session : 0);
	if (current && lease->rv == CKR_OK)
		note_success(token);
	else if (current && is_fault(token, lease->rv))
		note_fault(token, lease->rv, lease->culprit);
	pthread_mutex_unlock(&token->mutex);

	if (!current && lease->session)
		(void)lease->functions->C_CloseSession(lease->session);
	module_leave(token->slot.module, &lease->visit);
}

/* ---- objects ---- */

static void
note_taken_locked(struct token *token)
{
	token->objects_taken = true;
	token->objects_since_ms = time_monotonic_ms();
}

/* Waits until nobody has the objects, unless who has them hangs. */
static enum error_code
take_objects_locked(struct token *token, struct error *err)
{
	const struct visit_limits *limits = module_limits(token->slot.module);
	struct timespec deadline = deadline_after_ms(limits->slow_ms);

	while (token->objects_taken) {
		struct hang hang = {0};

		if (token->objects_holder)
			visit_count(token->objects_holder, limits, &hang);
		if (hang.function) {
			(void)error_set_hang(err, &hang);
			return token_blame(token, err);
		}
		if (!deadline_wait_a_little(
			&token->objects_free, &token->mutex, &deadline))
			return error_set(err, ERROR_UNAVAILABLE,
			    "token '%s': others are changing its objects",
			    token->slot.label);
	}
	note_taken_locked(token);
	return ERROR_NONE;
}

static bool
try_objects(struct token *token, const struct visit *visit)
{
	bool free;

	pthread_mutex_lock(&token->mutex);
	free = !token->objects_taken;
	if (free) {
		note_taken_locked(token);
		token->objects_holder = visit;
	}
	pthread_mutex_unlock(&token->mutex);
	return free;
}

static enum error_code
await_objects(struct token *token, struct error *err)
{
	enum error_code code;

	pthread_mutex_lock(&token->mutex);
	token->awaiting++;
	code = take_objects_locked(token, err);
	token->awaiting--;
	pthread_mutex_unlock(&token->mutex);
	return code;
}

static void
set_holder(struct token *token, const struct visit *visit)
{
	pthread_mutex_lock(&token->mutex);
	token->objects_holder = visit;
	pthread_mutex_unlock(&token->mutex);
}

static void
release_objects(struct token *token)
{
	pthread_mutex_lock(&token->mutex);
	token->objects_holder = NULL;
	token->objects_taken = false;
	pthread_cond_signal(&token->objects_free);
	pthread_mutex_unlock(&token->mutex);
}

enum error_code
token_lock_objects(struct token_lease *lease, struct error *err)
{
	struct token *token = lease->token;

	if (!module_is_softhsm(token->slot.module) ||
	    try_objects(token, &lease->visit))
		return ERROR_NONE;
	/* Those who only sign need the session meanwhile. */
	token_return(lease);
	lease->token = NULL;
	if (await_objects(token, err))
		return err->code;
	if (token_lease(token, lease->use, lease, err)) {
		release_objects(token);
		lease->token = NULL;
		return err->code;
	}
	set_holder(token, &lease->visit);
	return ERROR_NONE;
}

void
token_unlock_objects(struct token_lease *lease)
{
	if (module_is_softhsm(lease->token->slot.module))
		release_objects(lease->token);
}
