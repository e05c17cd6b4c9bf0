/* SPDX-License-Identifier: MIT */
#include "module.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

/*
 * In no heap, so that nothing is left of a library that is unloaded, and a
 * thread that is late for C_Finalize, as at the exit of a program, finds a
 * mutex and not a ruin.
 */
static struct module state;

/* Whose process the state is; negative while it is being made for it. */
static _Atomic pid_t owner;

struct module *
module_lock(void)
{
	if (atomic_load(&owner) != getpid())
		return NULL;
	(void)pthread_mutex_lock(&state.mutex);
	if (state.initialized)
		return &state;
	(void)pthread_mutex_unlock(&state.mutex);
	return NULL;
}

CK_RV
module_check_slot(const struct module *module, CK_SLOT_ID slot)
{
	if (!module)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	return slot == MODULE_SLOT ? CKR_OK : CKR_SLOT_ID_INVALID;
}

void
module_unlock(struct module *module)
{
	(void)pthread_mutex_unlock(&module->mutex);
}

CK_RV
module_find(const struct module *module, CK_OBJECT_HANDLE handle,
    struct object *ret_object)
{
	const struct secret *secret = secret_find(&module->secrets, handle);
	const struct certificate *certificate =
	    certificate_find(&module->certificates, handle);

	if (!secret && !certificate)
		return object_find(&module->objects, handle, ret_object);
	*ret_object =
	    secret ? object_of_secret(secret)
		   : object_of_certificate(&module->objects, certificate);
	return CKR_OK;
}

void
module_wait_for_end(struct module *module)
{
	unsigned life = module->life;

	module->waiting++;
	while (module->life == life)
		(void)pthread_cond_wait(&module->ends, &module->mutex);
	module->waiting--;
	(void)pthread_cond_broadcast(&module->ends);
}

void
module_pad(unsigned char *field, size_t size, const char *text)
{
	memset(field, ' ', size);
	memcpy(field, text, strnlen(text, size));
}

/* Where daemon listens; not for the caller of a setuid program to choose. */
static bool
find_remote(struct remote *remote, const char *daemon)
{
	const char *directory = secure_getenv("SIGNET_RUNTIME_DIR");
	int length;

	if (!directory || !directory[0])
		directory = "/run/signet";
	length = snprintf(remote->path, sizeof(remote->path), "%s/%s.sock",
	    directory, daemon);
	return length > 0 && (size_t)length < sizeof(remote->path);
}

static void
release_tables(void)
{
	session_table_done(&state.sessions);
	object_table_done(&state.objects);
	secret_table_done(&state.secrets);
	certificate_list_done(&state.certificates);
}

/*
 * What a child has from its parent. Its connections are closed here, which
 * leaves them open there; its tables are released unless a thread that does
 * not exist here was just changing them.
 */
static void
release_inherited(void)
{
	remote_disconnect(&state.remote);
	remote_disconnect(&state.certd);
	if (pthread_mutex_trylock(&state.mutex) == 0)
		release_tables();
}

/*
 * Makes the state that of this process. A child keeps the path that its parent
 * found: the workers of nginx have lost the environment.
 */
static bool
make_state(bool is_inherited)
{
	struct remote keyd = {0};
	struct remote certd = {0};

	if (is_inherited) {
		release_inherited();
		memcpy(keyd.path, state.remote.path, sizeof(keyd.path));
		memcpy(certd.path, state.certd.path, sizeof(certd.path));
	} else if (!find_remote(&keyd, "keyd") ||
		   !find_remote(&certd, "certd")) {
		return false;
	}
	memset(&state, 0, sizeof(state));
	memcpy(state.remote.path, keyd.path, sizeof(keyd.path));
	memcpy(state.certd.path, certd.path, sizeof(certd.path));
	return pthread_mutex_init(&state.mutex, NULL) == 0 &&
	       pthread_cond_init(&state.ends, NULL) == 0;
}

/* Sees to it that the state is this process's; one of its threads makes it. */
static bool
own_state(void)
{
	pid_t self = getpid();

	for (;;) {
		pid_t seen = atomic_load(&owner);

		if (seen == self)
			return true;
		if (seen == -self)
			(void)sched_yield();
		else if (atomic_compare_exchange_strong(&owner, &seen, -self)) {
			bool made = make_state(seen > 0);

			atomic_store(&owner, made ? self : 0);
			return made;
		}
	}
}

/* A call that was late for C_Finalize has left its connection. */
__attribute__((destructor)) static void
unload(void)
{
	if (atomic_load(&owner) != getpid() ||
	    pthread_mutex_trylock(&state.mutex))
		return;
	if (!state.initialized) {
		remote_disconnect(&state.remote);
		remote_disconnect(&state.certd);
	}
	(void)pthread_mutex_unlock(&state.mutex);
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

	if (rv != CKR_OK)
		return rv;
	if (!own_state())
		return CKR_GENERAL_ERROR;

	(void)pthread_mutex_lock(&state.mutex);
	if (state.initialized)
		rv = CKR_CRYPTOKI_ALREADY_INITIALIZED;
	state.initialized = true;
	(void)pthread_mutex_unlock(&state.mutex);
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
	module->life++;
	release_tables();
	remote_disconnect(&module->remote);
	remote_disconnect(&module->certd);
	/* Who is in C_WaitForSlotEvent leaves before we may be unloaded. */
	(void)pthread_cond_broadcast(&module->ends);
	while (module->waiting > 0)
		(void)pthread_cond_wait(&module->ends, &module->mutex);
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
