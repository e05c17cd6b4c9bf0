/* SPDX-License-Identifier: MIT */
#include "module.h"

#include <pthread.h>
#include <string.h>

#include "ckr.h"
#include "common/deadline.h"
#include "common/time.h"
#include "visits.h"

/* How long a restart keeps others out while it waits for those within. */
#define RESTART_WAIT_MS 5000
/* A module that does not start is not started again before. */
#define RESTART_PAUSE_MS 2000

struct module {
	CK_FUNCTION_LIST *functions;
	char *path;
	char *args; /* CK_C_INITIALIZE_ARGS.pReserved, or NULL */

	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct visits visits; /* of those within, and of who starts it */
	unsigned users;
	unsigned holders;
	unsigned generation; /* 0: never initialized */
	bool starting;
	bool initialized;
	int64_t started_ms; /* the last attempt */
	struct error trouble;

	/* Known since the first start. */
	CK_INFO info;
	bool tpm2_pkcs11;
};

/* CK_INFO's texts are padded with blanks. */
static bool
info_begins_with(const unsigned char field[32], const char *text)
{
	return strncmp((const char *)field, text, strlen(text)) == 0;
}

const char *
module_path(const struct module *module)
{
	return module->path;
}

const struct visit_limits *
module_limits(const struct module *module)
{
	return &module->visits.limits;
}

/* Its transient state is per process, and not made for threads. */
bool
module_is_serial(const struct module *module)
{
	return module->tpm2_pkcs11;
}

bool
module_refuses_late(const struct module *module)
{
	return module->tpm2_pkcs11;
}

bool
module_is_softhsm(const struct module *module)
{
	return info_begins_with(module->info.manufacturerID, "SoftHSM");
}

bool
module_has(const struct module *module, const CK_FUNCTION_LIST *functions)
{
	return module->functions == functions;
}

/* "softhsm2" for /usr/lib/softhsm/libsofthsm2.so: a part of it will do. */
bool
module_is_named(const struct module *module, P11KitUri *uri)
{
	const char *name = p11_kit_uri_get_module_name(uri);
	const char *slash = strrchr(module->path, '/');

	return !name || strstr(slash ? slash + 1 : module->path, name);
}

bool
module_matches(const struct module *module, P11KitUri *uri)
{
	return p11_kit_uri_match_module_info(uri, &module->info) == 1;
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
    const struct visit_limits *limits, struct module **ret_module,
    struct error *err)
{
	CLEANUP(module) struct module *module = calloc(1, sizeof(*module));

	if (!module)
		return error_no_memory(err);
	pthread_mutex_init(&module->mutex, NULL);
	deadline_condition_init(&module->changed);
	module->functions = functions;
	module->visits.limits = *limits;
	module->started_ms = time_monotonic_ms() - RESTART_PAUSE_MS;
	module->path = p11_kit_module_get_filename(functions);
	if (!module->path)
		return error_no_memory(err);
	if (set_args(module, args, err))
		return err->code;
	*ret_module = TAKE(module);
	return ERROR_NONE;
}

void
module_free(struct module *module)
{
	if (!module || module->visits.first)
		return;
	if (module->initialized)
		(void)module->functions->C_Finalize(NULL);
	pthread_cond_destroy(&module->changed);
	pthread_mutex_destroy(&module->mutex);
	free(module->args);
	free(module->path);
	free(module);
}

/* ---- who is within ---- */

struct hang
module_hang(struct module *module)
{
	struct hang hang;

	pthread_mutex_lock(&module->mutex);
	hang = visits_hang(&module->visits);
	pthread_mutex_unlock(&module->mutex);
	return hang;
}

struct hang
module_hang_of(
    struct module *module, const void *owner, enum visit_purpose purpose)
{
	struct hang hang;

	pthread_mutex_lock(&module->mutex);
	hang = visits_hang_of(&module->visits, owner, purpose);
	pthread_mutex_unlock(&module->mutex);
	return hang;
}

bool
module_is_stuck(struct module *module)
{
	bool is_stuck;

	pthread_mutex_lock(&module->mutex);
	is_stuck = visits_are_stuck(&module->visits);
	pthread_mutex_unlock(&module->mutex);
	return is_stuck;
}

static enum error_code
blame(const struct module *module, struct error *err)
{
	return error_wrap(err, "PKCS#11 module '%s'", module->path);
}

/*
 * Waits a while for a change, on behalf of who cannot go on. Fails at once if
 * a call hangs, and when deadline has passed.
 */
static enum error_code
wait_locked(
    struct module *module, const struct timespec *deadline, struct error *err)
{
	struct hang hang = visits_hang(&module->visits);

	if (hang.function) {
		(void)error_set_hang(err, &hang);
		return blame(module, err);
	}
	if (deadline_wait_a_little(&module->changed, &module->mutex, deadline))
		return ERROR_NONE;
	(void)error_set(err, ERROR_UNAVAILABLE, "it is busy; try again");
	return blame(module, err);
}

/* ---- starting ---- */

/*
 * p11_kit_module_initialize() would pass no arguments, and a module that is
 * told of no threads takes no locks: SoftHSM fails or crashes then.
 */
static enum error_code
initialize(const struct module *module, CK_INFO *ret_info, struct error *err)
{
	CK_FUNCTION_LIST *functions = visit_functions();
	CK_C_INITIALIZE_ARGS args = {
	    .flags = CKF_OS_LOCKING_OK, .pReserved = module->args};
	CK_RV rv = functions->C_Initialize(&args);

	if (rv != CKR_OK && rv != CKR_CRYPTOKI_ALREADY_INITIALIZED)
		return error_set_ckr(err, rv, "C_Initialize");
	rv = functions->C_GetInfo(ret_info);
	if (rv == CKR_OK)
		return ERROR_NONE;
	(void)functions->C_Finalize(NULL);
	return error_set_ckr(err, rv, "C_GetInfo");
}

