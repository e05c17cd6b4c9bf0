/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "common/uri.h"
#include "preflight.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A key of the file that is called as the member that it goes to. */
#define FIELD(section, member, kind, needed)                                   \
	{                                                                      \
		.key = #member, .type = (kind),                                \
		.offset = offsetof(struct section, member), .flags = (needed)  \
	}
#define CHOICE(section, member, list)                                          \
	{                                                                      \
		.key = #member, .type = CONFIG_STRING,                         \
		.offset = offsetof(struct section, member),                    \
		.flags = CONFIG_REQUIRED, .choices = (list)                    \
	}
#define NESTED(name, section, member, kind, needed, inner)                     \
	{                                                                      \
		.key = (name), .type = (kind),                                 \
		.offset = offsetof(struct section, member), .flags = (needed), \
		.table = &(inner)                                              \
	}

static const char *const sources[] = {"dps", NULL};
static const char *const attestation_methods[] = {"x509", NULL};
static const char *const issuance_methods[] = {
    "local_ca", "est", "self_signed", NULL};

static const struct config_field issuance_fields[] = {
    CHOICE(issuance_settings, method, issuance_methods),
    FIELD(issuance_settings, common_name, CONFIG_STRING, CONFIG_OPTIONAL),
    FIELD(issuance_settings, expiry_days, CONFIG_UNSIGNED, CONFIG_OPTIONAL),
};
static const struct config_table issuance_table = {
    .fields = issuance_fields,
    .count = COUNT(issuance_fields),
    .size = sizeof(struct issuance_settings),
    .present = CONFIG_PRESENT(struct issuance_settings, present),
};

static const struct config_field attestation_fields[] = {
    CHOICE(attestation_settings, method, attestation_methods),
    FIELD(
	attestation_settings, registration_id, CONFIG_STRING, CONFIG_OPTIONAL),
    FIELD(attestation_settings, identity_cert, CONFIG_STRING, CONFIG_OPTIONAL),
    NESTED("identity_cert", attestation_settings, issuance, CONFIG_SECTION,
	CONFIG_OPTIONAL, issuance_table),
    FIELD(attestation_settings, identity_pk, CONFIG_STRING, CONFIG_OPTIONAL),
};
static const struct config_table attestation_table = {
    .fields = attestation_fields,
    .count = COUNT(attestation_fields),
    .size = sizeof(struct attestation_settings),
};

static const struct config_field provisioning_fields[] = {
    CHOICE(provisioning_settings, source, sources),
    FIELD(
	provisioning_settings, global_endpoint, CONFIG_STRING, CONFIG_REQUIRED),
    FIELD(provisioning_settings, scope_id, CONFIG_STRING, CONFIG_REQUIRED),
    NESTED("attestation", provisioning_settings, attestation, CONFIG_SECTION,
	CONFIG_REQUIRED, attestation_table),
    FIELD(provisioning_settings, always_reprovision_on_startup, CONFIG_BOOL,
	CONFIG_OPTIONAL),
    FIELD(provisioning_settings, dynamic_reprovisioning, CONFIG_BOOL,
	CONFIG_OPTIONAL),
};
static const struct config_table provisioning_table = {
    .fields = provisioning_fields,
    .count = COUNT(provisioning_fields),
    .size = sizeof(struct provisioning_settings),
};

static const struct config_field principal_fields[] = {
    FIELD(principal_settings, user, CONFIG_STRING, CONFIG_REQUIRED),
    FIELD(principal_settings, name, CONFIG_STRING, CONFIG_OPTIONAL),
    FIELD(principal_settings, identity, CONFIG_STRINGS, CONFIG_OPTIONAL),
};
static const struct config_table principal_table = {
    .fields = principal_fields,
    .count = COUNT(principal_fields),
    .size = sizeof(struct principal_settings),
};

static const struct config_field config_fields[] = {
    NESTED("provisioning", config, provisioning, CONFIG_SECTION,
	CONFIG_REQUIRED, provisioning_table),
    FIELD(config, trust_bundle_cert, CONFIG_URI, CONFIG_OPTIONAL),
    NESTED("principals", config, principals, CONFIG_LIST, CONFIG_OPTIONAL,
	principal_table),
};
static const struct config_table config_table = {
    .fields = config_fields,
    .count = COUNT(config_fields),
    .size = sizeof(struct config),
};

