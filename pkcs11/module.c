/* SPDX-License-Identifier: MIT */
#include "module.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * Set once per process and never released: a thread that is late for
 * C_Finalize, as at the exit of a program, finds a mutex and not a ruin.
 */
static _Atomic(struct module *) current;

struct module *
module_lock(void)
{
	struct module *module = atomic_load(&current);

	if (!module || module->pid != getpid())
		return NULL;
	(void)pthread_mutex_lock(&module->mutex);
	if (module->initialized)
		return module;
	(void)pthread_mutex_unlock(&module->mutex);
	return NULL;
}

void
module_unlock(struct module *module)
{
	(void)pthread_mutex_unlock(&module->mutex);
}

void
module_pad(unsigned char *field, size_t size, const char *text)
{
	memset(field, ' ', size);
	memcpy(field, text, strnlen(text, size));
}

/* Where keyd listens; not for the caller of a setuid program to choose. */
static struct remote *
open_remote(void)
{
	const char *directory = secure_getenv("SIGNET_RUNTIME_DIR");
	CLEANUP(string) char *path = NULL;

	if (!directory || !directory[0])
		directory = "/run/signet";
	if (asprintf(&path, "%s/keyd.sock", directory) < 0) {
		path = NULL;
		return NULL;
	}
	return remote_create(path);
}

/*
 * A state for this process. A child keeps the path that its parent found:
 * the workers of nginx have lost the environment.
 */
static struct module *
module_create(const struct module *parent)
{
	struct module *module = calloc(1, sizeof(*module));

	if (!module)
		return NULL;
	module->pid = getpid();
	module->remote =
	    parent ? remote_create(remote_path(parent->remote)) : open_remote();
	if (!module->remote || pthread_mutex_init(&module->mutex, NULL)) {
		remote_free(module->remote);
		free(module);
		return NULL;
	}
	return module;
}

/*
 * The state of this process, made by whichever thread comes first. What a
 * child inherited stays as it is: a thread that does not exist here may have
 * left it half changed.
 */
static struct module *
module_of_process(void)
{
	struct module *found = atomic_load(&current);
	struct module *module;

	if (found && found->pid == getpid())
		return found;
	module = module_create(found);
	if (!module || atomic_compare_exchange_strong(&current, &found, module))
		return module;

	(void)pthread_mutex_destroy(&module->mutex);
	remote_free(module->remote);
	free(module);
	return found;
}

static CK_RV
check_arguments(const CK_C_INITIALIZE_ARGS *args)
{
	bool all, any;

	if (!args)
		return CKR_OK;
	all = args->CreateMutex && args->DestroyMutex && args->LockMutex &&
	      args->UnlockMutex;
	any = args->CreateMutex || args->DestroyMutex || args->LockMutex ||
	      args->UnlockMutex;
	if (args->pReserved || all != any)
		return CKR_ARGUMENTS_BAD;
	/* Only the system's own mutexes are used. */
	return any && !(args->flags & CKF_OS_LOCKING_OK) ? CKR_CANT_LOCK
							 : CKR_OK;
}

/* Purely local, so that a program starts whether keyd is there or not. */
CK_RV
C_Initialize(void *init_args)
{
	CK_RV rv = check_arguments(init_args);
	struct module *module;

	if (rv != CKR_OK)
		return rv;
	module = module_of_process();
	if (!module)
		return CKR_HOST_MEMORY;

	(void)pthread_mutex_lock(&module->mutex);
	if (module->initialized)
		rv = CKR_CRYPTOKI_ALREADY_INITIALIZED;
	module->initialized = true;
	(void)pthread_mutex_unlock(&module->mutex);
	return rv;
}

CK_RV
C_Finalize(void *reserved)
{
	CLEANUP(module_lock) struct module *module = NULL;

	if (reserved)
		return CKR_ARGUMENTS_BAD;
	module = module_lock();
	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	module->initialized = false;
	module->logged_in = false;
	session_table_done(&module->sessions);
	object_table_done(&module->objects);
	remote_disconnect(module->remote);
	return CKR_OK;
}

CK_RV
C_GetInfo(CK_INFO *info)
{
	CLEANUP(module_lock) struct module *module = module_lock();

	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (!info)
		return CKR_ARGUMENTS_BAD;
	*info = (CK_INFO){
	    .cryptokiVersion = {2, 40},
	    .libraryVersion = {0, 1 },
	};
	module_pad(
	    info->manufacturerID, sizeof(info->manufacturerID), "Signet");
	module_pad(info->libraryDescription, sizeof(info->libraryDescription),
	    "Keys of signet-keyd");
	return CKR_OK;
}
