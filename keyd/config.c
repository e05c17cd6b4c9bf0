/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "common/uri.h"
#include "key_id.h"
#include "keyd/limits.h"
#include "store.h"

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

#define HIERARCHY(member) offsetof(struct keyd_tpm_authorization, member)

static const struct config_field hierarchy_fields[] = {
    {"endorsement", CONFIG_STRING, HIERARCHY(endorsement), SECRET, NULL, NULL},
    {"owner",       CONFIG_STRING, HIERARCHY(owner),       SECRET, NULL, NULL},
};

static const struct config_table hierarchy_table = {hierarchy_fields,
    COUNT(hierarchy_fields), sizeof(struct keyd_tpm_authorization), 0};

#define TPM(member) offsetof(struct keyd_tpm_settings, member)

static const struct config_field tpm_fields[] = {
    {"tcti",		    CONFIG_STRING,   TPM(tcti),                    0, NULL, NULL},
    {"auth_key_index",          CONFIG_UNSIGNED, TPM(auth_key_index),          0, NULL, NULL},
    {"hierarchy_authorization", CONFIG_SECTION,  TPM(hierarchy_authorization), 0,
     &hierarchy_table,								  NULL},
    {"users",		   CONFIG_STRINGS,  TPM(users),                   0, NULL, NULL},
};

static const struct config_table tpm_table = {tpm_fields, COUNT(tpm_fields),
    sizeof(struct keyd_tpm_settings),
    CONFIG_PRESENT(struct keyd_tpm_settings, present)};

#define KEYD(member) offsetof(struct keyd_config, member)

static const char *const compatibilities[] = {"aziot", NULL};
static const char *const places[] = {"token", "file", NULL};
static const char *const copies[] = {"auto", "yes", "no", NULL};

/* A key whose member has the same name. */
#define VALUE(name, kind)                                                      \
	{                                                                      \
		.key = #name, .type = CONFIG_##kind, .offset = KEYD(name)      \
	}
#define CHOICE(name, list)                                                     \
	{                                                                      \
		.key = #name, .type = CONFIG_STRING, .offset = KEYD(name),     \
		.choices = list                                                \
	}

