/* SPDX-License-Identifier: MIT */
#include "cmocka_wrap.h"

#include "fake_hub.h"

#include <stdio.h>
#include <string.h>

#include "common/file.h"
#include "hub_session.h"
#include "module_keys.h"

struct fake_hub fake_hub;

static struct fake_hub_module *
find(const char *id)
{
	for (size_t i = 0; i < FAKE_HUB_MODULES; i++) {
		struct fake_hub_module *module = &fake_hub.modules[i];

		if (*module->generation && strcmp(module->id, id) == 0)
			return module;
	}
	return NULL;
}

const struct fake_hub_module *
fake_hub_find(const char *id)
{
	return find(id);
}

void
fake_hub_remove(const char *id)
{
	struct fake_hub_module *module = find(id);

	assert_non_null(module);
	*module->generation = '\0';
}

void
fake_hub_make(const char *id)
{
	struct fake_hub_module *module = find(id);

	for (size_t i = 0; !module && i < FAKE_HUB_MODULES; i++)
		if (!*fake_hub.modules[i].generation)
			module = &fake_hub.modules[i];
	assert_non_null(module);
	(void)snprintf(module->id, sizeof(module->id), "%s", id);
	(void)snprintf(module->generation, sizeof(module->generation), "%u",
	    ++fake_hub.made);
	(void)snprintf(module->primary, sizeof(module->primary), "hub");
}

bool
fake_hub_has_our_keys(const char *id)
{
	const struct fake_hub_module *module = find(id);
	char expected[64];

	assert_non_null(module);
	(void)snprintf(
	    expected, sizeof(expected), "%s:%s", id, module->generation);
	return strcmp(module->primary, expected) == 0;
}

/* Each call asks first whether it fails. */
static enum error_code
fails(struct error *err)
{
	if (++fake_hub.calls != fake_hub.failing_call)
		return ERROR_NONE;
	return error_set(err, fake_hub.failure, "the hub fails");
}

static enum error_code
no_such_module(struct error *err)
{
	return error_set(err, ERROR_NOT_FOUND, "there is no such module");
}

static enum error_code
give(const struct fake_hub_module *module, struct hub_module *ret_module)
{
	ret_module->id = strdup(module->id);
	ret_module->generation_id = strdup(module->generation);
	return ERROR_NONE;
}

enum error_code
hub_module_create(const struct hub_access *access, const char *id,
    struct hub_module *ret_module, struct error *err)
{
	enum error_code code = fails(err);

	(void)access;
	if (code && !fake_hub.does_it_all_the_same)
		return code;
	if (find(id))
		return code ? code : error_set(err, ERROR_EXISTS, "it exists");
	fake_hub_make(id);
	return code ? code : give(find(id), ret_module);
}

enum error_code
hub_module_set_keys(const struct hub_access *access, const char *id,
    const char *primary, const char *secondary, struct hub_module *ret_module,
    struct error *err)
{
	struct fake_hub_module *module = find(id);
	enum error_code code = fails(err);

	(void)access;
	assert_string_not_equal(primary, secondary);
	if (code && !fake_hub.does_it_all_the_same)
		return code;
	if (!module)
		return no_such_module(err);
	(void)snprintf(module->primary, sizeof(module->primary), "%s", primary);
	return code ? code : give(module, ret_module);
}

static void
let_others_act(void)
{
	void (*meanwhile)(void) = fake_hub.meanwhile;

	fake_hub.meanwhile = NULL;
	if (meanwhile)
		meanwhile();
}

enum error_code
hub_module_get(const struct hub_access *access, const char *id,
    struct hub_module *ret_module, struct error *err)
{
	const struct fake_hub_module *module = find(id);
	enum error_code code = fails(err);

	(void)access;
	if (code == ERROR_NONE)
		code = module ? give(module, ret_module) : no_such_module(err);
	let_others_act();
	return code;
}

enum error_code
hub_module_list(const struct hub_access *access,
    struct hub_modules *ret_modules, struct error *err)
{
	(void)access;
	if (fails(err))
		return err->code;
	ret_modules->items =
	    calloc(FAKE_HUB_MODULES, sizeof(*ret_modules->items));
	assert_non_null(ret_modules->items);
	ret_modules->count = 0;
	for (size_t i = 0; i < FAKE_HUB_MODULES; i++)
		if (*fake_hub.modules[i].generation)
			(void)give(&fake_hub.modules[i],
			    &ret_modules->items[ret_modules->count++]);
	let_others_act();
	return ERROR_NONE;
}

enum error_code
hub_module_delete(
    const struct hub_access *access, const char *id, struct error *err)
{
	enum error_code code = fails(err);

	(void)access;
	if (code && !fake_hub.does_it_all_the_same)
		return code;
	if (!find(id))
		return code ? code : no_such_module(err);
	fake_hub_remove(id);
	return code;
}

/* ---- credentials and keys ---- */

void
hub_session_done(struct hub_session *session)
{
	(void)session;
}

enum error_code
hub_session_open(const struct config *config,
    const struct dps_assignment *assignment, struct hub_session *session,
    struct error *err)
{
	(void)config;
	(void)assignment;
	*session = (struct hub_session){0};
	if (fake_hub.session)
		return error_set(err, fake_hub.session, "no credentials");
	return ERROR_NONE;
}

void
module_key_pair_done(struct module_key_pair *keys)
{
	free(keys->primary);
	free(keys->secondary);
}

enum error_code
module_keys_export(const struct hub_module *module,
    struct module_key_pair *ret_keys, struct error *err)
{
	if (fake_hub.keys)
		return error_set(err, fake_hub.keys, "keyd is away");
	ret_keys->primary =
	    string_format("%s:%s", module->id, module->generation_id);
	ret_keys->secondary =
	    string_format("%s:%s'", module->id, module->generation_id);
	return ERROR_NONE;
}
