/* SPDX-License-Identifier: MIT */
/*
 * One PKCS#11 module.
 *
 * A thread is within a module between module_enter() and module_leave(), and
 * calls its functions only there. That is no lock: many are within at once,
 * unless the module is known to break with threads. It is what a restart
 * (C_Finalize, C_Initialize) waits for.
 *
 * Nobody waits for a call that hangs: who would have to is told which it is.
 */
#ifndef KEYD_MODULE_H
#define KEYD_MODULE_H

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/cleanup.h"
#include "common/error.h"
#include "visit.h"

struct module;

/*
 * functions are those of a module that p11-kit has loaded. It is initialized
 * when it is first entered: args is what CK_C_INITIALIZE_ARGS has in pReserved
 * then; NULL: what p11-kit's configuration says (x-init-reserved).
 */
MUST_CHECK enum error_code module_create(CK_FUNCTION_LIST *functions,
    const char *args, const struct visit_limits *limits,
    struct module **ret_module, struct error *err);

/*
 * Finalizes, unless a call in it hangs: then everything stays as it is. Never
 * unloads: modules crash on it. NULL is allowed.
 */
void module_free(struct module *module);
DEFINE_CLEANUP(module, struct module, module_free)

/* The file's path, for people. */
const char *module_path(const struct module *module);

const struct visit_limits *module_limits(const struct module *module);

/* True if functions are its own. */
bool module_has(const struct module *module, const CK_FUNCTION_LIST *functions);

/* True if uri does not exclude the module's file by module-name. */
bool module_is_named(const struct module *module, P11KitUri *uri);

/* The rest are known once the module has been entered. */

/* True if uri does not exclude what the module says it is (library-...). */
bool module_matches(const struct module *module, P11KitUri *uri);

/* True if module breaks when several threads call it (tpm2-pkcs11). */
bool module_is_serial(const struct module *module);

/*
 * True if module makes a pair before it refuses to be told what that is not to
 * be used for (tpm2-pkcs11, which takes a TPM seconds).
 */
bool module_refuses_late(const struct module *module);

/* True if module is SoftHSM, where a session copy of a key signs faster. */
bool module_is_softhsm(const struct module *module);

/*
 * Begins to use module, through visit_functions(); *ret_generation counts its
 * starts: sessions and objects of another generation are gone. The caller has
 * set visit's owner and purpose, and passes it to module_leave().
 *
 * Fails with ERROR_UNAVAILABLE if the module cannot be initialized, or if a
 * call in it hangs and it is not to be had without waiting for that.
 */
MUST_CHECK enum error_code module_enter(struct module *module,
    struct visit *visit, unsigned *ret_generation, struct error *err);
void module_leave(struct module *module, struct visit *visit);

/*
 * Finalizes and initializes module once nobody is within, unless its
 * generation is no longer the one given, or it was started only just now. The
 * caller is not within.
 *
 * Fails with ERROR_UNAVAILABLE: a call hangs or goes on too long, or the
 * module cannot be initialized.
 */
MUST_CHECK enum error_code module_restart(
    struct module *module, unsigned generation, struct error *err);

/* As module_restart(), but only if no token of the module is open. */
void module_refresh(struct module *module);

/* Counts tokens that have sessions in module, for module_refresh(). */
void module_hold(struct module *module);
void module_release(struct module *module);

/* How often it was initialized. */
unsigned module_starts(struct module *module);

/* What hangs in module; of visits with this owner and purpose. */
struct hang module_hang_of(
    struct module *module, const void *owner, enum visit_purpose purpose);

/* What hangs in module at all. */
struct hang module_hang(struct module *module);

/*
 * True if it is being started, or searched for tokens, for longer than any
 * module may take.
 */
bool module_is_stuck(struct module *module);

#endif
