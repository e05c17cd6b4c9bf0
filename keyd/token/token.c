/* SPDX-License-Identifier: MIT */
#include "token.h"

#include "ckr.h"
#include "common/file.h"
#include "common/time.h"
#include "deadline.h"
#include "token_state.h"

#define LEASE_WAIT_MS 30000

enum error_code
token_create(const struct slot *slot, unsigned sessions,
    struct token **ret_token, struct error *err)
{
	struct token *token = calloc(1, sizeof(*token));

	if (!token)
		return error_no_memory(err);
	token->slot = *slot;
	token->wanted = sessions;
	pthread_mutex_init(&token->mutex, NULL);
	deadline_condition_init(&token->changed);
	pthread_mutex_init(&token->objects, NULL);
	*ret_token = token;
	return ERROR_NONE;
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

unsigned
token_limit(struct token *token)
{
	unsigned limit;

	pthread_mutex_lock(&token->mutex);
	limit = token->open ? token->limit : 0;
	pthread_mutex_unlock(&token->mutex);
	return limit;
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

/* Opens, letting go of the lock meanwhile; others wait for the outcome. */
static enum error_code
open_locked(struct token *token, struct error *err)
{
	const struct uri *pin;
	enum error_code code;

	while (token->opening)
		pthread_cond_wait(&token->changed, &token->mutex);
	if (token->open)
		return ERROR_NONE;
	if (time_monotonic_ms() < token->retry_ms) {
		*err = token->trouble;
		return err->code;
	}

	token->opening = true;
	pin = token->pin;
	pthread_mutex_unlock(&token->mutex);
	code = token_connect(token, pin, err);
	pthread_mutex_lock(&token->mutex);
	token->opening = false;
	token->open = code == ERROR_NONE;
	token->generation++;
	if (token->open)
		module_hold(token->slot.module);
	else
		token->trouble = *err;
	token->retry_ms = time_monotonic_ms() + token_pause_ms(token->failures);
	pthread_cond_broadcast(&token->changed);
	return code;
}

enum error_code
token_open(struct token *token, struct error *err)
{
	enum error_code code;

	pthread_mutex_lock(&token->mutex);
	code = token->open ? ERROR_NONE : open_locked(token, err);
	pthread_mutex_unlock(&token->mutex);
	return code;
}

/* The sessions are closed when the token is opened the next time. */
static void
shut_locked(struct token *token)
{
	if (!token->open)
		return;
	token->open = false;
	token->generation++;
	module_release(token->slot.module);
}

/* Waits until a session may be used. */
static enum error_code
reserve_locked(struct token *token, enum token_use use, struct error *err)
{
	struct timespec deadline = deadline_after_ms(LEASE_WAIT_MS);

	for (;;) {
		if (!token->open && open_locked(token, err))
			return err->code;
		if (use == TOKEN_CHANGE || token->signing < token->limit)
			break;
		if (!deadline_wait(&token->changed, &token->mutex, &deadline))
			return error_set(err, ERROR_UNAVAILABLE,
			    "token '%s': all %u sessions have been busy for "
			    "%d s",
			    token->slot.label, token->limit,
			    LEASE_WAIT_MS / 1000);
	}
	if (use == TOKEN_SIGN)
		token->signing++;
	return ERROR_NONE;
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
		    .functions = module_functions(token->slot.module),
		    .use = use,
		    .slot_id = token->slot_id,
		    .session = token->idle_count > 0
				   ? token->idle[--token->idle_count]
				   : 0,
		    .generation = token->generation,
		    .module_generation = token->module_generation,
		};
	pthread_mutex_unlock(&token->mutex);
	return code;
}

/* Ends a lease; session 0 if there is none to keep. */
static void
give_back(struct token *token, enum token_use use, CK_SESSION_HANDLE session)
{
	if (session)
		token->idle[token->idle_count++] = session;
	if (use == TOKEN_SIGN)
		token->signing--;
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
		shut_locked(token);
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
	(void)token_failed(lease, rv, "C_OpenSession", err);
	token_return(lease);
	return err->code;
}

enum error_code
token_lease(struct token *token, enum token_use use,
    struct token_lease *ret_lease, struct error *err)
{
	unsigned generation;

	for (;;) {
		if (take_session(token, use, ret_lease, err))
			return err->code;
		if (module_enter(token->slot.module, &generation, err)) {
			give_back_stale(ret_lease);
			return err->code;
		}
		if (generation == ret_lease->module_generation)
			break;
		module_leave(token->slot.module);
		give_back_stale(ret_lease);
	}
	if (ret_lease->session)
		return ERROR_NONE;
	return open_session(ret_lease, err);
}

enum error_code
token_lock_objects(struct token_lease *lease, struct error *err)
{
	struct token *token = lease->token;

	if (!module_is_softhsm(token->slot.module) ||
	    pthread_mutex_trylock(&token->objects) == 0)
		return ERROR_NONE;
	/* Those who only sign need the session meanwhile. */
	token_return(lease);
	pthread_mutex_lock(&token->objects);
	if (token_lease(token, lease->use, lease, err)) {
		pthread_mutex_unlock(&token->objects);
		lease->token = NULL;
		return err->code;
	}
	return ERROR_NONE;
}

void
token_unlock_objects(struct token_lease *lease)
{
	if (module_is_softhsm(lease->token->slot.module))
		pthread_mutex_unlock(&lease->token->objects);
}

enum error_code
token_failed(struct token_lease *lease, CK_RV rv, const char *function,
    struct error *err)
{
	if (lease->rv == CKR_OK)
		lease->rv = rv;
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
note_fault(struct token *token, CK_RV rv)
{
	token->failures++;
	token->retry_ms = time_monotonic_ms() + token_pause_ms(token->failures);
	(void)error_set_ckr(&token->trouble, rv, "the last operation");
	(void)token_blame(token, &token->trouble);
	shut_locked(token);
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
		  token->idle_count < TOKEN_IDLE_MAX;
	give_back(token, lease->use, current ? lease->session : 0);
	if (current && lease->rv == CKR_OK)
		token->failures = 0;
	else if (current && is_fault(token, lease->rv))
		note_fault(token, lease->rv);
	pthread_mutex_unlock(&token->mutex);

	if (!current && lease->session)
		(void)lease->functions->C_CloseSession(lease->session);
	module_leave(token->slot.module);
}

void
token_free(struct token *token)
{
	unsigned generation;
	struct error err;

	if (!token)
		return;
	if (token->keeper &&
	    module_enter(token->slot.module, &generation, &err) == ERROR_NONE) {
		if (generation == token->module_generation)
			token_close_sessions(token);
		module_leave(token->slot.module);
	}
	pthread_mutex_destroy(&token->objects);
	pthread_cond_destroy(&token->changed);
	pthread_mutex_destroy(&token->mutex);
	secret_free(token->refused_pin);
	free(token);
}
