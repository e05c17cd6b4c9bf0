/* SPDX-License-Identifier: MIT */
/*
 * Which PKCS#11 modules there are: the one of the configuration or else those
 * that are registered with p11-kit, and what a URI names beyond it. Never
 * libsignet-pkcs11.so (that is keyd itself) and p11-kit-trust (no keys there).
 */
#ifndef KEYD_MODULES_H
#define KEYD_MODULES_H

#include "module.h"

#define MODULES_MAX 32

struct modules;

struct module_list {
	size_t count;
	struct module *items[MODULES_MAX];
};

/*
 * Loads nothing yet. path NULL means the registered modules; args is what the
 * module at path is initialized with, or NULL. All are copied.
 */
MUST_CHECK enum error_code modules_create(const char *path, const char *args,
    const struct visit_limits *limits, struct modules **ret_modules,
    struct error *err);

/* Frees every module. NULL is allowed. */
void modules_free(struct modules *modules);
DEFINE_CLEANUP(modules, struct modules, modules_free)

/*
 * The modules in which the token of uri may be, loaded but not entered:
 *
 *   with module-path   that one
 *   with module-name   those of the name, also among the registered ones
 *   else               the one of the configuration; without one, all
 *
 * Whether uri excludes one by library-... attributes is known when it is
 * entered. They stay until modules_free().
 *
 * Fails with ERROR_UNAVAILABLE if none can be loaded; a later call tries
 * again.
 */
MUST_CHECK enum error_code modules_find(struct modules *modules, P11KitUri *uri,
    struct module_list *ret_list, struct error *err);

/* Those that are loaded now. */
void modules_list(struct modules *modules, struct module_list *ret_list);

#endif
