/* SPDX-License-Identifier: MIT */
/* The keys of the operator's configuration. */
#include "super_config.h"

#define MEMBER(section, member) offsetof(struct super_##section, member)

/* A key of a section, and the member of its struct that has the same name. */
#define KEY(section, member, kind, flag)                                       \
	{                                                                      \
		.key = #member, .type = CONFIG_##kind,                         \
		.offset = MEMBER(section, member), .flags = CONFIG_##flag      \
	}
/* A required text, one of those in list. */
#define CHOICE(section, member, list)                                          \
	{                                                                      \
		.key = #member, .type = CONFIG_STRING,                         \
		.offset = MEMBER(section, member), .flags = CONFIG_REQUIRED,   \
		.choices = list                                                \
	}
/* The same, optional. */
#define OPTION(section, member, list)                                          \
	{                                                                      \
		.key = #member, .type = CONFIG_STRING,                         \
		.offset = MEMBER(section, member), .choices = list             \
	}
/* A key with a section, or several, under it. */
#define NESTED(section, name, member, kind, inner)                             \
	{                                                                      \
		.key = #name, .type = CONFIG_##kind,                           \
		.offset = MEMBER(section, member), .table = inner              \
	}
/* A key that is let in and not read. */
#define IGNORED(name)                                                          \
	{                                                                      \
		.key = #name, .type = CONFIG_IGNORED                           \
	}
