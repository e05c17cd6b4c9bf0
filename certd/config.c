/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "profile.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define LOCAL_CA "local_ca"

static const char *const methods[] = {LOCAL_CA, NULL};

#define CA(member) offsetof(struct config_local_ca, member)

static const struct config_field ca_fields[] = {
    {"cert", CONFIG_STRING, CA(cert), CONFIG_REQUIRED, NULL, NULL},
    {"pk",   CONFIG_STRING, CA(pk),   CONFIG_REQUIRED, NULL, NULL},
};

static const struct config_table ca_table = {ca_fields, COUNT(ca_fields),
    sizeof(struct config_local_ca),
    CONFIG_PRESENT(struct config_local_ca, present)};

#define ISSUANCE(member) offsetof(struct config_issuance, member)

static const struct config_field issuance_fields[] = {
    {"method",      CONFIG_STRING,   ISSUANCE(method),      CONFIG_REQUIRED, NULL, methods},
    {"expiry_days", CONFIG_UNSIGNED, ISSUANCE(expiry_days), 0,               NULL, NULL   },
    {"common_name", CONFIG_STRING,   ISSUANCE(common_name), 0,               NULL, NULL   },
};

static const struct config_table issuance_table = {
    issuance_fields, COUNT(issuance_fields), sizeof(struct config_issuance), 0};

#define ISSUING(member) offsetof(struct config_cert_issuance, member)

static const struct config_field issuing_fields[] = {
    {LOCAL_CA, CONFIG_SECTION,  ISSUING(local_ca), 0, &ca_table,       NULL},
    {"certs",  CONFIG_SECTIONS, ISSUING(certs),    0, &issuance_table, NULL},
};

static const struct config_table issuing = {issuing_fields,
    COUNT(issuing_fields), sizeof(struct config_cert_issuance), 0};

#define PRINCIPAL(member) offsetof(struct config_principal, member)

static const struct config_field principal_fields[] = {
    {"user",  CONFIG_STRING,  PRINCIPAL(user),  CONFIG_REQUIRED, NULL, NULL},
    {"certs", CONFIG_STRINGS, PRINCIPAL(certs), CONFIG_REQUIRED, NULL, NULL},
};

static const struct config_table principal = {principal_fields,
    COUNT(principal_fields), sizeof(struct config_principal), 0};

#define CERTD(member) offsetof(struct certd_config, member)

static const struct config_field certd_fields[] = {
    {"preloaded_certs", CONFIG_MAP,     CERTD(preloaded_certs), 0, NULL,       NULL},
    {"cert_issuance",   CONFIG_SECTION, CERTD(cert_issuance),   0, &issuing,   NULL},
    {"principals",      CONFIG_LIST,    CERTD(principals),      0, &principal, NULL},
};

static const struct config_table certd_table = {
    certd_fields, COUNT(certd_fields), sizeof(struct certd_config), 0};

static enum error_code
check_issuance(const struct config_issuance *issuance,
    const struct config_local_ca *local_ca, struct error *err)
{
	if (issuance->expiry_days > PROFILE_EXPIRY_DAYS_MAX)
		return error_set(err, ERROR_INVALID,
		    "cert_issuance.certs.%s: expiry_days is %u, at most %d "
		    "are possible",
		    issuance->id, issuance->expiry_days,
		    PROFILE_EXPIRY_DAYS_MAX);
	if (strcmp(issuance->method, LOCAL_CA) == 0 && !local_ca->present)
		return error_set(err, ERROR_INVALID,
		    "cert_issuance.certs.%s: method local_ca needs the "
		    "section cert_issuance.local_ca",
		    issuance->id);
	return ERROR_NONE;
}

static enum error_code
check_config(const struct certd_config *config, struct error *err)
{
	const struct config_list *certs = &config->cert_issuance.certs;
	const struct config_issuance *issuances = certs->items;

	for (size_t i = 0; i < certs->count; i++)
		if (check_issuance(
			&issuances[i], &config->cert_issuance.local_ca, err))
			return err->code;
	return ERROR_NONE;
}

enum error_code
certd_config_load(
    const char *path, struct certd_config *ret_config, struct error *err)
{
	CLEANUP_DONE(certd_config) struct certd_config config = {0};

	if (config_load_with_dropins(path, &certd_table, &config, err))
		return err->code;
	if (check_config(&config, err))
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
	    check_config(&config, err))
		return err->code;
	*ret_config = TAKE_CONTENTS(config);
	return ERROR_NONE;
}

void
certd_config_done(struct certd_config *config)
{
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