void
provisiond_config_done(struct config *config)
{
	free(config->trust_bundle_path);
	config_done(&config_table, config);
}

static enum error_code
set_default(char **member, const char *text, struct error *err)
{
	if (!*member)
		*member = strdup(text);
	return *member ? ERROR_NONE : error_no_memory(err);
}

/* Its name must be known before there is a certificate that says it. */
static enum error_code
complete_issued(struct attestation_settings *attestation, struct error *err)
{
	const char *name = attestation->issuance.common_name;

	if (attestation->identity_cert)
		return error_set(err, ERROR_INVALID,
		    "identity_cert is given both as an id and as a mapping");
	if (!name && !attestation->registration_id)
		return error_set(err, ERROR_INVALID,
		    "identity_cert is to be issued: give registration_id, or "
		    "common_name in identity_cert");
	if (name && attestation->registration_id &&
	    strcasecmp(name, attestation->registration_id) != 0)
		return error_set(err, ERROR_INVALID,
		    "registration_id is '%s', but identity_cert is to be "
		    "issued for '%s': they must be the same",
		    attestation->registration_id, name);
	if (!attestation->registration_id &&
	    set_default(&attestation->registration_id, name, err))
		return err->code;
	if (set_default(&attestation->identity_cert, DEVICE_ID, err))
		return err->code;
	return set_default(&attestation->identity_pk, DEVICE_ID, err);
}

static enum error_code
complete_attestation(
    struct attestation_settings *attestation, struct error *err)
{
	if (attestation->issuance.present) {
		if (complete_issued(attestation, err))
			return err->code;
	} else if (!attestation->identity_cert || !attestation->identity_pk)
		return error_set(err, ERROR_INVALID,
		    "attestation needs both identity_cert and identity_pk");
	if (!attestation->registration_id)
		return ERROR_NONE;
	if (registration_id_check(attestation->registration_id, err))
		return error_wrap(
		    err, "registration_id '%s'", attestation->registration_id);
	return ERROR_NONE;
}

static enum error_code
check_endpoint(const char *endpoint, struct error *err)
{
	static const char scheme[] = "https://";
	const char *host = endpoint + sizeof(scheme) - 1;

	if (strncasecmp(endpoint, scheme, sizeof(scheme) - 1) != 0 ||
	    *host == '\0' || host[strcspn(host, "?#@ ")] != '\0')
		return error_set(err, ERROR_INVALID,
		    "global_endpoint '%s' is no URL such as "
		    "https://global.azure-devices-provisioning.net",
		    endpoint);
	return ERROR_NONE;
}

static enum error_code
complete_trust(struct config *config, struct error *err)
{
	CLEANUP(uri) struct uri *uri = NULL;

	if (!config->trust_bundle_cert)
		return ERROR_NONE;
	if (uri_parse(config->trust_bundle_cert, &uri, err))
		return error_wrap(err, "trust_bundle_cert");
	if (uri_kind(uri) != URI_FILE)
		return error_set(err, ERROR_INVALID,
		    "trust_bundle_cert must be a file URI such as "
		    "file:///etc/signet/root.pem");
	return set_default(&config->trust_bundle_path, uri_file_path(uri), err);
}

static enum error_code
complete(struct config *config, struct error *err)
{
	if (check_endpoint(config->provisioning.global_endpoint, err) ||
	    complete_attestation(&config->provisioning.attestation, err))
		return err->code;
	return complete_trust(config, err);
}

enum error_code
provisiond_config_load(
    const char *path, struct config *ret_config, struct error *err)
{
	/* As IoT Edge 1.1: DPS is asked at each start unless told otherwise. */
	*ret_config =
	    (struct config){.provisioning.always_reprovision_on_startup = true};
	if (config_load_with_dropins(path, &config_table, ret_config, err))
		return err->code;
	if (complete(ret_config, err) == ERROR_NONE)
		return ERROR_NONE;
	provisiond_config_done(ret_config);
	return error_wrap(err, "%s", path);
}
