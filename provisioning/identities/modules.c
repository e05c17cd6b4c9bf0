/* SPDX-License-Identifier: MIT */
#include "modules_inside.h"

#include <string.h>

#include "common/hub_id.h"
#include "hub_session.h"
#include "module_keys.h"

enum error_code
modules_create(const struct config *config, const char *state,
    struct modules **ret_modules, struct error *err)
{
	struct modules *modules = malloc(sizeof(*modules));

	if (!modules)
		return error_no_memory(err);
	*modules = (struct modules){.config = config,
	    .state = state,
	    .changing = PTHREAD_MUTEX_INITIALIZER};
	*ret_modules = modules;
	return ERROR_NONE;
}

void
modules_free(struct modules *modules)
{
	if (!modules)
		return;
	(void)pthread_mutex_destroy(&modules->changing);
	free(modules);
}

/* ---- records ---- */

enum error_code
module_recall(const char *folder, const char *id,
    struct module_record *ret_record, struct error *err)
{
	if (module_store_load(folder, id, ret_record, err) == ERROR_NONE ||
	    err->code == ERROR_NOT_FOUND)
		return ERROR_NONE;
	return err->code;
}

static enum error_code
save_record(const struct module_place *place, const struct hub_module *module,
    enum module_state state, bool of_principal, struct error *err)
{
	const struct module_record record = {.id = module->id,
	    .generation_id = module->generation_id,
	    .state = state,
	    .of_principal = of_principal};

	return module_store_save(place->folder, &record, err);
}

static bool
has_generation(const struct module_record *record, const char *generation_id)
{
	return record->generation_id && generation_id &&
	       strcmp(record->generation_id, generation_id) == 0;
}

/* True if it is not the one that we have made, or have begun to make. */
static bool
is_others(const struct module_record *record, const struct hub_module *module)
{
	if (!record->id || record->state == MODULE_FOREIGN)
		return true;
	return record->generation_id &&
	       !has_generation(record, module->generation_id);
}

/* ---- changes, with the lock held ---- */

/*
 * The second step: its keys. record is what there was before; one of ours stays
 * that, as its keys follow from the generation. Takes over the contents of
 * module.
 */
static enum error_code
give_keys(const struct module_place *place, struct hub_module *module,
    const struct module_record *record, bool of_principal,
    struct hub_module *ret_module, struct error *err)
{
	CLEANUP_DONE(module_key_pair) struct module_key_pair keys = {0};
	CLEANUP_DONE(hub_module) struct hub_module updated = {0};
	bool is_known = record->state == MODULE_OURS &&
			has_generation(record, module->generation_id);

	if ((!is_known &&
		save_record(place, module, MODULE_BEGUN, of_principal, err)) ||
	    module_keys_export(module, &keys, err) ||
	    hub_module_set_keys(place->access, module->id, keys.primary,
		keys.secondary, &updated, err))
		return err->code;
	if (strcmp(updated.generation_id, module->generation_id) != 0)
		return error_set(err, ERROR_UPSTREAM,
		    "module '%s' was made anew by somebody else meanwhile",
		    module->id);
	if (save_record(place, module, MODULE_OURS, of_principal, err))
		return err->code;
	*ret_module = TAKE_CONTENTS(*module);
	return ERROR_NONE;
}

static enum error_code
refuse_others(
    const struct module_place *place, const char *id, struct error *err)
{
	return error_set(err, ERROR_EXISTS,
	    "module '%s' already exists at hub '%s', and others made it", id,
	    place->access->hub);
}

/* Of a module that we have made or begun, and the hub may have or not. */
static enum error_code
resume(const struct module_place *place, const char *id,
    const struct module_record *record, struct hub_module *ret_module,
    struct error *err)
{
	CLEANUP_DONE(hub_module) struct hub_module module = {0};
	enum error_code code =
	    hub_module_create(place->access, id, ret_module, err);

	if (code != ERROR_EXISTS)
		return code;
	if (hub_module_get(place->access, id, &module, err))
		return err->code;
	if (is_others(record, &module))
		return refuse_others(place, id, err);
	*ret_module = TAKE_CONTENTS(module);
	return ERROR_NONE;
}

/*
 * Of a module that is not ours. What is remembered of it stays as it is until
 * the hub has said that there is none.
 */
static enum error_code
begin(const struct module_place *place, const char *id, bool of_principal,
    struct hub_module *ret_module, struct error *err)
{
	CLEANUP(string) char *copy = strdup(id);
	CLEANUP_DONE(hub_module) struct hub_module present = {0};
	const struct module_record intent = {
	    .id = copy, .state = MODULE_BEGUN, .of_principal = of_principal};
	struct error ignored;

	if (!copy)
		return error_no_memory(err);
	if (hub_module_get(place->access, id, &present, err) == ERROR_NONE)
		return refuse_others(place, id, err);
	if (err->code != ERROR_NOT_FOUND ||
	    module_store_save(place->folder, &intent, err))
		return err->code;
	if (hub_module_create(place->access, id, ret_module, err) == ERROR_NONE)
		return ERROR_NONE;
	/* The hub has said no, so nothing of ours is there. */
	if (err->code == ERROR_EXISTS || err->code == ERROR_DENIED ||
	    err->code == ERROR_UPSTREAM || err->code == ERROR_NOT_FOUND)
		(void)!module_store_remove(place->folder, id, &ignored);
	return err->code;
}

