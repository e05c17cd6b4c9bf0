/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "policy.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define LOCAL_CA "local_ca"

/* What policy.c and profile.c read. */
static const char *const methods[] = {"self_signed", LOCAL_CA, "est", NULL};
static const char *const profiles[] = {
    "device-identity", "server", "client", "ca", NULL};
static const char *const digests[] = {"sha256", "sha384", NULL};
static const char *const provers[] = {"user", "nobody", NULL};
static const char *const truths[] = {"true", "false", NULL};
static const char *const compatibilities[] = {"aziot", NULL};

/* A key whose member of the struct owner has the same name. */
#define VALUE(owner, name, kind)                                               \
	{                                                                      \
		.key = #name, .type = CONFIG_##kind,                           \
		.offset = offsetof(struct owner, name)                         \
	}
#define CHOICE(owner, name, list)                                              \
	{                                                                      \
		.key = #name, .type = CONFIG_STRING,                           \
		.offset = offsetof(struct owner, name), .choices = list        \
	}
#define NESTED(owner, name, kind, inner)                                       \
	{                                                                      \
		.key = #name, .type = CONFIG_##kind,                           \
		.offset = offsetof(struct owner, name), .table = inner         \
	}
#define NEEDED(owner, name, kind)                                              \
	{                                                                      \
		.key = #name, .type = CONFIG_##kind,                           \
		.offset = offsetof(struct owner, name),                        \
		.flags = CONFIG_REQUIRED                                       \
	}
#define SECRET(owner, name, kind)                                              \
	{                                                                      \
		.key = #name, .type = CONFIG_##kind,                           \
		.offset = offsetof(struct owner, name), .flags = CONFIG_SECRET \
	}
#define TABLE(owner, fields)                                                   \
	{                                                                      \
		fields, COUNT(fields), sizeof(struct owner), 0                 \
	}
#define PRESENT_TABLE(owner, fields)                                           \
	{                                                                      \
		fields, COUNT(fields), sizeof(struct owner),                   \
		    CONFIG_PRESENT(struct owner, present)                      \
	}

static const struct config_field ca_fields[] = {
    NEEDED(config_local_ca, cert, STRING),
    NEEDED(config_local_ca, pk, STRING),
};
static const struct config_table ca_table =
    PRESENT_TABLE(config_local_ca, ca_fields);

static const struct config_field est_fields[] = {
    VALUE(config_est, url, STRING),
    VALUE(config_est, trusted_certs, STRINGS),
    VALUE(config_est, fingerprint, STRING),
    VALUE(config_est, username, STRING),
    SECRET(config_est, password, STRING),
    VALUE(config_est, identity_cert, STRING),
    VALUE(config_est, identity_pk, STRING),
    VALUE(config_est, bootstrap_identity_cert, STRING),
    VALUE(config_est, bootstrap_identity_pk, STRING),
    VALUE(config_est, allow_http, BOOL),
};
static const struct config_table est_table = TABLE(config_est, est_fields);

static const struct config_field renewal_fields[] = {
    CHOICE(config_renewal, automatic, truths),
    VALUE(config_renewal, window, STRING),
    VALUE(config_renewal, retry, STRING),
    CHOICE(config_renewal, rotate_key, truths),
    CHOICE(config_renewal, prove, provers),
};
static const struct config_table renewal_table =
    PRESENT_TABLE(config_renewal, renewal_fields);

static const struct config_field issuance_fields[] = {
    {"method", CONFIG_STRING, offsetof(struct config_issuance, method),
     CONFIG_REQUIRED, NULL, methods},
    CHOICE(config_issuance, profile, profiles),
    VALUE(config_issuance, path_length, UNSIGNED),
    VALUE(config_issuance, expiry_days, UNSIGNED),
    CHOICE(config_issuance, digest, digests),
    VALUE(config_issuance, pk, STRING),
    VALUE(config_issuance, common_name, STRING),
    VALUE(config_issuance, subject, MAP),
    VALUE(config_issuance, accept, STRINGS),
    NESTED(config_issuance, issuer, SECTION, &ca_table),
    NESTED(config_issuance, est, SECTION, &est_table),
    NESTED(config_issuance, renewal, SECTION, &renewal_table),
    VALUE(config_issuance, on_renewed, STRING),
};
static const struct config_table issuance_table =
    TABLE(config_issuance, issuance_fields);

