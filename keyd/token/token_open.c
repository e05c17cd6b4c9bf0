/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ckr.h"
#include "common/file.h"
#include "token_state.h"

#define PAUSE_FIRST_MS 1000
#define PAUSE_MAX_MS 30000

enum error_code
token_blame(const struct token *token, struct error *err)
{
	return error_wrap(err, "token '%s'", token->slot.label);
}

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
		return token_blame(token, err);
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
	return token_blame(token, err);
}

void
token_close_sessions(struct token *token)
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
	return token_blame(token, err);
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
	token_close_sessions(token);
	token->module_generation = generation;
	code = open_keeper(token, err);
	if (code == ERROR_NONE && *pin)
		code = login(token, pin, err);
	if (code)
		token_close_sessions(token);
	module_leave(module);
	return code;
}

int64_t
token_pause_ms(unsigned failures)
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
enum error_code
token_connect(struct token *token, const struct uri *source, struct error *err)
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
