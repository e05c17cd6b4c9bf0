/* SPDX-License-Identifier: MIT */
/*
 * Whatever a hub says of modules: a name that is taken from it can be one, and
 * a generation is plain text, since keys are derived from both.
 */
#include "fuzz.h"

#include <string.h>

#include "common/hub_id.h"
#include "hub_module.h"

static void
check_module(const struct hub_module *module)
{
	struct error err;

	FUZZ_REQUIRE(!hub_module_id_check(module->id, &err));
	FUZZ_REQUIRE(*module->generation_id);
	for (const char *c = module->generation_id; *c; c++)
		FUZZ_REQUIRE(*c > ' ' && *c <= '~');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(json) json_t *value = NULL;
	CLEANUP_DONE(hub_module) struct hub_module module = {0};
	CLEANUP_DONE(hub_modules) struct hub_modules modules = {0};
	struct error err;

	if (json_parse((const char *)data, size, &value, &err))
		return 0;
	if (hub_module_from_json(value, &module, &err) == ERROR_NONE)
		check_module(&module);
	if (hub_modules_from_json(value, &modules, &err) == ERROR_NONE)
		for (size_t i = 0; i < modules.count; i++)
			check_module(&modules.items[i]);
	return 0;
}
