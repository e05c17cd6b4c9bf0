/* SPDX-License-Identifier: MIT */
/*
 * One PKCS#11 module.
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

/*
 * Initializes the module with functions. args is what CK_C_INITIALIZE_ARGS has
 * in pReserved; NULL: what p11-kit's configuration says (x-init-reserved).
 *
 * Fails with ERROR_UNAVAILABLE, and the message names the module.
 */
MUST_CHECK enum error_code module_create(CK_FUNCTION_LIST *functions,
    const char *args, struct module **ret_module, struct error *err);

/* Finalizes it. Never unloads: modules crash on it. NULL is allowed. */
void module_free(struct module *module);
DEFINE_CLEANUP(module, struct module, module_free)

/* Its functions; to be called only between enter and leave. */
CK_FUNCTION_LIST *module_functions(const struct module *module);

/* The file's path, for people. */
const char *module_path(const struct module *module);

/* True if uri does not exclude module by module-name or library-... */
bool module_matches(const struct module *module, P11KitUri *uri);

/* True if module breaks when several threads call it (tpm2-pkcs11). */
bool module_is_serial(const struct module *module);

/* True if module is libsignet-pkcs11.so, also under another name. */
bool module_is_signet(const struct module *module);

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