static const struct config_field keyd_fields[] = {
    {"token",          CONFIG_SECTION, KEYD(token),          0,      &token_table,     NULL},
    {"preloaded_keys", CONFIG_MAP,     KEYD(preloaded_keys), SECRET, NULL,             NULL},
    {"principals",     CONFIG_LIST,    KEYD(principals),     0,      &principal_table, NULL},
    {"tpm",	    CONFIG_SECTION, KEYD(tpm),            0,      &tpm_table,       NULL},
    VALUE(bearer, STRINGS),
    CHOICE(compat, compatibilities),
    CHOICE(symmetric_keys, places),
    VALUE(sessions, UNSIGNED),
    CHOICE(session_copies, copies),
    VALUE(token_timeout, UNSIGNED),
    VALUE(generation_timeout, UNSIGNED),
    VALUE(audit, STRING),
    VALUE(audit_max_size, UNSIGNED),
    VALUE(audit_files, UNSIGNED),
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
	if (config->audit_max_size &&
	    config->audit_max_size < KEYD_AUDIT_SIZE_MIN)
		return error_set(err, ERROR_INVALID,
		    "%s: 'audit_max_size' is %u bytes, at least %u make sense",
		    path, config->audit_max_size, KEYD_AUDIT_SIZE_MIN);
	return check_limit(path, "audit_files", config->audit_files,
	    KEYD_AUDIT_FILES_MAX, err);
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
	if (check_limit(path, "tpm.auth_key_index", config->tpm.auth_key_index,
		KEYD_TPM_INDEX_MAX, err))
		return err->code;
	if (check_limit(
		path, "sessions", config->sessions, KEYD_SESSIONS_MAX, err) ||
	    check_limit(path, "token_timeout", config->token_timeout,
		KEYD_TIMEOUT_MAX, err))
		return err->code;
	return check_limit(path, "generation_timeout",
	    config->generation_timeout, KEYD_TIMEOUT_MAX, err);
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

enum error_code
keyd_config_parse(
    const char *text, struct keyd_config *ret_config, struct error *err)
{
	CLEANUP_DONE(keyd_config) struct keyd_config config = {0};

	if (config_parse(
		"text", text, strlen(text), &keyd_config_table, &config, err) ||
	    check("text", &config, err))
		return err->code;
	*ret_config = TAKE_CONTENTS(config);
	return ERROR_NONE;
}

bool
keyd_config_allows_files(const struct keyd_config *config)
{
	if (config->symmetric_keys)
		return strcmp(config->symmetric_keys, "file") == 0;
	return config->compat != NULL;
}

enum key_copies
keyd_config_copies(const struct keyd_config *config)
{
	const char *wanted = config->session_copies;

	if (!wanted || strcmp(wanted, "auto") == 0)
		return KEY_COPIES_AUTO;
	return strcmp(wanted, "yes") == 0 ? KEY_COPIES_YES : KEY_COPIES_NO;
}

/* ---- who may ---- */

/* Who is given keys and no rights is to use them; aziot knows no rights. */
static unsigned
default_rights(const struct keyd_config *config)
{
	return config->compat ? ACL_ALL : ACL_USE;
}

static enum error_code
add_principal(struct acl *acl, const struct keyd_principal *principal,
    unsigned rights, struct error *err)
{
	if (principal->rights.count > 0 &&
	    acl_rights_parse(
		principal->rights.items, principal->rights.count, &rights, err))
		return error_wrap(err, "principals: '%s'", principal->user);
	for (size_t i = 0; i < principal->keys.count; i++)
		if (acl_add(acl, principal->user, principal->keys.items[i],
			rights, err))
			return error_wrap(err, "principals");
	return ERROR_NONE;
}

/* Who is named is given what is said there, also if it is root. */
static enum error_code
add_root(struct acl *acl, const struct keyd_config *config, struct error *err)
{
	if (config->compat)
		return acl_add(acl, "0", "*", ACL_ALL, err);
	if (!acl_knows(acl, 0))
		return acl_add(acl, "0", "*", ACL_MANAGE, err);
	return ERROR_NONE;
}

static enum error_code
make_acl(
    const struct keyd_config *config, struct acl **ret_acl, struct error *err)
{
	const struct keyd_principal *principals = config->principals.items;
	CLEANUP(acl) struct acl *acl = NULL;

	if (acl_create(&acl, err))
		return err->code;
	for (size_t i = 0; i < config->principals.count; i++)
		if (add_principal(
			acl, &principals[i], default_rights(config), err))
			return err->code;
	if (add_root(acl, config, err))
		return err->code;
	*ret_acl = TAKE(acl);
	return ERROR_NONE;
}

static enum error_code
find_bearers(const struct config_strings *users, uid_t *uids, struct error *err)
{
	for (size_t i = 0; i < users->count; i++)
		if (user_lookup(users->items[i], &uids[i], err))
			return error_wrap(err, "bearer");
	return ERROR_NONE;
}

enum error_code
keyd_config_access(const struct keyd_config *config, struct access **ret_access,
    struct error *err)
{
	struct access_settings settings = {
	    .bearer_count = config->bearer.count,
	    .aziot = config->compat,
	};
	uid_t *bearers = calloc(config->bearer.count + 1, sizeof(*bearers));
	enum error_code code;

	if (!bearers)
		return error_no_memory(err);
	settings.bearers = bearers;
	code = find_bearers(&config->bearer, bearers, err);
	if (code == ERROR_NONE)
		code = make_acl(config, &settings.acl, err);
	if (code == ERROR_NONE)
		code = access_create(&settings, ret_access, err);
	free(bearers);
	return code;
}
