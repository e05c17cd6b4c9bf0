/* SPDX-License-Identifier: MIT */
#include "token.h"

#include <pthread.h>
#include <string.h>

#include "ckr.h"
#include "common/file.h"
#include "common/time.h"
#include "deadline.h"

#define LEASE_WAIT_MS 30000
#define PAUSE_FIRST_MS 1000
#define PAUSE_MAX_MS 30000
#define IDLE_MAX (TOKEN_SESSIONS_MAX + 1)

struct token {
	struct slot slot;      /* what it is; never changes */
	const struct uri *pin; /* borrowed; NULL: no login */
	char *refused_pin;

	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool open;
	bool opening; /* one thread opens; only it touches what follows */
	CK_SLOT_ID slot_id;
	CK_TOKEN_INFO info;
	unsigned wanted;  /* sessions, as configured */
	unsigned limit;   /* sessions for signing */
	unsigned signing; /* how many of them are leased */
	unsigned generation;
	unsigned module_generation;
	CK_SESSION_HANDLE keeper; /* keeps the login; 0: none */
	size_t idle_count;
	CK_SESSION_HANDLE idle[IDLE_MAX];

	unsigned failures; /* since the last operation that went well */
	int64_t retry_ms;  /* not opened before (CLOCK_MONOTONIC) */
	struct error trouble;
};

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

/* Names the token in front of what is wrong with it. */
static enum error_code
about(const struct token *token, struct error *err)
{
	return error_wrap(err, "token '%s'", token->slot.label);
}

/* ---- opening: one thread at a time, without the lock ---- */

static unsigned
sessions_for(const struct token *token)
{
	CK_ULONG most = token->info.ulMaxSessionCount;
	unsigned limit = token->wanted ? token->wanted : TOKEN_SESSIONS_DEFAULT;

	if (module_is_serial(token->slot.module) && !token->wanted)
		limit = 1;
	/* One keeps the login, one is for changes. */
	if (most != CK_EFFECTIVELY_INFINITE &&
	    most != CK_UNAVAILABLE_INFORMATION && limit + 2 > most)
		limit = most > 3 ? (unsigned)most - 2 : 1;
	return limit < TOKEN_SESSIONS_MAX ? limit : TOKEN_SESSIONS_MAX;
}

/* The PIN, unless it is the one that the token has refused. */
static enum error_code
read_pin(const struct token *token, const struct uri *source, char **ret_pin,
    struct error *err)
{
	CLEANUP(secret) char *pin = NULL;

	if (source && uri_read_pin(source, &pin, err)) {
		err->code = ERROR_UNAVAILABLE;
		return about(token, err);
	}
	if (pin && token->refused_pin && strcmp(pin, token->refused_pin) == 0)
		return error_set(err, ERROR_UNAVAILABLE,
		    "token '%s' has refused the PIN; it is not tried again "
		    "before the PIN is another one or keyd restarts",
		    token->slot.label);
	*ret_pin = TAKE(pin);
	return ERROR_NONE;
}

/* A PIN that locks the token when it is wrong is for a person to enter. */
static enum error_code
check_pin_flags(const struct token *token, struct error *err)
{
	CK_FLAGS flags = token->info.flags;

	if (flags & CKF_USER_PIN_LOCKED)
		return error_set(err, ERROR_UNAVAILABLE,
		    "token '%s': the PIN is locked; unlock the token with its "
		    "own tool",
		    token->slot.label);
	if (flags & CKF_USER_PIN_FINAL_TRY)
		return error_set(err, ERROR_UNAVAILABLE,
		    "token '%s' locks at the next wrong PIN, so keyd does not "
		    "try; log in once with the token's own tool",
		    token->slot.label);
	return ERROR_NONE;
}

static enum error_code
login(struct token *token, char **pin, struct error *err)
{
	CK_FUNCTION_LIST *functions = module_functions(token->slot.module);
	CK_RV rv;

	if (check_pin_flags(token, err))
		return err->code;
	rv = functions->C_Login(
	    token->keeper, CKU_USER, (CK_UTF8CHAR_PTR)*pin, strlen(*pin));
	if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN)
		return ERROR_NONE;
	if (ckr_class_of(rv) == CKR_CLASS_PIN) {
		secret_free(token->refused_pin);
		token->refused_pin = TAKE(*pin);
	}
	(void)error_set_ckr(err, rv, "C_Login");
	return about(token, err);
}