static const struct config_field issuing_fields[] = {
    NESTED(config_cert_issuance, local_ca, SECTION, &ca_table),
    NESTED(config_cert_issuance, est, SECTION, &est_table),
    NESTED(config_cert_issuance, renewal, SECTION, &renewal_table),
    NESTED(config_cert_issuance, certs, SECTIONS, &issuance_table),
};
static const struct config_table issuing =
    TABLE(config_cert_issuance, issuing_fields);

static const struct config_field principal_fields[] = {
    NEEDED(config_principal, user, STRING),
    NEEDED(config_principal, certs, STRINGS),
};
static const struct config_table principal =
    TABLE(config_principal, principal_fields);

static const struct config_field certd_fields[] = {
    VALUE(certd_config, preloaded_certs, MAP),
    NESTED(certd_config, cert_issuance, SECTION, &issuing),
    NESTED(certd_config, principals, LIST, &principal),
    VALUE(certd_config, trust_bundle, STRING),
    VALUE(certd_config, manage_preloaded, BOOL),
    CHOICE(certd_config, compat, compatibilities),
};
static const struct config_table certd_table =
    TABLE(certd_config, certd_fields);

enum error_code
certd_config_load(
    const char *path, struct certd_config *ret_config, struct error *err)
{
	CLEANUP_DONE(certd_config) struct certd_config config = {0};

	if (config_load_with_origins(
		path, &certd_table, &config, &config.origins, err))
		return err->code;
	if (policy_check(&config, err))
		return error_wrap(err, "%s", path);
	*ret_config = TAKE_CONTENTS(config);
	return ERROR_NONE;
}

enum error_code
certd_config_parse(
    const char *text, struct certd_config *ret_config, struct error *err)
{
	CLEANUP_DONE(certd_config) struct certd_config config = {0};

	if (config_parse(
		"text", text, strlen(text), &certd_table, &config, err) ||
	    policy_check(&config, err))
		return err->code;
	*ret_config = TAKE_CONTENTS(config);
	return ERROR_NONE;
}

void
certd_config_done(struct certd_config *config)
{
	config_origins_done(&config->origins);
	config_done(&certd_table, config);
}

const struct config_issuance *
certd_config_issuance(const struct certd_config *config, const char *id)
{
	const struct config_list *certs = &config->cert_issuance.certs;
	const struct config_issuance *issuances = certs->items;

	for (size_t i = 0; i < certs->count; i++)
		if (strcmp(issuances[i].id, id) == 0)
			return &issuances[i];
	return NULL;
}

static enum error_code
add_patterns(
    struct acl *acl, const struct config_principal *whose, struct error *err)
{
	for (size_t i = 0; i < whose->certs.count; i++)
		if (acl_add(acl, whose->user, whose->certs.items[i], ACL_MANAGE,
			err))
			return error_wrap(err, "principals");
	return ERROR_NONE;
}

enum error_code
certd_config_acl(
    const struct certd_config *config, struct acl **ret_acl, struct error *err)
{
	CLEANUP(acl) struct acl *acl = NULL;
	const struct config_principal *principals = config->principals.items;

	if (acl_create(&acl, err) || acl_add(acl, "0", "*", ACL_MANAGE, err))
		return err->code;
	for (size_t i = 0; i < config->principals.count; i++)
		if (add_patterns(acl, &principals[i], err))
			return err->code;
	*ret_acl = TAKE(acl);
	return ERROR_NONE;
}