#define TABLE(section, fields, present)                                        \
	{                                                                      \
		fields, sizeof(fields) / sizeof((fields)[0]),                  \
		    sizeof(struct super_##section), present                    \
	}
#define TELLS_PRESENCE(section) CONFIG_PRESENT(struct super_##section, present)

static const char *const sources[] = {
    "dps", "manual", "none", "external", NULL};
static const char *const attestations[] = {
    "x509", "symmetric_key", "tpm", NULL};
static const char *const authentications[] = {"x509", "sas", NULL};
static const char *const reprovisioning_modes[] = {
    "Dynamic", "AlwaysOnStartup", "OnErrorOnly", NULL};
static const char *const localid_types[] = {"x509", NULL};
static const char *const localid_attributes[] = {"client", "server", NULL};
static const char *const compatibilities[] = {"aziot", "none", NULL};
static const char *const secret_places[] = {"token", "file", NULL};
static const char *const session_copies[] = {"auto", "yes", "no", NULL};
static const char *const audit_modes[] = {
    "required", "best-effort", "off", NULL};
static const char *const issuers[] = {"local_ca", "est", "self_signed", NULL};

static const struct config_field token_fields[] = {
    KEY(token, module, PATH, OPTIONAL),
    KEY(token, module_args, STRING, OPTIONAL),
    KEY(token, uri, URI, REQUIRED),
};
static const struct config_table token_table =
    TABLE(token, token_fields, TELLS_PRESENCE(token));

static const struct config_field keyd_fields[] = {
    KEY(keyd, sessions, UNSIGNED, OPTIONAL),
    OPTION(keyd, session_copies, session_copies),
    KEY(keyd, token_timeout, UNSIGNED, OPTIONAL),
    KEY(keyd, generation_timeout, UNSIGNED, OPTIONAL),
    OPTION(keyd, audit, audit_modes),
    KEY(keyd, audit_max_size, UNSIGNED, OPTIONAL),
    KEY(keyd, audit_files, UNSIGNED, OPTIONAL),
};
static const struct config_table keyd_table = TABLE(keyd, keyd_fields, 0);
const struct config_table *const super_keyd_table = &keyd_table;

static const struct config_field tpm_authorization_fields[] = {
    KEY(tpm_authorization, endorsement, STRING, SECRET),
    KEY(tpm_authorization, owner, STRING, SECRET),
};
static const struct config_table tpm_authorization_table =
    TABLE(tpm_authorization, tpm_authorization_fields, 0);

static const struct config_field tpm_fields[] = {
    KEY(tpm, tcti, STRING, OPTIONAL),
    KEY(tpm, auth_key_index, UNSIGNED, OPTIONAL),
    NESTED(tpm, hierarchy_authorization, hierarchy_authorization, SECTION,
	&tpm_authorization_table),
    KEY(tpm, users, STRINGS, OPTIONAL),
};
static const struct config_table tpm_table = TABLE(tpm, tpm_fields, 0);
const struct config_table *const super_tpm_table = &tpm_table;

static const struct config_field localid_options_fields[] = {
    CHOICE(localid_options, type, localid_types),
    OPTION(localid_options, attributes, localid_attributes),
};
static const struct config_table localid_options_table =
    TABLE(localid_options, localid_options_fields, 0);

static const struct config_field principal_fields[] = {
    KEY(principal, user, STRING, REQUIRED),
    KEY(principal, keys, STRINGS, OPTIONAL),
    KEY(principal, rights, STRINGS, OPTIONAL),
    KEY(principal, certs, STRINGS, OPTIONAL),
    KEY(principal, name, STRING, OPTIONAL),
    KEY(principal, identity, STRINGS, OPTIONAL),
    NESTED(principal, localid, localid, SECTION, &localid_options_table),
};
static const struct config_table principal_table =
    TABLE(principal, principal_fields, 0);

static const struct config_field issuance_fields[] = {
    CHOICE(issuance, method, issuers),
    KEY(issuance, expiry_days, UNSIGNED, OPTIONAL),
    KEY(issuance, common_name, STRING, OPTIONAL),
};
static const struct config_table issuance_table =
    TABLE(issuance, issuance_fields, TELLS_PRESENCE(issuance));

static const struct config_field local_ca_fields[] = {
    KEY(local_ca, cert, URI, OPTIONAL),
    KEY(local_ca, pk, URI, OPTIONAL),
};
static const struct config_table local_ca_table =
    TABLE(local_ca, local_ca_fields, TELLS_PRESENCE(local_ca));

static const struct config_field cert_issuance_fields[] = {
    NESTED(cert_issuance, local_ca, local_ca, SECTION, &local_ca_table),
    NESTED(cert_issuance, est, est, SECTION, &certd_est_table),
    NESTED(cert_issuance, renewal, renewal, SECTION, &certd_renewal_table),
    NESTED(cert_issuance, certs, certs, SECTIONS, &certd_issuance_table),
};
static const struct config_table cert_issuance_table =
    TABLE(cert_issuance, cert_issuance_fields, 0);

static const struct config_field secret_fields[] = {
    KEY(secret, value, STRING, SECRET),
    KEY(secret, uri, URI, SECRET),
};
static const struct config_table secret_table = TABLE(secret, secret_fields, 0);

/* A key that may be there in place, or as a section that says where it is. */
#define SYMMETRIC_KEY(name, member)                                            \
	{.key = #name,                                                         \
	    .type = CONFIG_STRING,                                             \
	    .offset = MEMBER(attestation, member.value),                       \
	    .flags = CONFIG_SECRET},                                           \
	    NESTED(attestation, name, member, SECTION, &secret_table)

/* What both attestation and authentication have. */
#define IDENTITY                                                               \
	KEY(attestation, identity_cert, URI, OPTIONAL),                        \
	    NESTED(attestation, identity_cert, identity_issued, SECTION,       \
		&issuance_table),                                              \
	    KEY(attestation, identity_pk, URI, OPTIONAL)

static const struct config_field attestation_fields[] = {
    CHOICE(attestation, method, attestations),
    KEY(attestation, registration_id, STRING, OPTIONAL),
    IDENTITY,
    SYMMETRIC_KEY(symmetric_key, symmetric_key),
    SYMMETRIC_KEY(group_key, group_key),
};
static const struct config_table attestation_table =
    TABLE(attestation, attestation_fields, TELLS_PRESENCE(attestation));

static const struct config_field authentication_fields[] = {
    CHOICE(attestation, method, authentications),
    IDENTITY,
    SYMMETRIC_KEY(device_id_pk, symmetric_key),
};
static const struct config_table authentication_table =
    TABLE(attestation, authentication_fields, TELLS_PRESENCE(attestation));

static const struct config_field payload_fields[] = {
    KEY(payload, uri, URI, REQUIRED),
};
static const struct config_table payload_table =
    TABLE(payload, payload_fields, 0);

static const struct config_field provisioning_fields[] = {
    CHOICE(provisioning, source, sources),
    KEY(provisioning, global_endpoint, STRING, OPTIONAL),
    KEY(provisioning, scope_id, STRING, OPTIONAL),
    NESTED(provisioning, payload, payload, SECTION, &payload_table),
    KEY(provisioning, registration_id, STRING, OPTIONAL),
    NESTED(provisioning, attestation, attestation, SECTION, &attestation_table),
    KEY(provisioning, always_reprovision_on_startup, BOOL, OPTIONAL),
    KEY(provisioning, dynamic_reprovisioning, BOOL, OPTIONAL),
    KEY(provisioning, iothub_hostname, STRING, OPTIONAL),
    KEY(provisioning, device_id, STRING, OPTIONAL),
    NESTED(provisioning, authentication, authentication, SECTION,
	&authentication_table),
    KEY(provisioning, endpoint, STRING, OPTIONAL),
};
static const struct config_table provisioning_table =
    TABLE(provisioning, provisioning_fields, TELLS_PRESENCE(provisioning));

static const struct config_field localid_fields[] = {
    KEY(localid, domain, STRING, REQUIRED),
    KEY(localid, export_private_keys, BOOL, OPTIONAL),
};
static const struct config_table localid_table =
    TABLE(localid, localid_fields, 0);

static const struct config_field edge_ca_fields[] = {
    KEY(edge_ca, cert, STRING, OPTIONAL),
    KEY(edge_ca, pk, STRING, OPTIONAL),
};
static const struct config_table edge_ca_table =
    TABLE(edge_ca, edge_ca_fields, TELLS_PRESENCE(edge_ca));

static const struct config_field super_fields[] = {
    NESTED(config, token, token, SECTION, &token_table),
    NESTED(config, keyd, keyd, SECTION, &keyd_table),
    NESTED(config, tpm, tpm, SECTION, &tpm_table),
    KEY(config, preloaded_keys, MAP, OPTIONAL),
    KEY(config, preloaded_certs, MAP, OPTIONAL),
    NESTED(config, principals, principals, LIST, &principal_table),
    KEY(config, bearer, STRINGS, OPTIONAL),
    OPTION(config, compat, compatibilities),
    OPTION(config, symmetric_keys, secret_places),
    NESTED(config, cert_issuance, cert_issuance, SECTION, &cert_issuance_table),
    KEY(config, manage_preloaded, BOOL, OPTIONAL),
    KEY(config, trust_bundle, STRING, OPTIONAL),
    KEY(config, trust_bundle_cert, URI, OPTIONAL),
    NESTED(config, provisioning, provisioning, SECTION, &provisioning_table),
    KEY(config, hostname, STRING, OPTIONAL),
    KEY(config, local_gateway_hostname, STRING, OPTIONAL),
    KEY(config, cloud_timeout_sec, STRING, OPTIONAL),
    KEY(config, cloud_retries, STRING, OPTIONAL),
    KEY(config, prefer_module_identity_cache, BOOL, OPTIONAL),
    OPTION(config, auto_reprovisioning_mode, reprovisioning_modes),
    NESTED(config, localid, localid, SECTION, &localid_table),
    NESTED(config, edge_ca, edge_ca, SECTION, &edge_ca_table),
    /* document_foreign_section() has the same. */
    IGNORED(agent),
    IGNORED(connect),
    IGNORED(listen),
    IGNORED(moby_runtime),
    IGNORED(homedir),
    IGNORED(watchdog),
    IGNORED(allow_elevated_docker_permissions),
    IGNORED(additional_info),
    IGNORED(manifest_trust_bundle_cert),
    IGNORED(image_garbage_collection),
    IGNORED(iotedge_max_requests),
    IGNORED(aziot_max_requests),
};
const struct config_table super_config_table = TABLE(config, super_fields, 0);
