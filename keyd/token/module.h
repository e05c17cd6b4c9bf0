/* SPDX-License-Identifier: MIT */
/*
 * PKCS#11 modules, loaded through p11-kit: one by its path, or all that are
 * registered, without libsignet-pkcs11.so (that is keyd itself) and without
 * p11-kit-trust (no keys there).
 *
 * A thread is within a module between module_enter() and module_leave(), and
 * calls its functions only there. That is no lock: many are within at once,
 * unless the module is known to break with threads. It is what a restart
 * (C_Finalize, C_Initialize) waits for.
 */
#ifndef KEYD_MODULE_H
#define KEYD_MODULE_H

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/cleanup.h"
#include "common/error.h"

struct module;
struct modules;

/* Loads nothing yet. path is copied; NULL means the registered modules. */
MUST_CHECK enum error_code modules_create(
    const char *path, struct modules **ret_modules, struct error *err);

/* Finalizes what was initialized. Never unloads: modules crash on it. */
void modules_free(struct modules *modules);
DEFINE_CLEANUP(modules, struct modules, modules_free)

/*
 * Loads and initializes, unless that is done. Then *ret_items points to
 * *ret_count modules that stay until modules_free().
 *
 * Fails with ERROR_UNAVAILABLE if none can be loaded; a later call tries
 * again.
 */
MUST_CHECK enum error_code modules_load(struct modules *modules,
    struct module *const **ret_items, size_t *ret_count, struct error *err);

/* Its functions; to be called only between enter and leave. */
CK_FUNCTION_LIST *module_functions(const struct module *module);

/* The file's path, for people. */
const char *module_path(const struct module *module);

/* True if uri does not exclude module (library-..., module-name/-path). */
bool module_matches(const struct module *module, P11KitUri *uri);

/* True if module breaks when several threads call it (tpm2-pkcs11). */
bool module_is_serial(const struct module *module);

/* True if module is SoftHSM, where a session copy of a key signs faster. */
bool module_is_softhsm(const struct module *module);

/*
 * Begins to use module; *ret_generation counts its restarts: sessions and
 * objects of another generation are gone.
 *
 * Fails with ERROR_UNAVAILABLE if a restart failed, or if it does not get in
 * within MODULE_WAIT_MS because a call in it hangs.
 */
#define MODULE_WAIT_MS 30000
MUST_CHECK enum error_code module_enter(
    struct module *module, unsigned *ret_generation, struct error *err);
void module_leave(struct module *module);

/*
 * Finalizes and initializes module once nobody is within, unless its
 * generation is no longer the one given. The caller is not within.
 */
MUST_CHECK enum error_code module_restart(
    struct module *module, unsigned generation, struct error *err);

/* As module_restart(), but only if no token of the module is open. */
bool module_refresh(struct module *module);

/* Counts tokens that have sessions in module, for module_refresh(). */
void module_hold(struct module *module);
void module_release(struct module *module);

#endif