static void
close_sessions(struct token *token)
{
	CK_FUNCTION_LIST *functions = module_functions(token->slot.module);

	for (size_t i = 0; i < token->idle_count; i++)
		(void)functions->C_CloseSession(token->idle[i]);
	if (token->keeper)
		(void)functions->C_CloseSession(token->keeper);
	token->idle_count = 0;
	token->keeper = 0;
}

/* Opens the session that keeps the login. The caller is within the module. */
static enum error_code
open_keeper(struct token *token, struct error *err)
{
	struct slot slot;
	CK_RV rv;

	if (slot_find_again(&token->slot, &slot, err))
		return err->code;
	token->slot_id = slot.id;
	token->info = slot.token;
	token->limit = sessions_for(token);
	rv = module_functions(token->slot.module)
		 ->C_OpenSession(token->slot_id,
		     CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
		     &token->keeper);
	if (rv == CKR_OK)
		return ERROR_NONE;
	token->keeper = 0;
	(void)error_set_ckr(err, rv, "C_OpenSession");
	return about(token, err);
}

/* Sessions first; if those were no help the last time, the whole module. */
static enum error_code
connect_and_login(struct token *token, char **pin, struct error *err)
{
	struct module *module = token->slot.module;
	enum error_code code;
	unsigned generation;

	if (token->failures > 1 &&
	    module_restart(module, token->module_generation, err))
		return err->code;
	if (module_enter(module, &generation, err))
		return err->code;
	if (generation != token->module_generation)
		token->idle_count = token->keeper = 0;
	close_sessions(token);
	token->module_generation = generation;
	code = open_keeper(token, err);
	if (code == ERROR_NONE && *pin)
		code = login(token, pin, err);
	if (code)
		close_sessions(token);
	module_leave(module);
	return code;
}

static int64_t
pause_after(unsigned failures)
{
	int64_t pause = PAUSE_FIRST_MS;

	if (failures < 2)
		return 0;
	for (unsigned i = 2; i < failures && pause < PAUSE_MAX_MS; i++)
		pause *= 2;
	return pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS;
}

/*
 * A PIN that cannot be read or was refused costs the token nothing, so there
 * is no pause: whoever corrects it is served at once.
 */
static enum error_code
open_once(struct token *token, const struct uri *source, struct error *err)
{
	CLEANUP(secret) char *pin = NULL;
	bool has_pin;

	if (read_pin(token, source, &pin, err))
		return err->code;
	has_pin = pin != NULL;
	if (connect_and_login(token, &pin, err) == ERROR_NONE)
		return ERROR_NONE;
	if (pin || !has_pin)
		token->failures++;
	return err->code;
}

/* ---- with the lock ---- */

/* Opens, letting go of the lock meanwhile; others wait for the outcome. */
static enum error_code
open_locked(struct token *token, struct error *err)
{
	const struct uri *source;
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
	source = token->pin;
	pthread_mutex_unlock(&token->mutex);
	code = open_once(token, source, err);
	pthread_mutex_lock(&token->mutex);
	token->opening = false;
	token->open = code == ERROR_NONE;
	token->generation++;
	if (token->open)
		module_hold(token->slot.module);
	else
		token->trouble = *err;
	token->retry_ms = time_monotonic_ms() + pause_after(token->failures);
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
	pthread_cond_broadcast(&token->changed);
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
token_failed(struct token_lease *lease, CK_RV rv, const char *function,
    struct error *err)
{
	if (lease->rv == CKR_OK)
		lease->rv = rv;
	(void)error_set_ckr(err, rv, function);
	return about(lease->token, err);
}

/* Sessions are closed and opened anew when the token is next needed. */
static void
note_fault(struct token *token, CK_RV rv)
{
	token->failures++;
	token->retry_ms = time_monotonic_ms() + pause_after(token->failures);
	(void)error_set_ckr(&token->trouble, rv, "the last operation");
	(void)about(token, &token->trouble);
	shut_locked(token);
}

void
token_return(struct token_lease *lease)
{
	struct token *token = lease->token;
	bool current;

	pthread_mutex_lock(&token->mutex);
	current = token->generation == lease->generation &&
		  token->idle_count < IDLE_MAX;
	give_back(token, lease->use, current ? lease->session : 0);
	if (current && lease->rv == CKR_OK)
		token->failures = 0;
	else if (current && ckr_class_of(lease->rv) == CKR_CLASS_BROKEN)
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
			close_sessions(token);
		module_leave(token->slot.module);
	}
	pthread_cond_destroy(&token->changed);
	pthread_mutex_destroy(&token->mutex);
	secret_free(token->refused_pin);
	free(token);
}
