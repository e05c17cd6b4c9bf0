/* SPDX-License-Identifier: MIT */
#include "super_config.h"

#include <string.h>

#include "common/file.h"

#define FILE_MAX (1024 * 1024)

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

/* What is known elsewhere, too: check_structure() says what is not yet here. */
static const char *const sources[] = {"dps", "manual", "external", NULL};
static const char *const attestations[] = {
    "x509", "symmetric_key", "tpm", NULL};
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

static const struct config_field principal_fields[] = {
    KEY(principal, user, STRING, REQUIRED),
    KEY(principal, keys, STRINGS, OPTIONAL),
    KEY(principal, rights, STRINGS, OPTIONAL),
    KEY(principal, certs, STRINGS, OPTIONAL),
    KEY(principal, identity, STRINGS, OPTIONAL),
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
    KEY(local_ca, cert, URI, REQUIRED),
    KEY(local_ca, pk, URI, REQUIRED),
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

static const struct config_field attestation_fields[] = {
    CHOICE(attestation, method, attestations),
    KEY(attestation, registration_id, STRING, OPTIONAL),
    KEY(attestation, identity_cert, URI, OPTIONAL),
    NESTED(
	attestation, identity_cert, identity_issued, SECTION, &issuance_table),
    KEY(attestation, identity_pk, URI, OPTIONAL),
    KEY(attestation, symmetric_key, STRING, SECRET),
};
static const struct config_table attestation_table =
    TABLE(attestation, attestation_fields, TELLS_PRESENCE(attestation));

static const struct config_field provisioning_fields[] = {
    CHOICE(provisioning, source, sources),
    KEY(provisioning, global_endpoint, STRING, OPTIONAL),
    KEY(provisioning, scope_id, STRING, OPTIONAL),
    KEY(provisioning, registration_id, STRING, OPTIONAL),
    NESTED(provisioning, attestation, attestation, SECTION, &attestation_table),
    KEY(provisioning, always_reprovision_on_startup, BOOL, OPTIONAL),
    KEY(provisioning, dynamic_reprovisioning, BOOL, OPTIONAL),
    KEY(provisioning, device_connection_string, STRING, SECRET),
    KEY(provisioning, endpoint, STRING, OPTIONAL),
    IGNORED(authentication),
};
static const struct config_table provisioning_table =
    TABLE(provisioning, provisioning_fields, TELLS_PRESENCE(provisioning));

static const struct config_field super_fields[] = {
    NESTED(config, token, token, SECTION, &token_table),
    NESTED(config, keyd, keyd, SECTION, &keyd_table),
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
    /* Of IoT Edge 1.1; modules and their runtime are not Signet's. */
    IGNORED(agent),
    IGNORED(hostname),
    IGNORED(parent_hostname),
    IGNORED(watchdog),
    IGNORED(connect),
    IGNORED(listen),
    IGNORED(homedir),
    IGNORED(moby_runtime),
    IGNORED(certificates),
    IGNORED(allow_elevated_docker_permissions),
};
const struct config_table super_config_table = TABLE(config, super_fields, 0);

const char *
super_config_foreign(size_t i)
{
	for (size_t j = 0; j < super_config_table.count; j++)
		if (super_fields[j].type == CONFIG_IGNORED && i-- == 0)
			return super_fields[j].key;
	return NULL;
}

void
super_config_done(struct super_config *config)
{
	config_done(&super_config_table, config);
}

const struct config_issuance *
super_config_issuance(const struct super_config *config, const char *id)
{
	const struct config_list *certs = &config->cert_issuance.certs;
	const struct config_issuance *issued = certs->items;

	for (size_t i = 0; i < certs->count; i++)
		if (strcmp(issued[i].id, id) == 0)
			return &issued[i];
	return NULL;
}

struct super_issuance
super_config_device_issuance(const struct super_config *config)
{
	const struct super_attestation *attestation =
	    &config->provisioning.attestation;
	const struct config_issuance *issued =
	    super_config_issuance(config, ID_DEVICE);
	struct super_issuance issuance = attestation->identity_issued;

	if (issued && !issuance.expiry_days)
		issuance.expiry_days = issued->expiry_days;
	if (issued && !issuance.common_name)
		issuance.common_name = issued->common_name;
	if (!issuance.common_name)
		issuance.common_name = attestation->registration_id;
	return issuance;
}

/* What a file that says nothing of it means (IoT Edge 1.1's defaults). */
static const struct super_config defaults = {
    .provisioning.always_reprovision_on_startup = true};

enum error_code
super_config_parse(const char *name, const char *text, size_t length,
    struct super_config *ret_config, struct places *places, struct error *err)
{
	struct super_config config = defaults;

	if (config_parse(name, text, length, &super_config_table, &config, err))
		return err->code;
	if (places_add(places, name, text, length, err)) {
		super_config_done(&config);
		return err->code;
	}
	*ret_config = config;
	return ERROR_NONE;
}

static enum error_code
read_file(const char *path, struct super_config *ret_config,
    struct places *places, struct error *err)
{
	CLEANUP(secret) char *text = NULL;
	size_t length;

	if (file_read(path, FILE_MAX, &text, &length, err))
		return err->code;
	return super_config_parse(path, text, length, ret_config, places, err);
}

/* The size of what a top-level field of our table stores. */
static size_t
field_size(const struct config_field *field)
{
	switch (field->type) {
	case CONFIG_SECTION:
		return field->table->size;
	case CONFIG_MAP:
		return sizeof(struct config_map);
	case CONFIG_LIST:
	case CONFIG_SECTIONS:
		return sizeof(struct config_list);
	case CONFIG_STRINGS:
		return sizeof(struct config_strings);
	case CONFIG_STRING:
	case CONFIG_PATH:
	case CONFIG_URI:
		return sizeof(char *);
	case CONFIG_UNSIGNED:
		return sizeof(unsigned);
	case CONFIG_BOOL:
		return sizeof(bool);
	case CONFIG_IGNORED:
		break;
	}
	return 0;
}

/* Changes the contents of a and b. */
static void
swap(void *a, void *b, size_t size)
{
	unsigned char *left = a;
	unsigned char *right = b;

	for (size_t i = 0; i < size; i++) {
		unsigned char byte = left[i];

		left[i] = right[i];
		right[i] = byte;
	}
}

/* Takes the sections that places found in the file that was read last. */
static void
take_sections(struct super_config *config, struct super_config *over,
    const struct places *places)
{
	for (size_t i = 0; i < super_config_table.count; i++) {
		const struct config_field *field = &super_fields[i];

		if (places_last_has(places, field->key))
			swap((char *)config + field->offset,
			    (char *)over + field->offset, field_size(field));
	}
}

enum error_code
super_config_load(const char *path, const char *from,
    struct super_config *ret_config, struct places *places, struct error *err)
{
	CLEANUP_DONE(super_config) struct super_config config = defaults;
	CLEANUP_DONE(super_config) struct super_config over = {0};

	if (read_file(path, &config, places, err) &&
	    (!from || err->code != ERROR_NOT_FOUND))
		return err->code;
	if (from) {
		if (read_file(from, &over, places, err))
			return err->code;
		take_sections(&config, &over, places);
	}
	*ret_config = TAKE_CONTENTS(config);
	return ERROR_NONE;
}
