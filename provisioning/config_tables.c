/* SPDX-License-Identifier: MIT */
/* The keys of provisiond/config.yaml. */
#include "config.h"

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

static const char *const sources[] = {"dps", "manual", "none", NULL};
static const char *const attestation_methods[] = {
    "x509", "symmetric_key", "tpm", NULL};
static const char *const authentication_methods[] = {"x509", "sas", NULL};
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

/* What attestation and authentication share. */
#define CREDENTIAL_FIELDS                                                      \
	FIELD(attestation_settings, identity_cert, CONFIG_STRING,              \
	    CONFIG_OPTIONAL),                                                  \
	    NESTED("identity_cert", attestation_settings, issuance,            \
		CONFIG_SECTION, CONFIG_OPTIONAL, issuance_table),              \
	    FIELD(attestation_settings, identity_pk, CONFIG_STRING,            \
		CONFIG_OPTIONAL)

static const struct config_field attestation_fields[] = {
    CHOICE(attestation_settings, method, attestation_methods),
    FIELD(
	attestation_settings, registration_id, CONFIG_STRING, CONFIG_OPTIONAL),
    FIELD(attestation_settings, symmetric_key, CONFIG_STRING, CONFIG_OPTIONAL),
    FIELD(attestation_settings, group_key, CONFIG_STRING, CONFIG_OPTIONAL),
    CREDENTIAL_FIELDS,
};
static const struct config_table attestation_table = {
    .fields = attestation_fields,
    .count = COUNT(attestation_fields),
    .size = sizeof(struct attestation_settings),
    .present = CONFIG_PRESENT(struct attestation_settings, present),
};

static const struct config_field authentication_fields[] = {
    CHOICE(attestation_settings, method, authentication_methods),
    {.key = "device_id_pk",
							    .type = CONFIG_STRING,
							    .offset = offsetof(struct attestation_settings, symmetric_key)},
    CREDENTIAL_FIELDS,
};
static const struct config_table authentication_table = {
    .fields = authentication_fields,
    .count = COUNT(authentication_fields),
    .size = sizeof(struct attestation_settings),
    .present = CONFIG_PRESENT(struct attestation_settings, present),
};

static const struct config_field payload_fields[] = {
    FIELD(payload_settings, uri, CONFIG_URI, CONFIG_REQUIRED),
};
static const struct config_table payload_table = {
    .fields = payload_fields,
    .count = COUNT(payload_fields),
    .size = sizeof(struct payload_settings),
};

#define PROVISIONING(member, kind)                                             \
	FIELD(provisioning_settings, member, kind, CONFIG_OPTIONAL)

static const struct config_field provisioning_fields[] = {
    CHOICE(provisioning_settings, source, sources),
    PROVISIONING(local_gateway_hostname, CONFIG_STRING),
    PROVISIONING(global_endpoint, CONFIG_STRING),
    PROVISIONING(scope_id, CONFIG_STRING),
    NESTED("payload", provisioning_settings, payload, CONFIG_SECTION,
	CONFIG_OPTIONAL, payload_table),
    NESTED("attestation", provisioning_settings, attestation, CONFIG_SECTION,
	CONFIG_OPTIONAL, attestation_table),
    PROVISIONING(always_reprovision_on_startup, CONFIG_BOOL),
    PROVISIONING(dynamic_reprovisioning, CONFIG_BOOL),
    PROVISIONING(iothub_hostname, CONFIG_STRING),
    PROVISIONING(device_id, CONFIG_STRING),
    NESTED("authentication", provisioning_settings, authentication,
	CONFIG_SECTION, CONFIG_OPTIONAL, authentication_table),
};
static const struct config_table provisioning_table = {
    .fields = provisioning_fields,
    .count = COUNT(provisioning_fields),
    .size = sizeof(struct provisioning_settings),
};

static const char *const localid_types[] = {"x509", NULL};
static const char *const localid_attributes[] = {"client", "server", NULL};
static const struct config_field principal_localid_fields[] = {
    CHOICE(principal_localid, type, localid_types),
    {.key = "attributes",
					      .type = CONFIG_STRING,
					      .offset = offsetof(struct principal_localid, attributes),
					      .choices = localid_attributes},
};
static const struct config_table principal_localid_table = {
    .fields = principal_localid_fields,
    .count = COUNT(principal_localid_fields),
    .size = sizeof(struct principal_localid),
};

static const struct config_field principal_fields[] = {
    FIELD(principal_settings, user, CONFIG_STRING, CONFIG_REQUIRED),
    FIELD(principal_settings, name, CONFIG_STRING, CONFIG_OPTIONAL),
    FIELD(principal_settings, identity, CONFIG_STRINGS, CONFIG_OPTIONAL),
    NESTED("localid", principal_settings, localid, CONFIG_SECTION,
	CONFIG_OPTIONAL, principal_localid_table),
};
static const struct config_table principal_table = {
    .fields = principal_fields,
    .count = COUNT(principal_fields),
    .size = sizeof(struct principal_settings),
};

static const struct config_field localid_fields[] = {
    FIELD(localid_settings, domain, CONFIG_STRING, CONFIG_REQUIRED),
    FIELD(localid_settings, export_private_keys, CONFIG_BOOL, CONFIG_OPTIONAL),
};
static const struct config_table localid_table = {
    .fields = localid_fields,
    .count = COUNT(localid_fields),
    .size = sizeof(struct localid_settings),
};

static const struct config_field config_fields[] = {
    FIELD(config, hostname, CONFIG_STRING, CONFIG_OPTIONAL),
    FIELD(config, cloud_timeout_sec, CONFIG_UNSIGNED, CONFIG_OPTIONAL),
    FIELD(config, cloud_retries, CONFIG_UNSIGNED, CONFIG_OPTIONAL),
    FIELD(config, prefer_module_identity_cache, CONFIG_BOOL, CONFIG_OPTIONAL),
    NESTED("provisioning", config, provisioning, CONFIG_SECTION,
	CONFIG_REQUIRED, provisioning_table),
    NESTED("localid", config, localid, CONFIG_SECTION, CONFIG_OPTIONAL,
	localid_table),
    FIELD(config, trust_bundle_cert, CONFIG_URI, CONFIG_OPTIONAL),
    NESTED("principals", config, principals, CONFIG_LIST, CONFIG_OPTIONAL,
	principal_table),
};
const struct config_table provisiond_config_table = {
    .fields = config_fields,
    .count = COUNT(config_fields),
    .size = sizeof(struct config),
};
