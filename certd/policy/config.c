/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "policy.h"
#include "settings_macros.h"

static const char *const compatibilities[] = {"aziot", NULL};

static const struct config_field ca_fields[] = {
    NEEDED(config_local_ca, cert, STRING),
    NEEDED(config_local_ca, pk, STRING),
};
static const struct config_table ca_table =
    PRESENT_TABLE(config_local_ca, ca_fields);

static const struct config_field issuing_fields[] = {
    NESTED(config_cert_issuance, local_ca, SECTION, &ca_table),
    NESTED(config_cert_issuance, est, SECTION, &certd_est_table),
    NESTED(config_cert_issuance, renewal, SECTION, &certd_renewal_table),
    NESTED(config_cert_issuance, certs, SECTIONS, &certd_issuance_table),
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
const struct config_table certd_config_table =
    TABLE(certd_config, certd_fields);

enum error_code
certd_config_load(
    const char *path, struct certd_config *ret_config, struct error *err)
{
	CLEANUP_DONE(certd_config) struct certd_config config = {0};

	if (config_load_with_origins(
		path, &certd_config_table, &config, &config.origins, err))
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

	if (config_parse("text", text, strlen(text), &certd_config_table,
		&config, err) ||
	    policy_check(&config, err))
		return err->code;
	*ret_config = TAKE_CONTENTS(config);
	return ERROR_NONE;
}

void
certd_config_done(struct certd_config *config)
{
	config_origins_done(&config->origins);
	config_done(&certd_config_table, config);
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
