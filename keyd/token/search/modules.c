/* SPDX-License-Identifier: MIT */
#include "modules.h"

#include <pthread.h>
#include <string.h>

#include "common/file.h"
#include "common/paths.h"

struct modules {
	char *path; /* NULL: the registered ones */
	char *args;
	struct visit_limits limits;
	pthread_mutex_t mutex; /* for loading */
	struct module *own;    /* the one at path */
	bool has_registered;
	struct module_list loaded;
};

enum error_code
modules_create(const char *path, const char *args,
    const struct visit_limits *limits, struct modules **ret_modules,
    struct error *err)
{
	CLEANUP(modules) struct modules *modules = calloc(1, sizeof(*modules));

	if (!modules)
		return error_no_memory(err);
	pthread_mutex_init(&modules->mutex, NULL);
	modules->limits = *limits;
	if ((path && !(modules->path = strdup(path))) ||
	    (args && !(modules->args = strdup(args))))
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
	for (size_t i = 0; i < modules->loaded.count; i++)
		module_free(modules->loaded.items[i]);
	pthread_mutex_destroy(&modules->mutex);
	free(modules->args);
	free(modules->path);
	free(modules);
}

/* ---- loading; with the lock ---- */

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

/* A module may have been loaded before, by another name of its file. */
static struct module *
find_loaded(const struct modules *modules, const CK_FUNCTION_LIST *functions)
{
	for (size_t i = 0; i < modules->loaded.count; i++)
		if (module_has(modules->loaded.items[i], functions))
			return modules->loaded.items[i];
	return NULL;
}

static enum error_code
add(struct modules *modules, CK_FUNCTION_LIST *functions, const char *args,
    struct module **ret_module, struct error *err)
{
	*ret_module = find_loaded(modules, functions);
	if (*ret_module)
		return ERROR_NONE;
	if (is_excluded(functions))
		return error_set(err, ERROR_UNAVAILABLE,
		    "Signet's own module and p11-kit-trust hold no token that "
		    "keyd could use; name the token's own module");
	if (modules->loaded.count == MODULES_MAX)
		return error_set(err, ERROR_UNAVAILABLE, "too many modules");
	if (module_create(functions, args, &modules->limits, ret_module, err))
		return err->code;
	modules->loaded.items[modules->loaded.count++] = *ret_module;
	return ERROR_NONE;
}

static enum error_code
load(struct modules *modules, const char *path, const char *args,
    struct module **ret_module, struct error *err)
{
	CK_FUNCTION_LIST *functions;

	for (size_t i = 0; i < modules->loaded.count; i++)
		if (strcmp(module_path(modules->loaded.items[i]), path) == 0) {
			*ret_module = modules->loaded.items[i];
			return ERROR_NONE;
		}
	functions = p11_kit_module_load(path, P11_KIT_MODULE_UNMANAGED);
	if (!functions)
		return error_set(err, ERROR_UNAVAILABLE,
		    "cannot load PKCS#11 module '%s': %s", path,
		    file_exists(path) ? p11_kit_message() : "no such file");
	return add(modules, functions, args, ret_module, err);
}

static enum error_code
load_own(struct modules *modules, struct error *err)
{
	if (modules->own || !modules->path)
		return ERROR_NONE;
	return load(modules, modules->path, modules->args, &modules->own, err);
}

static enum error_code
load_registered(struct modules *modules, struct error *err)
{
	CK_FUNCTION_LIST **list;
	struct module *module;

	if (modules->has_registered)
		return ERROR_NONE;
	(void)error_set(err, ERROR_UNAVAILABLE,
	    "p11-kit has no module registered that keyd could use; set "
	    "token.module");
	list = p11_kit_modules_load(NULL, P11_KIT_MODULE_UNMANAGED);
	for (size_t i = 0; list && list[i]; i++)
		if (!is_excluded(list[i]) &&
		    add(modules, list[i], NULL, &module, err) == ERROR_NONE)
			modules->has_registered = true;
	/* The modules stay; only the list goes. */
	free(list);
	return modules->has_registered ? ERROR_NONE : err->code;
}

/* ---- finding ---- */

/* The one that is meant, or NULL if it may be any that is loaded. */
static enum error_code
load_for(struct modules *modules, P11KitUri *uri, struct module **ret_only,
    struct error *err)
{
	const char *path = p11_kit_uri_get_module_path(uri);
	struct error ignored;

	*ret_only = NULL;
	if (path && (!modules->path || strcmp(path, modules->path) != 0))
		return load(modules, path, NULL, ret_only, err);
	if (!modules->path)
		return load_registered(modules, err);
	if (load_own(modules, err))
		return err->code;
	if (path || !p11_kit_uri_get_module_name(uri) ||
	    module_is_named(modules->own, uri))
		*ret_only = modules->own;
	else
		(void)load_registered(modules, &ignored);
	return ERROR_NONE;
}

enum error_code
modules_find(struct modules *modules, P11KitUri *uri,
    struct module_list *ret_list, struct error *err)
{
	struct module *only;
	enum error_code code;

	ret_list->count = 0;
	pthread_mutex_lock(&modules->mutex);
	code = load_for(modules, uri, &only, err);
	for (size_t i = 0; code == ERROR_NONE && i < modules->loaded.count;
	     i++) {
		struct module *module = modules->loaded.items[i];

		if ((!only || module == only) && module_is_named(module, uri))
			ret_list->items[ret_list->count++] = module;
	}
	pthread_mutex_unlock(&modules->mutex);
	return code;
}

void
modules_list(struct modules *modules, struct module_list *ret_list)
{
	pthread_mutex_lock(&modules->mutex);
	*ret_list = modules->loaded;
	pthread_mutex_unlock(&modules->mutex);
}
