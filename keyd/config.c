/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "common/uri.h"
#include "handles.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct config_field token_fields[] = {
    {.key = "module",
     .type = CONFIG_PATH,
     .offset = offsetof(struct keyd_token_settings,       module)},
    { .key = "uri",
     .type = CONFIG_URI,
     .offset = offsetof(struct keyd_token_settings, uri),
     .flags = CONFIG_REQUIRED | CONFIG_SECRET},
};
static const struct config_table token_table = {.fields = token_fields,
    .count = COUNT(token_fields),
    .size = sizeof(struct keyd_token_settings)};

static const struct config_field principal_fields[] = {
    {.key = "user",
     .type = CONFIG_STRING,
     .offset = offsetof(struct keyd_principal, user),
     .flags = CONFIG_REQUIRED},
    {.key = "keys",
     .type = CONFIG_STRINGS,
     .offset = offsetof(struct keyd_principal, keys),
     .flags = CONFIG_REQUIRED},
};
static const struct config_table principal_table = {.fields = principal_fields,
    .count = COUNT(principal_fields),
    .size = sizeof(struct keyd_principal)};

static const struct config_field keyd_fields[] = {
    {.key = "token",
     .type = CONFIG_SECTION,
     .offset = offsetof(struct keyd_config,        token),
     .table = &token_table},
    {.key = "preloaded_keys",
     .type = CONFIG_MAP,
     .offset = offsetof(struct keyd_config,                           preloaded_keys),
     .flags = CONFIG_SECRET},
    {.key = "principals",
     .type = CONFIG_LIST,
     .offset = offsetof(struct keyd_config, principals),
     .table = &principal_table},
    {.key = "sessions",
     .type = CONFIG_UNSIGNED,
     .offset = offsetof(struct keyd_config,                  sessions)       },
};
const struct config_table keyd_config_table = {.fields = keyd_fields,
    .count = COUNT(keyd_fields),
    .size = sizeof(struct keyd_config)};

void
keyd_config_done(struct keyd_config *config)
{
	config_done(&keyd_config_table, config);
}

static enum error_code
check_preloaded_key(
    const char *path, const struct config_pair *pair, struct error *err)
{
	CLEANUP(uri) struct uri *uri = NULL;

	if (!pair->value)
		return error_set(err, ERROR_INVALID,
		    "%s:%u: preloaded key '%s' must be one URI", path,
		    pair->line, pair->key);
	if (strcmp(pair->key, HANDLES_RESERVED_ID) == 0)
		return error_set(err, ERROR_INVALID,
		    "%s:%u: the key id '%s' is reserved", path, pair->line,
		    pair->key);
	if (uri_parse(pair->value, &uri, err))
		return error_wrap(err, "%s:%u: preloaded key '%s'", path,
		    pair->line, pair->key);
	return ERROR_NONE;
}

enum error_code
keyd_config_load(
    const char *path, struct keyd_config *ret_config, struct error *err)
{
	struct keyd_config config = {0};

	if (config_load_with_dropins(path, &keyd_config_table, &config, err))
		return err->code;
	for (size_t i = 0; i < config.preloaded_keys.count; i++)
		if (check_preloaded_key(
			path, &config.preloaded_keys.items[i], err)) {
			keyd_config_done(&config);
			return err->code;
		}
	*ret_config = config;
	return ERROR_NONE;
}

static enum error_code
add_principal(
    struct acl *acl, const struct keyd_principal *principal, struct error *err)
{
	for (size_t i = 0; i < principal->keys.count; i++)
		if (acl_add(
			acl, principal->user, principal->keys.items[i], err))
			return error_wrap(err, "principals");
	return ERROR_NONE;
}

enum error_code
keyd_config_acl(
    const struct keyd_config *config, struct acl **ret_acl, struct error *err)
{
	const struct keyd_principal *principals = config->principals.items;
	CLEANUP(acl) struct acl *acl = NULL;

	if (acl_create(&acl, err))
		return err->code;
	for (size_t i = 0; i < config->principals.count; i++)
		if (add_principal(acl, &principals[i], err))
			return err->code;
	*ret_acl = TAKE(acl);
	return ERROR_NONE;
}