enum error_code
module_make(const struct module_place *place, const char *id, bool of_principal,
    struct hub_module *ret_module, struct error *err)
{
	CLEANUP_DONE(module_record) struct module_record record = {0};
	CLEANUP_DONE(hub_module) struct hub_module module = {0};
	enum error_code code;

	if (module_recall(place->folder, id, &record, err))
		return err->code;
	code = record.id && record.state != MODULE_FOREIGN
		   ? resume(place, id, &record, &module, err)
		   : begin(place, id, of_principal, &module, err);
	if (code)
		return code;
	return give_keys(place, &module, &record,
	    of_principal || record.of_principal, ret_module, err);
}

enum error_code
module_renew(const struct module_place *place, const char *id,
    struct hub_module *ret_module, struct error *err)
{
	CLEANUP_DONE(module_record) struct module_record record = {0};
	CLEANUP_DONE(hub_module) struct hub_module module = {0};

	if (module_recall(place->folder, id, &record, err) ||
	    hub_module_get(place->access, id, &module, err))
		return err->code;
	return give_keys(
	    place, &module, &record, record.of_principal, ret_module, err);
}

enum error_code
module_remove(
    const struct module_place *place, const char *id, struct error *err)
{
	if (hub_module_delete(place->access, id, err) &&
	    err->code != ERROR_NOT_FOUND)
		return err->code;
	return module_store_remove(place->folder, id, err);
}

/* ---- the hub's word and what we remember ---- */

static bool
says_something(const struct module_record *record)
{
	return record->id && record->state != MODULE_BEGUN;
}

/* What a record says. Fails with ERROR_NOT_FOUND if it says nothing. */
static enum error_code
recall(const struct module_record *record, struct hub_module *ret_module,
    struct error *err)
{
	CLEANUP_DONE(hub_module) struct hub_module module = {0};

	if (!says_something(record))
		return error_set(err, ERROR_NOT_FOUND, "nothing is remembered");
	module.id = strdup(record->id);
	module.generation_id = strdup(record->generation_id);
	if (!module.id || !module.generation_id)
		return error_no_memory(err);
	*ret_module = TAKE_CONTENTS(module);
	return ERROR_NONE;
}

/*
 * Remembers what the hub has said, with the lock held: that others have made
 * module, or, if it is NULL, that there is none any more. What was changed
 * while the hub was asked stays as it is.
 */
static void
remember(const struct module_place *place, const char *id,
    const struct module_record *before, const struct hub_module *module)
{
	CLEANUP_DONE(module_record) struct module_record record = {0};
	struct error ignored;

	if (module_recall(place->folder, id, &record, &ignored) ||
	    !module_record_equals(&record, before))
		return;
	if (module)
		(void)!save_record(
		    place, module, MODULE_FOREIGN, false, &ignored);
	else
		(void)!module_store_remove(place->folder, id, &ignored);
}

/*
 * Asks for a module that nobody is making. A full disk refuses nobody its
 * identity, and nobody waits for the changes of others: what is not remembered
 * now is the next time.
 */
static enum error_code
look_up(const struct module_place *place, const char *id,
    const struct module_record *record, struct hub_module *ret_module,
    struct error *err)
{
	pthread_mutex_t *changing = &place->modules->changing;
	CLEANUP_DONE(hub_module) struct hub_module module = {0};
	enum error_code code = hub_module_get(place->access, id, &module, err);
	bool is_news = code ? code == ERROR_NOT_FOUND && record->id
			    : !has_generation(record, module.generation_id);

	if (is_news && pthread_mutex_trylock(changing) == 0) {
		remember(place, id, record, code ? NULL : &module);
		(void)pthread_mutex_unlock(changing);
	}
	if (code == ERROR_NONE)
		*ret_module = TAKE_CONTENTS(module);
	return code;
}

/* Finishes, with the lock held, a module whose making was cut off. */
static enum error_code
finish(const struct module_place *place, const char *id,
    struct hub_module *ret_module, struct error *err)
{
	CLEANUP_DONE(module_record) struct module_record record = {0};
	CLEANUP_DONE(hub_module) struct hub_module module = {0};
	struct error ignored;

	if (module_recall(place->folder, id, &record, err))
		return err->code;
	if (hub_module_get(place->access, id, &module, err)) {
		if (err->code == ERROR_NOT_FOUND && record.id)
			(void)!module_store_remove(place->folder, id, &ignored);
		return err->code;
	}
	if (record.id && is_others(&record, &module))
		(void)!save_record(
		    place, &module, MODULE_FOREIGN, false, &ignored);
	else if (record.id && record.state == MODULE_BEGUN)
		return give_keys(place, &module, &record, record.of_principal,
		    ret_module, err);
	*ret_module = TAKE_CONTENTS(module);
	return ERROR_NONE;
}

/* ---- a place, for as long as a call lasts ---- */

