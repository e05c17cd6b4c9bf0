/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "audit.h"
#include "common/uri.h"
#include "key_id.h"
#include "store.h"

#define AUDIT_SIZE_MIN 65536U
#define AUDIT_FILES_MAX 10000U

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define SECRET CONFIG_SECRET
#define TOKEN(member) offsetof(struct keyd_token_settings, member)

static const struct config_field token_fields[] = {
    {"module",      CONFIG_PATH,   TOKEN(module),      0,                        NULL, NULL},
    {"module_args", CONFIG_STRING, TOKEN(module_args), 0,                        NULL, NULL},
    {"uri",         CONFIG_URI,    TOKEN(uri),         CONFIG_REQUIRED | SECRET, NULL, NULL},
};

static const struct config_table token_table = {
    token_fields, COUNT(token_fields), sizeof(struct keyd_token_settings), 0};

#define PRINCIPAL(member) offsetof(struct keyd_principal, member)

static const struct config_field principal_fields[] = {
    {"user",   CONFIG_STRING,  PRINCIPAL(user),   CONFIG_REQUIRED, NULL, NULL},
    {"keys",   CONFIG_STRINGS, PRINCIPAL(keys),   CONFIG_REQUIRED, NULL, NULL},
    {"rights", CONFIG_STRINGS, PRINCIPAL(rights), 0,               NULL, NULL},
};

static const struct config_table principal_table = {principal_fields,
    COUNT(principal_fields), sizeof(struct keyd_principal), 0};

#define KEYD(member) offsetof(struct keyd_config, member)

static const struct config_field keyd_fields[] = {
    {"token",	      CONFIG_SECTION,  KEYD(token),              0,      &token_table,     NULL},
    {"preloaded_keys",     CONFIG_MAP,      KEYD(preloaded_keys),     SECRET, NULL,             NULL},
    {"principals",         CONFIG_LIST,     KEYD(principals),         0,      &principal_table, NULL},
    {"sessions",           CONFIG_UNSIGNED, KEYD(sessions),           0,      NULL,             NULL},
    {"token_timeout",      CONFIG_UNSIGNED, KEYD(token_timeout),      0,      NULL,             NULL},
    {"generation_timeout", CONFIG_UNSIGNED, KEYD(generation_timeout), 0,      NULL,
     NULL											   },
    {"audit",	      CONFIG_STRING,   KEYD(audit),              0,      NULL,             NULL},
    {"audit_max_size",     CONFIG_UNSIGNED, KEYD(audit_max_size),     0,      NULL,             NULL},
    {"audit_files",        CONFIG_UNSIGNED, KEYD(audit_files),        0,      NULL,             NULL},
};

const struct config_table keyd_config_table = {
    keyd_fields, COUNT(keyd_fields), sizeof(struct keyd_config), 0};

void
keyd_config_done(struct keyd_config *config)
{
	config_done(&keyd_config_table, config);
}

static enum error_code
check_preloaded_key(const struct config_pair *pair, struct error *err)
{
	CLEANUP(uri) struct uri *uri = NULL;

	if (key_id_check(pair->key, err))
		return err->code;
	if (key_id_is_reserved(pair->key))
		return error_set(err, ERROR_INVALID, "this id is reserved");
	if (!pair->value)
		return error_set(err, ERROR_INVALID, "it must be one URI");
	return uri_parse(pair->value, &uri, err);
}

/* They are for one module, and the registered ones have their own. */
static enum error_code
check_token(const char *path, const struct keyd_token_settings *token,
    struct error *err)
{
	if (token->module_args && !token->module)
		return error_set(err, ERROR_INVALID,
		    "%s: token.module_args is of no effect without "
		    "token.module; a registered module has "
		    "x-init-reserved in its p11-kit file",
		    path);
	return ERROR_NONE;
}

static enum error_code
check_limit(const char *path, const char *key, unsigned value, unsigned most,
    struct error *err)
{
	if (value <= most)
		return ERROR_NONE;
	return error_set(err, ERROR_INVALID,
	    "%s: '%s' is %u, at most %u make sense", path, key, value, most);
}

static enum error_code
check_audit(
    const char *path, const struct keyd_config *config, struct error *err)
{
	enum audit_mode mode;

	if (audit_mode_parse(config->audit, &mode, err))
		return error_wrap(err, "%s", path);
	if (config->audit_max_size && config->audit_max_size < AUDIT_SIZE_MIN)
		return error_set(err, ERROR_INVALID,
		    "%s: 'audit_max_size' is %u bytes, at least %u make sense",
		    path, config->audit_max_size, AUDIT_SIZE_MIN);
	return check_limit(
	    path, "audit_files", config->audit_files, AUDIT_FILES_MAX, err);
}

static enum error_code
check(const char *path, const struct keyd_config *config, struct error *err)
{
	for (size_t i = 0; i < config->preloaded_keys.count; i++) {
		const struct config_pair *pair =
		    &config->preloaded_keys.items[i];

		if (check_preloaded_key(pair, err))
			return error_wrap(err, "%s:%u: preloaded key '%s'",
			    path, pair->line, pair->key);
	}
	if (check_token(path, &config->token, err) ||
	    check_audit(path, config, err))
		return err->code;
	if (check_limit(path, "sessions", config->sessions,
		KEY_STORE_SESSIONS_MAX, err) ||
	    check_limit(path, "token_timeout", config->token_timeout,
		KEY_STORE_TIMEOUT_MAX, err))
		return err->code;
	return check_limit(path, "generation_timeout",
	    config->generation_timeout, KEY_STORE_TIMEOUT_MAX, err);
}

enum error_code
keyd_config_load(
    const char *path, struct keyd_config *ret_config, struct error *err)
{
	CLEANUP_DONE(keyd_config) struct keyd_config config = {0};

	if (config_load_with_dropins(path, &keyd_config_table, &config, err) ||
	    check(path, &config, err))
		return err->code;
	*ret_config = TAKE_CONTENTS(config);
	return ERROR_NONE;
}

/* Who is given keys and no rights is to use them. */
static enum error_code
read_rights(const struct keyd_principal *principal, unsigned *ret_rights,
    struct error *err)
{
	unsigned rights = principal->rights.count == 0 ? ACL_USE : 0;
	unsigned right;

	for (size_t i = 0; i < principal->rights.count; i++) {
		if (acl_right_parse(principal->rights.items[i], &right, err))
			return err->code;
		rights |= right;
	}
	*ret_rights = rights;
	return ERROR_NONE;
}

static enum error_code
add_principal(
    struct acl *acl, const struct keyd_principal *principal, struct error *err)
{
	unsigned rights;

	if (read_rights(principal, &rights, err))
		return error_wrap(err, "principals: '%s'", principal->user);
	for (size_t i = 0; i < principal->keys.count; i++)
		if (acl_add(acl, principal->user, principal->keys.items[i],
			rights, err))
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
	/* Who is named is given what is said there, also if it is root. */
	if (!acl_knows(acl, 0) && acl_add(acl, "0", "*", ACL_MANAGE, err))
		return err->code;
	*ret_acl = TAKE(acl);
	return ERROR_NONE;
}
