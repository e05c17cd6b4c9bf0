/* SPDX-License-Identifier: MIT */
#include "hub_module.h"

#include <stdbool.h>
#include <string.h>

#include "common/hub_id.h"

#define GENERATION_MAX 128

void
hub_module_done(struct hub_module *module)
{
	free(module->id);
	free(module->generation_id);
	*module = (struct hub_module){0};
}

void
hub_modules_done(struct hub_modules *modules)
{
	for (size_t i = 0; i < modules->count; i++)
		hub_module_done(&modules->items[i]);
	free(modules->items);
	*modules = (struct hub_modules){0};
}

const struct hub_module *
hub_modules_find(const struct hub_modules *modules, const char *id)
{
	for (size_t i = 0; i < modules->count; i++)
		if (strcmp(modules->items[i].id, id) == 0)
			return &modules->items[i];
	return NULL;
}

static bool
is_plain(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

enum error_code
hub_module_from_json(
    const json_t *object, struct hub_module *ret_module, struct error *err)
{
	CLEANUP_DONE(hub_module) struct hub_module module = {0};

	if (json_copy_string(object, "moduleId", &module.id, err) ||
	    json_copy_string(
		object, "generationId", &module.generation_id, err))
		return err->code;
	if (hub_module_id_check(module.id, err))
		return err->code;
	if (!*module.generation_id ||
	    strlen(module.generation_id) > GENERATION_MAX ||
	    !is_plain(module.generation_id))
		return error_set(err, ERROR_INVALID,
		    "the generationId of module '%s' is none", module.id);
	*ret_module = TAKE_CONTENTS(module);
	return ERROR_NONE;
}

enum error_code
hub_modules_from_json(
    const json_t *array, struct hub_modules *ret_modules, struct error *err)
{
	CLEANUP_DONE(hub_modules) struct hub_modules modules = {0};
	size_t count = json_array_size(array);

	if (!json_is_array(array) || count > HUB_MODULES_MAX)
		return error_set(
		    err, ERROR_UPSTREAM, "that is no list of modules");
	modules.items = calloc(count + 1, sizeof(*modules.items));
	if (!modules.items)
		return error_no_memory(err);
	for (; modules.count < count; modules.count++)
		if (hub_module_from_json(json_array_get(array, modules.count),
			&modules.items[modules.count], err))
			return err->code;
	*ret_modules = TAKE_CONTENTS(modules);
	return ERROR_NONE;
}