static void
learn(struct module *module, const CK_INFO *info)
{
	module->info = *info;
	module->tpm2_pkcs11 =
	    info_begins_with(info->libraryDescription, "TPM2.0 Crypto") ||
	    info_begins_with(info->manufacturerID, "tpm2-software");
}

/* Notes how a start has ended. */
static enum error_code
note_start(struct module *module, enum error_code code, const CK_INFO *info,
    struct error *err)
{
	if (code == ERROR_NONE &&
	    info_begins_with(info->manufacturerID, "Signet"))
		code = error_set(err, ERROR_UNAVAILABLE,
		    "it is Signet's own; name the token's own module");
	if (code) {
		(void)blame(module, err);
		module->trouble = *err;
		return code;
	}
	if (module->generation == 0)
		learn(module, info);
	module->initialized = true;
	module->generation++;
	return ERROR_NONE;
}

/* Finalizes if need be, and initializes, letting go of the lock meanwhile. */
static enum error_code
start_locked(struct module *module, struct error *err)
{
	struct visit visit = {.purpose = VISIT_OPEN};
	bool finalize = module->initialized;
	enum error_code code;
	CK_INFO info = {0};

	module->starting = true;
	module->initialized = false;
	module->started_ms = time_monotonic_ms();
	visits_begin(&module->visits, &visit, module->functions);
	pthread_mutex_unlock(&module->mutex);
	if (finalize)
		(void)visit_functions()->C_Finalize(NULL);
	code = initialize(module, &info, err);
	pthread_mutex_lock(&module->mutex);
	visits_end(&visit);
	module->starting = false;
	code = note_start(module, code, &info, err);
	pthread_cond_broadcast(&module->changed);
	return code;
}

static bool
was_just_started(const struct module *module)
{
	return time_monotonic_ms() - module->started_ms < RESTART_PAUSE_MS;
}

/* Starts a module that was never started, or that failed to. */
static enum error_code
ensure_started_locked(struct module *module, struct error *err)
{
	if (module->initialized)
		return ERROR_NONE;
	if (was_just_started(module)) {
		*err = module->trouble;
		return err->code;
	}
	return start_locked(module, err);
}

static bool
must_wait(const struct module *module)
{
	return module->starting || (module->tpm2_pkcs11 && module->users > 0);
}

static enum error_code
enter_locked(struct module *module, struct visit *visit, struct error *err)
{
	struct timespec deadline =
	    deadline_after_ms(module->visits.limits.call_ms);
	struct hang hang =
	    visits_hang_of(&module->visits, visit->owner, visit->purpose);

	/* One thread is enough to find out when a search comes back. */
	if (visit->purpose == VISIT_SEARCH && hang.function) {
		(void)error_set_hang(err, &hang);
		return blame(module, err);
	}
	for (;;) {
		while (must_wait(module))
			if (wait_locked(module, &deadline, err))
				return err->code;
		if (module->initialized)
			break;
		if (ensure_started_locked(module, err))
			return err->code;
	}
	visits_begin(&module->visits, visit, module->functions);
	module->users++;
	return ERROR_NONE;
}

enum error_code
module_enter(struct module *module, struct visit *visit,
    unsigned *ret_generation, struct error *err)
{
	enum error_code code;

	pthread_mutex_lock(&module->mutex);
	code = enter_locked(module, visit, err);
	*ret_generation = module->generation;
	pthread_mutex_unlock(&module->mutex);
	return code;
}

void
module_leave(struct module *module, struct visit *visit)
{
	pthread_mutex_lock(&module->mutex);
	visits_end(visit);
	module->users--;
	if (module->tpm2_pkcs11 || module->starting)
		pthread_cond_broadcast(&module->changed);
	pthread_mutex_unlock(&module->mutex);
}

/* Keeps everybody out, for a while, until nobody is within. */
static enum error_code
empty_locked(struct module *module, struct error *err)
{
	struct timespec deadline = deadline_after_ms(RESTART_WAIT_MS);
	enum error_code code = ERROR_NONE;

	module->starting = true;
	while (module->users > 0 && code == ERROR_NONE)
		code = wait_locked(module, &deadline, err);
	module->starting = false;
	pthread_cond_broadcast(&module->changed);
	return code;
}

static enum error_code
restart_locked(struct module *module, unsigned generation, struct error *err)
{
	struct timespec deadline = deadline_after_ms(RESTART_WAIT_MS);

	while (module->starting)
		if (wait_locked(module, &deadline, err))
			return err->code;
	if (module->generation != generation || was_just_started(module))
		return ERROR_NONE;
	if (empty_locked(module, err))
		return err->code;
	return start_locked(module, err);
}

enum error_code
module_restart(struct module *module, unsigned generation, struct error *err)
{
	enum error_code code;

	pthread_mutex_lock(&module->mutex);
	code = restart_locked(module, generation, err);
	pthread_mutex_unlock(&module->mutex);
	return code;
}

void
module_refresh(struct module *module)
{
	struct error err;

	pthread_mutex_lock(&module->mutex);
	if (module->holders == 0 && module->users == 0 && module->initialized)
		(void)restart_locked(module, module->generation, &err);
	pthread_mutex_unlock(&module->mutex);
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

unsigned
module_starts(struct module *module)
{
	unsigned starts;

	pthread_mutex_lock(&module->mutex);
	starts = module->generation;
	pthread_mutex_unlock(&module->mutex);
	return starts;
}
