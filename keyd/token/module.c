/* SPDX-License-Identifier: MIT */
#include "module.h"

#include <pthread.h>
#include <string.h>

#include "ckr.h"
#include "deadline.h"

struct module {
	CK_FUNCTION_LIST *functions;
	CK_INFO info;
	char *path;
	char *args; /* CK_C_INITIALIZE_ARGS.pReserved, or NULL */
	bool serial;

	pthread_mutex_t mutex;
	pthread_cond_t changed;
	unsigned users;
	unsigned holders;
	unsigned generation;
	bool restarting;
	bool initialized;
};

/* CK_INFO's texts are padded with blanks. */
static bool
info_begins_with(const unsigned char field[32], const char *text)
{
	return strncmp((const char *)field, text, strlen(text)) == 0;
}

CK_FUNCTION_LIST *
module_functions(const struct module *module)
{
	return module->functions;
}

const char *
module_path(const struct module *module)
{
	return module->path;
}

bool
module_is_serial(const struct module *module)
{
	return module->serial;
}

bool
module_is_softhsm(const struct module *module)
{
	return info_begins_with(module->info.manufacturerID, "SoftHSM");
}

bool
module_is_signet(const struct module *module)
{
	return info_begins_with(module->info.manufacturerID, "Signet");
}

/* "softhsm2" for /usr/lib/softhsm/libsofthsm2.so: a part of it will do. */
bool
module_matches(const struct module *module, P11KitUri *uri)
{
	const char *name = p11_kit_uri_get_module_name(uri);
	const char *slash = strrchr(module->path, '/');

	if (name && !strstr(slash ? slash + 1 : module->path, name))
		return false;
	return p11_kit_uri_match_module_info(uri, &module->info) == 1;
}

void
module_free(struct module *module)
{
	if (!module)
		return;
	if (module->initialized)
		(void)module->functions->C_Finalize(NULL);
	pthread_cond_destroy(&module->changed);
	pthread_mutex_destroy(&module->mutex);
	free(module->args);
	free(module->path);
	free(module);
}

/*
 * p11_kit_module_initialize() would pass no arguments, and a module that is
 * told of no threads takes no locks: SoftHSM fails or crashes then.
 */
static enum error_code
initialize(struct module *module, struct error *err)
{
	CK_C_INITIALIZE_ARGS args = {
	    .flags = CKF_OS_LOCKING_OK, .pReserved = module->args};
	CK_RV rv = module->functions->C_Initialize(&args);

	if (rv == CKR_OK || rv == CKR_CRYPTOKI_ALREADY_INITIALIZED) {
		module->initialized = true;
		rv = module->functions->C_GetInfo(&module->info);
	}
	if (rv == CKR_OK)
		return ERROR_NONE;
	(void)error_set_ckr(err, rv, "C_Initialize");
	return error_wrap(err, "PKCS#11 module '%s'", module->path);
}

/* NSS, for one, is told in this way where its database is. */
static enum error_code
set_args(struct module *module, const char *args, struct error *err)
{
	if (args && !(module->args = strdup(args)))
		return error_no_memory(err);
	if (!args)
		module->args =
		    p11_kit_config_option(module->functions, "x-init-reserved");
	return ERROR_NONE;
}

enum error_code
module_create(CK_FUNCTION_LIST *functions, const char *args,
    struct module **ret_module, struct error *err)
{
	CLEANUP(module) struct module *module = calloc(1, sizeof(*module));

	if (!module)
		return error_no_memory(err);
	pthread_mutex_init(&module->mutex, NULL);
	deadline_condition_init(&module->changed);
	module->functions = functions;
	module->path = p11_kit_module_get_filename(functions);
	if (!module->path)
		return error_no_memory(err);
	if (set_args(module, args, err) || initialize(module, err))
		return err->code;

	/* Its transient state is per process, and not made for threads. */
	module->serial =
	    info_begins_with(
		module->info.libraryDescription, "TPM2.0 Crypto") ||
	    info_begins_with(module->info.manufacturerID, "tpm2-software");
	*ret_module = TAKE(module);
	return ERROR_NONE;
}

