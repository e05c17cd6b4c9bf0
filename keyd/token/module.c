/* SPDX-License-Identifier: MIT */
#include "module.h"

#include <pthread.h>
#include <string.h>

#include "ckr.h"
#include "common/file.h"
#include "common/paths.h"
#include "deadline.h"

#define MODULES_MAX 32

struct module {
	CK_FUNCTION_LIST *functions;
	CK_INFO info;
	char *path;
	bool serial;

	pthread_mutex_t mutex;
	pthread_cond_t changed;
	unsigned users;
	unsigned holders;
	unsigned generation;
	bool restarting;
	bool initialized;
};

struct modules {
	char *path;
	pthread_mutex_t mutex; /* for loading */
	size_t count;
	struct module *items[MODULES_MAX];
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
module_matches(const struct module *module, P11KitUri *uri)
{
	const char *path = p11_kit_uri_get_module_path(uri);
	const char *name = p11_kit_uri_get_module_name(uri);

	if (path && strcmp(path, module->path) != 0)
		return false;
	if (name && !strstr(module->path, name))
		return false;
	return p11_kit_uri_match_module_info(uri, &module->info) == 1;
}

static void
module_free(struct module *module)
{
	if (!module)
		return;
	if (module->initialized)
		(void)module->functions->C_Finalize(NULL);
	pthread_cond_destroy(&module->changed);
	pthread_mutex_destroy(&module->mutex);
	free(module->path);
	free(module);
}
DEFINE_CLEANUP(module, struct module, module_free)

/*
 * p11_kit_module_initialize() would pass no arguments, and a module that is
 * told of no threads takes no locks: SoftHSM fails or crashes then.
 */
static enum error_code
initialize(struct module *module, struct error *err)
{
	CK_C_INITIALIZE_ARGS args = {.flags = CKF_OS_LOCKING_OK};
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

static enum error_code
module_create(
    CK_FUNCTION_LIST *functions, struct module **ret_module, struct error *err)
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
	if (initialize(module, err))
		return err->code;

	/* Its transient state is per process, and not made for threads. */
	module->serial =
	    info_begins_with(
		module->info.libraryDescription, "TPM2.0 Crypto") ||
	    info_begins_with(module->info.manufacturerID, "tpm2-software");
	*ret_module = TAKE(module);
	return ERROR_NONE;
}

/* keyd must not be its own token. */
static bool
is_ourselves(const char *path)
{
	CLEANUP(string) char *ours = realpath(paths_pkcs11_module(), NULL);
	CLEANUP(string) char *theirs = realpath(path, NULL);

	return ours && theirs && strcmp(ours, theirs) == 0;
}

static bool
is_excluded(CK_FUNCTION_LIST *functions)
{
	CLEANUP(string) char *name = p11_kit_module_get_name(functions);
	CLEANUP(string) char *path = p11_kit_module_get_filename(functions);

	return !path || is_ourselves(path) ||
	       (name && strcmp(name, "p11-kit-trust") == 0) ||
	       strstr(path, "p11-kit-trust.so");
}

static enum error_code
add(struct modules *modules, CK_FUNCTION_LIST *functions, struct error *err)
{
	CLEANUP(module) struct module *module = NULL;

	if (is_excluded(functions))
		return error_set(err, ERROR_INVALID,
		    "Signet's own module and p11-kit-trust hold no token that "
		    "keyd could use; name the token's own module");
	if (modules->count == MODULES_MAX)
		return error_set(err, ERROR_INVALID, "too many modules");
	if (module_create(functions, &module, err))
		return err->code;
	if (info_begins_with(module->info.manufacturerID, "Signet"))
		return error_set(err, ERROR_INVALID,
		    "'%s' is Signet's own module", module->path);
	modules->items[modules->count++] = TAKE(module);
	return ERROR_NONE;
}

static enum error_code
load_one(struct modules *modules, struct error *err)
{
	CK_FUNCTION_LIST *functions =
	    p11_kit_module_load(modules->path, P11_KIT_MODULE_UNMANAGED);

	if (!functions)
		return error_set(err, ERROR_UNAVAILABLE,
		    "cannot load PKCS#11 module '%s': %s", modules->path,
		    file_exists(modules->path) ? p11_kit_message()
					       : "no such file");
	if (add(modules, functions, err)) {
		err->code = ERROR_UNAVAILABLE;
		return err->code;
	}
	return ERROR_NONE;
}

/* A registered module that does not work is no reason to do without others. */
static enum error_code
load_registered(struct modules *modules, struct error *err)
{
	CK_FUNCTION_LIST **list =
	    p11_kit_modules_load(NULL, P11_KIT_MODULE_UNMANAGED);

	(void)error_set(err, ERROR_UNAVAILABLE,
	    "p11-kit has no module registered that keyd could use; set "
	    "token.module");
	for (size_t i = 0; list && list[i]; i++)
		if (!is_excluded(list[i]))
			(void)add(modules, list[i], err);
	/* The modules stay; only the list goes. */
	free(list);
	if (modules->count > 0)
		return ERROR_NONE;
	err->code = ERROR_UNAVAILABLE;
	return err->code;
}

enum error_code
modules_create(
    const char *path, struct modules **ret_modules, struct error *err)
{
	CLEANUP(modules) struct modules *modules = calloc(1, sizeof(*modules));

	if (!modules)
		return error_no_memory(err);
	pthread_mutex_init(&modules->mutex, NULL);
	modules->path = path ? strdup(path) : NULL;
	if (path && !modules->path)
		return error_no_memory(err);
	/* Failures are returned to callers, who know what they mean. */
	p11_kit_be_quiet();
	*ret_modules = TAKE(modules);
	return ERROR_NONE;
}

void
modules_free(struct modules *modules)
{
	if (!modules)
		return;
	for (size_t i = 0; i < modules->count; i++)
		module_free(modules->items[i]);
	pthread_mutex_destroy(&modules->mutex);
	free(modules->path);
	free(modules);
}

enum error_code
modules_load(struct modules *modules, struct module *const **ret_items,
    size_t *ret_count, struct error *err)
{
	enum error_code code = ERROR_NONE;

	pthread_mutex_lock(&modules->mutex);
	if (modules->count == 0)
		code = modules->path ? load_one(modules, err)
				     : load_registered(modules, err);
	*ret_items = modules->items;
	*ret_count = modules->count;
	pthread_mutex_unlock(&modules->mutex);
	return code;
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
