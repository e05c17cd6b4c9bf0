/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "ckr.h"
#include "common/file.h"
#include "common/log.h"
#include "token_state.h"

#define PAUSE_FIRST_MS 1000
#define PAUSE_MAX_MS 3000
#define PAUSE_LOCKED_MS 10000

enum error_code
token_blame(const struct token *token, struct error *err)
{
	return error_wrap(err, "token '%s'", token->slot.label);
}

static unsigned
sessions_for(const struct token *token, const CK_TOKEN_INFO *info)
{
	CK_ULONG most = info->ulMaxSessionCount;
	unsigned limit = token->wanted ? token->wanted : TOKEN_SESSIONS_DEFAULT;

	if (module_is_serial(token->slot.module) && !token->wanted)
		limit = 1;
	/* One keeps the login, one is for changes. */
	if (most != CK_EFFECTIVELY_INFINITE &&
	    most != CK_UNAVAILABLE_INFORMATION && limit + 2 > most)
		limit = most > 3 ? (unsigned)most - 2 : 1;
	return limit < TOKEN_SESSIONS_MAX ? limit : TOKEN_SESSIONS_MAX;
}

/* The PIN until it is used, and what came of it. */
struct credential {
	char *pin; /* NULL: none, or used */
	bool refused, locked;
};

static void
credential_done(struct credential *credential)
{
	secret_free(credential->pin);
}

/* The PIN, unless it is one that the token has refused. */
static enum error_code
read_pin(const struct token *token, const struct uri *source, char **ret_pin,
    struct error *err)
{
	CLEANUP(secret) char *pin = NULL;

	if (source && uri_read_pin(source, &pin, err)) {
		err->code = ERROR_UNAVAILABLE;
		return token_blame(token, err);
	}
	if (pin && refusals_check(token->pins_refused, &token->slot, pin, err))
		return err->code;
	*ret_pin = TAKE(pin);
	return ERROR_NONE;
}

/* A PIN that locks the token when it is wrong is for a person to enter. */
static enum error_code
check_pin_flags(const struct token *token, CK_FLAGS flags, struct error *err)
{
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

/*
 * What may have cost the token one of its tries. What says that the device or
 * the module is broken is no such thing; nor is a lock: behind it no PIN is
 * looked at, and that of a TPM opens by itself.
 */
static bool
is_refusal(CK_RV rv)
{
	if (rv == CKR_PIN_LOCKED)
		return false;
	return ckr_class_of(rv) == CKR_CLASS_PIN ||
	       rv == CKR_FUNCTION_REJECTED || (rv & CKR_VENDOR_DEFINED);
}

/* That the note of it cannot be kept is the second trouble. */
static void
note_refusal(struct token *token, const char *pin, CK_RV ckr, struct error *err)
{
	size_t used = strlen(err->message);
	struct error trouble;

	token->refusals++;
	if (refusals_add(token->pins_refused, &token->slot, pin, ckr, &trouble))
		(void)snprintf(err->message + used, sizeof(err->message) - used,
		    "; that cannot be noted, so a restart of keyd would try "
		    "again: %s",
		    trouble.message);
}

static void
note_login(struct token *token)
{
	struct error err;

	token->logins++;
	if (refusals_forget(token->pins_refused, &token->slot, &err))
		log_warning("token '%s': %s", token->slot.label, err.message);
}

static enum error_code
login(struct token *token, CK_SESSION_HANDLE session,
    struct credential *credential, struct error *err)
{
	CLEANUP(secret) char *pin = TAKE(credential->pin);
	CK_RV rv = visit_functions()->C_Login(
	    session, CKU_USER, (CK_UTF8CHAR_PTR)pin, strlen(pin));

	if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN) {
		note_login(token);
		return ERROR_NONE;
	}
	token_count_error(token, rv, "C_Login");
	(void)error_set_ckr(err, rv, "C_Login");
	(void)token_blame(token, err);
	credential->locked = rv == CKR_PIN_LOCKED;
	credential->refused = is_refusal(rv);
	if (credential->refused)
		note_refusal(token, pin, rv, err);
	return err->code;
}

void
token_close_sessions(struct token_sessions *sessions)
{
	CK_FUNCTION_LIST *functions = visit_functions();

	for (size_t i = 0; i < sessions->idle_count; i++)
		(void)functions->C_CloseSession(sessions->idle[i]);
	if (sessions->keeper)
		(void)functions->C_CloseSession(sessions->keeper);
	sessions->idle_count = 0;
	sessions->keeper = 0;
}

static enum error_code
open_keeper(const struct token *token, struct token_sessions *sessions,
    struct error *err)
{
	CK_RV rv = visit_functions()->C_OpenSession(sessions->slot_id,
	    CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &sessions->keeper);

	if (rv == CKR_OK)
		return ERROR_NONE;
	sessions->keeper = 0;
	(void)error_set_ckr(err, rv, "C_OpenSession");
	return token_blame(token, err);
}

/* Finds the token, opens the session that keeps the login, and logs in. */
static enum error_code
open_and_login(struct token *token, struct token_sessions *sessions,
    struct credential *credential, struct error *err)
{
	struct slot slot;

	if (slot_find_again(&token->slot, &slot, err))
		return token_blame(token, err);
	sessions->slot_id = slot.id;
	sessions->limit = sessions_for(token, &slot.token);
	if (credential->pin && check_pin_flags(token, slot.token.flags, err))
		return err->code;
	if (open_keeper(token, sessions, err))
		return err->code;
	if (credential->pin &&
	    login(token, sessions->keeper, credential, err)) {
		token_close_sessions(sessions);
		return err->code;
	}
	return ERROR_NONE;
}

/* Sessions first; if those were no help the last time, the whole module. */
static enum error_code
connect(struct token *token, struct token_sessions *sessions,
    struct credential *credential, struct error *err)
{
	struct visit visit = {.owner = token, .purpose = VISIT_OPEN};
	struct module *module = token->slot.module;
	enum error_code code;
	unsigned generation;

	if (token->failures > 1 &&
	    module_restart(module, sessions->module_generation, err))
		return token_blame(token, err);
	if (module_enter(module, &visit, &generation, err))
		return token_blame(token, err);
	if (generation == sessions->module_generation)
		token_close_sessions(sessions);
	*sessions = (struct token_sessions){.module_generation = generation};
	code = open_and_login(token, sessions, credential, err);
	module_leave(module, &visit);
	return code;
}

int64_t
token_pause_ms(const struct token *token)
{
	int64_t pause = PAUSE_FIRST_MS;

	if (token->locked)
		return PAUSE_LOCKED_MS;
	if (token->failures < 2)
		return 0;
	for (unsigned i = 2; i < token->failures && pause < PAUSE_MAX_MS; i++)
		pause *= 2;
	return pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS;
}

/*
 * A PIN that cannot be read or was refused costs the token nothing, so there
 * is no pause: whoever corrects it is served at once.
 */
enum error_code
token_connect(struct token *token, const struct uri *source,
    struct token_sessions *sessions, struct error *err)
{
	CLEANUP_DONE(credential) struct credential credential = {0};
	enum error_code code;

	if (read_pin(token, source, &credential.pin, err))
		return err->code;
	code = connect(token, sessions, &credential, err);
	if (code && !credential.refused && !credential.locked)
		token->failures++;
	token->locked = credential.locked;
	return code;
}