static bool
must_wait(const struct module *module)
{
	return module->restarting || (module->serial && module->users > 0);
}

enum error_code
module_enter(struct module *module, unsigned *ret_generation, struct error *err)
{
	struct timespec deadline = deadline_after_ms(MODULE_WAIT_MS);
	enum error_code code = ERROR_NONE;

	pthread_mutex_lock(&module->mutex);
	while (must_wait(module) &&
	       deadline_wait(&module->changed, &module->mutex, &deadline))
		continue;
	if (must_wait(module))
		code = error_set(err, ERROR_UNAVAILABLE,
		    "PKCS#11 module '%s' has been busy for %d s; if it stays "
		    "so, restart keyd",
		    module->path, MODULE_WAIT_MS / 1000);
	else if (!module->initialized)
		code = error_set(err, ERROR_UNAVAILABLE,
		    "PKCS#11 module '%s' could not be initialized again",
		    module->path);
	else
		module->users++;
	*ret_generation = module->generation;
	pthread_mutex_unlock(&module->mutex);
	return code;
}

void
module_leave(struct module *module)
{
	pthread_mutex_lock(&module->mutex);
	module->users--;
	pthread_cond_broadcast(&module->changed);
	pthread_mutex_unlock(&module->mutex);
}

/* Finalizes and initializes; ->restarting keeps everybody else out. */
static enum error_code
restart(struct module *module, struct error *err)
{
	if (module->initialized)
		(void)module->functions->C_Finalize(NULL);
	module->initialized = false;
	return initialize(module, err);
}

/*
 * Keeps everybody out and waits until nobody is within. False if another
 * thread has restarted the module meanwhile, or if a call in it hangs.
 */
static bool
begin_restart(struct module *module, unsigned generation)
{
	struct timespec deadline = deadline_after_ms(MODULE_WAIT_MS);

	while (module->restarting &&
	       deadline_wait(&module->changed, &module->mutex, &deadline))
		continue;
	if (module->restarting || module->generation != generation)
		return false;

	module->restarting = true;
	while (module->users > 0 &&
	       deadline_wait(&module->changed, &module->mutex, &deadline))
		continue;
	if (module->users == 0)
		return true;
	module->restarting = false;
	pthread_cond_broadcast(&module->changed);
	return false;
}

static void
end_restart(struct module *module)
{
	pthread_mutex_lock(&module->mutex);
	module->restarting = false;
	module->generation++;
	pthread_cond_broadcast(&module->changed);
	pthread_mutex_unlock(&module->mutex);
}

enum error_code
module_restart(struct module *module, unsigned generation, struct error *err)
{
	enum error_code code;
	bool mine, done;

	pthread_mutex_lock(&module->mutex);
	mine = begin_restart(module, generation);
	done = module->generation != generation;
	pthread_mutex_unlock(&module->mutex);
	if (done)
		return ERROR_NONE;
	if (!mine)
		return error_set(err, ERROR_UNAVAILABLE,
		    "a call in PKCS#11 module '%s' hangs; restart keyd",
		    module->path);

	code = restart(module, err);
	end_restart(module);
	return code;
}

bool
module_refresh(struct module *module)
{
	struct error err;
	unsigned generation;
	bool idle;

	pthread_mutex_lock(&module->mutex);
	idle = module->holders == 0 && module->users == 0;
	generation = module->generation;
	pthread_mutex_unlock(&module->mutex);
	return idle && module_restart(module, generation, &err) == ERROR_NONE;
}

void
module_hold(struct module *module)
{
	pthread_mutex_lock(&module->mutex);
	module->holders++;
	pthread_mutex_unlock(&module->mutex);
}

void
module_release(struct module *module)
{
	pthread_mutex_lock(&module->mutex);
	module->holders--;
	pthread_mutex_unlock(&module->mutex);
}
