/* SPDX-License-Identifier: MIT */
#include "module_keys.h"

#include <string.h>

#include "common/file.h"
#include "keyd/client.h"

#define USAGE "derive,sign"

void
module_key_pair_done(struct module_key_pair *keys)
{
	secret_free(keys->primary);
	secret_free(keys->secondary);
	*keys = (struct module_key_pair){0};
}

/* The handle of a derived key; which is "primary" or "secondary". */
static enum error_code
derive(struct unix_http *client, const char *master,
    const struct hub_module *module, const char *which, char **ret_handle,
    struct error *err)
{
	CLEANUP(string)
	char *data =
	    string_format("%s:%s:%s", module->id, module->generation_id, which);

	if (!data)
		return error_no_memory(err);
	return keyd_derive(client, master, data, strlen(data), ret_handle, err);
}

static enum error_code
export_one(struct unix_http *client, const char *master,
    const struct hub_module *module, const char *which, char **ret_base64,
    struct error *err)
{
	CLEANUP(string) char *handle = NULL;

	if (derive(client, master, module, which, &handle, err))
		return err->code;
	return keyd_export_derived(client, handle, ret_base64, err);
}

/* Whoever asks for keys needs the master key; it is made if there is none. */
static enum error_code
load_master(struct unix_http *client, char **ret_handle, struct error *err)
{
	if (keyd_load_key(client, MODULE_MASTER_KEY, ret_handle, err) ==
	    ERROR_NONE)
		return ERROR_NONE;
	if (err->code != ERROR_NOT_FOUND)
		return err->code;
	if (keyd_make_symmetric_key(
		client, MODULE_MASTER_KEY, NULL, 0, USAGE, err))
		return err->code;
	return keyd_load_key(client, MODULE_MASTER_KEY, ret_handle, err);
}

/*
 * That keyd denies us something must not look like the hub doing so, nor what
 * it cannot do like a failure of ours.
 */
static enum error_code
not_given(const struct hub_module *module, struct error *err)
{
	if (err->code == ERROR_DENIED)
		err->code = ERROR_INVALID;
	else if (err->code == ERROR_INTERNAL)
		err->code = ERROR_UPSTREAM;
	return error_wrap(err, "the key of module '%s'", module->id);
}

enum error_code
module_keys_export(const struct hub_module *module,
    struct module_key_pair *ret_keys, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(string) char *master = NULL;
	CLEANUP_DONE(module_key_pair) struct module_key_pair keys = {0};

	if (keyd_client_create(0, &client, err) ||
	    load_master(client, &master, err) ||
	    export_one(client, master, module, "primary", &keys.primary, err) ||
	    export_one(
		client, master, module, "secondary", &keys.secondary, err))
		return not_given(module, err);
	*ret_keys = TAKE_CONTENTS(keys);
	return ERROR_NONE;
}

enum error_code
module_keys_lend(const struct hub_module *module, uid_t uid, char **ret_handle,
    struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(string) char *master = NULL;
	CLEANUP(string) char *own = NULL;

	if (keyd_client_create(0, &client, err) ||
	    load_master(client, &master, err) ||
	    derive(client, master, module, "primary", &own, err) ||
	    keyd_delegate(client, own, uid, ret_handle, err))
		return not_given(module, err);
	return ERROR_NONE;
}