struct visit {
	struct hub_session session;
	char *folder;
	struct module_place place;
};

static void
visit_done(struct visit *visit)
{
	hub_session_done(&visit->session);
	free(visit->folder);
}

/* What needs the hub needs credentials; visit must not be moved. */
static enum error_code
open_visit(struct modules *modules, const struct dps_assignment *assignment,
    struct visit *visit, struct error *err)
{
	if (hub_session_open(
		modules->config, assignment, &visit->session, err) ||
	    module_store_folder(modules->state, assignment->hub,
		assignment->device_id, &visit->folder, err))
		return err->code;
	visit->place = (struct module_place){
	    .modules = modules,
	    .access = &visit->session.access,
	    .folder = visit->folder,
	};
	return ERROR_NONE;
}

enum error_code
modules_list(struct modules *modules, const struct dps_assignment *assignment,
    struct hub_modules *ret_list, struct error *err)
{
	CLEANUP_DONE(visit) struct visit visit = {0};

	if (open_visit(modules, assignment, &visit, err))
		return err->code;
	return hub_module_list(&visit.session.access, ret_list, err);
}

/* A module that is just being made is waited for. */
static enum error_code
get_from_hub(struct modules *modules, const struct dps_assignment *assignment,
    const char *id, const struct module_record *record,
    struct hub_module *ret_module, struct error *err)
{
	CLEANUP_DONE(visit) struct visit visit = {0};
	enum error_code code;

	if (open_visit(modules, assignment, &visit, err))
		return err->code;
	if (!record->id || record->state != MODULE_BEGUN)
		return look_up(&visit.place, id, record, ret_module, err);
	(void)pthread_mutex_lock(&modules->changing);
	code = finish(&visit.place, id, ret_module, err);
	(void)pthread_mutex_unlock(&modules->changing);
	return code;
}

bool
modules_asks_hub(const struct modules *modules,
    const struct dps_assignment *assignment, const char *id)
{
	CLEANUP(string) char *folder = NULL;
	CLEANUP_DONE(module_record) struct module_record record = {0};
	struct error ignored;

	return !modules->config->prefer_module_identity_cache ||
	       hub_module_id_check(id, &ignored) ||
	       module_store_folder(modules->state, assignment->hub,
		   assignment->device_id, &folder, &ignored) ||
	       module_recall(folder, id, &record, &ignored) ||
	       !says_something(&record);
}

enum error_code
modules_get(struct modules *modules, const struct dps_assignment *assignment,
    const char *id, struct hub_module *ret_module, struct error *err)
{
	CLEANUP(string) char *folder = NULL;
	CLEANUP_DONE(module_record) struct module_record record = {0};
	struct error ignored;

	if (hub_module_id_check(id, err) ||
	    module_store_folder(modules->state, assignment->hub,
		assignment->device_id, &folder, err) ||
	    module_recall(folder, id, &record, err))
		return err->code;
	if (modules->config->prefer_module_identity_cache &&
	    recall(&record, ret_module, &ignored) == ERROR_NONE)
		return ERROR_NONE;
	if (get_from_hub(modules, assignment, id, &record, ret_module, err) ==
	    ERROR_NONE)
		return ERROR_NONE;
	if (err->code != ERROR_NOT_FOUND &&
	    recall(&record, ret_module, &ignored) == ERROR_NONE)
		return ERROR_NONE;
	return err->code;
}

/* ---- changes ---- */

typedef enum error_code module_change(const struct module_place *place,
    const char *id, struct hub_module *ret_module, struct error *err);

static enum error_code
make_for_caller(const struct module_place *place, const char *id,
    struct hub_module *ret_module, struct error *err)
{
	return module_make(place, id, false, ret_module, err);
}

static enum error_code
remove_for_caller(const struct module_place *place, const char *id,
    struct hub_module *ret_module, struct error *err)
{
	(void)ret_module;
	return module_remove(place, id, err);
}

static enum error_code
make_change(struct modules *modules, const struct dps_assignment *assignment,
    const char *id, module_change *change, struct hub_module *ret_module,
    struct error *err)
{
	CLEANUP_DONE(visit) struct visit visit = {0};
	enum error_code code;

	if (hub_module_id_check(id, err) ||
	    open_visit(modules, assignment, &visit, err))
		return err->code;
	(void)pthread_mutex_lock(&modules->changing);
	code = change(&visit.place, id, ret_module, err);
	(void)pthread_mutex_unlock(&modules->changing);
	return code;
}

enum error_code
modules_make(struct modules *modules, const struct dps_assignment *assignment,
    const char *id, struct hub_module *ret_module, struct error *err)
{
	return make_change(
	    modules, assignment, id, make_for_caller, ret_module, err);
}

enum error_code
modules_renew(struct modules *modules, const struct dps_assignment *assignment,
    const char *id, struct hub_module *ret_module, struct error *err)
{
	return make_change(
	    modules, assignment, id, module_renew, ret_module, err);
}

enum error_code
modules_remove(struct modules *modules, const struct dps_assignment *assignment,
    const char *id, struct error *err)
{
	return make_change(
	    modules, assignment, id, remove_for_caller, NULL, err);
}
