/* SPDX-License-Identifier: MIT */
/* The modules of the configuration's principals, and what the hub has. */
#include <string.h>

#include "hub_session.h"
#include "modules_inside.h"
#include "principals.h"

/* The two sides, and where they are brought together. */
struct sides {
	const struct config *config;
	const struct module_records *records;
	const struct hub_modules *hub;
	const struct module_place *place;
	struct error *first; /* failure; ERROR_NONE while there is none */
};

static const struct module_record *
find_record(const struct module_records *records, const char *id)
{
	for (size_t i = 0; i < records->count; i++)
		if (strcmp(records->items[i].id, id) == 0)
			return &records->items[i];
	return NULL;
}

static void
note(struct sides *sides, enum error_code code, const struct error *err)
{
	if (code && !sides->first->code)
		*sides->first = *err;
}

static bool
is_same(const struct module_record *record, const struct hub_module *module)
{
	return record->generation_id &&
	       strcmp(record->generation_id, module->generation_id) == 0;
}

/* ---- what we have a record of, and no principal wants ---- */

/* Somebody made it anew; that is what is to be remembered. */
static enum error_code
remember_anew(const struct module_place *place, const struct hub_module *module,
    struct error *err)
{
	const struct module_record record = {.id = module->id,
	    .generation_id = module->generation_id,
	    .state = MODULE_FOREIGN};

	return module_store_save(place->folder, &record, err);
}

static enum error_code
settle_record(const struct sides *sides, const struct module_record *record,
    struct error *err)
{
	const struct module_place *place = sides->place;
	const struct hub_module *module =
	    hub_modules_find(sides->hub, record->id);
	CLEANUP_DONE(module_record) struct module_record now = {0};
	CLEANUP_DONE(hub_module) struct hub_module finished = {0};

	if (module_recall(place->folder, record->id, &now, err))
		return err->code;
	/* A caller's change since then has settled it; the list is older. */
	if (!module_record_equals(&now, record))
		return ERROR_NONE;
	if (!module)
		return module_store_remove(place->folder, record->id, err);
	if (record->of_principal)
		return module_remove(place, record->id, err);
	if (record->state == MODULE_BEGUN)
		return module_renew(place, record->id, &finished, err);
	return is_same(record, module) ? ERROR_NONE
				       : remember_anew(place, module, err);
}

/* ---- what a principal wants ---- */

static enum error_code
settle_principal(const struct sides *sides, const char *name, struct error *err)
{
	const struct module_place *place = sides->place;
	const struct module_record *record = find_record(sides->records, name);
	const struct hub_module *module = hub_modules_find(sides->hub, name);
	CLEANUP_DONE(hub_module) struct hub_module made = {0};
	bool is_ours = record && record->of_principal;
	bool is_begun = is_ours && record->state == MODULE_BEGUN && module &&
			(!record->generation_id || is_same(record, module));

	if (module && is_ours && !is_begun && is_same(record, module))
		return ERROR_NONE;
	if (module && !is_begun && module_remove(place, name, err))
		return err->code;
	return module_make(place, name, true, &made, err);
}

/* ---- all of it ---- */

/* One module at a time is locked, so that others may be changed meanwhile. */
static void
settle_all(struct sides *sides)
{
	pthread_mutex_t *changing = &sides->place->modules->changing;
	const struct principal_settings *principals =
	    sides->config->principals.items;
	struct error err;

	for (size_t i = 0; i < sides->records->count; i++) {
		const struct module_record *record = &sides->records->items[i];

		if (principals_find(sides->config, record->id, "module"))
			continue;
		(void)pthread_mutex_lock(changing);
		note(sides, settle_record(sides, record, &err), &err);
		(void)pthread_mutex_unlock(changing);
	}
	for (size_t i = 0; i < sides->config->principals.count; i++) {
		if (!principal_has(&principals[i], "module"))
			continue;
		(void)pthread_mutex_lock(changing);
		note(sides,
		    settle_principal(
			sides, principal_name(&principals[i]), &err),
		    &err);
		(void)pthread_mutex_unlock(changing);
	}
}

static bool
wants_any(const struct config *config)
{
	const struct principal_settings *principals = config->principals.items;

	for (size_t i = 0; i < config->principals.count; i++)
		if (principal_has(&principals[i], "module"))
			return true;
	return false;
}

static enum error_code
compare(struct modules *modules, const struct dps_assignment *assignment,
    const char *folder, const struct module_records *records, struct error *err)
{
	CLEANUP_DONE(hub_session) struct hub_session session = {0};
	CLEANUP_DONE(hub_modules) struct hub_modules hub = {0};
	struct error first = {.code = ERROR_NONE};
	const struct module_place place = {
	    .modules = modules, .access = &session.access, .folder = folder};
	struct sides sides = {.config = modules->config,
	    .records = records,
	    .hub = &hub,
	    .place = &place,
	    .first = &first};

	if (hub_session_open(modules->config, assignment, &session, err) ||
	    hub_module_list(&session.access, &hub, err))
		return err->code;
	settle_all(&sides);
	if (first.code)
		*err = first;
	return first.code;
}

enum error_code
modules_reconcile(struct modules *modules,
    const struct dps_assignment *assignment, struct error *err)
{
	CLEANUP(string) char *folder = NULL;
	CLEANUP_DONE(module_records) struct module_records records = {0};

	if (module_store_folder(modules->state, assignment->hub,
		assignment->device_id, &folder, err) ||
	    module_store_list(folder, &records, err))
		return err->code;
	if ((wants_any(modules->config) || records.count > 0) &&
	    compare(modules, assignment, folder, &records, err))
		return err->code;
	return module_store_forget_others(folder, err);
}
