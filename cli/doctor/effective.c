/* SPDX-License-Identifier: MIT */
#include "effective.h"

#include <string.h>

#include "common/file.h"
#include "common/paths.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MEMBER(section, member) offsetof(struct effective_##section, member)

#define KEY(section, member, kind, flag)                                       \
	{                                                                      \
		.key = #member, .type = CONFIG_##kind,                         \
		.offset = MEMBER(section, member), .flags = CONFIG_##flag      \
	}
#define NESTED(section, name, member, inner)                                   \
	{                                                                      \
		.key = name, .type = CONFIG_SECTION,                           \
		.offset = MEMBER(section, member), .table = inner              \
	}
/* The rest is the daemon's business. */
#define REST                                                                   \
	{                                                                      \
		.key = "*", .type = CONFIG_IGNORED                             \
	}
#define TABLE(section, fields)                                                 \
	{                                                                      \
		fields, COUNT(fields), sizeof(struct effective_##section), 0   \
	}

static const struct config_field token_fields[] = {
    KEY(token, module, STRING, OPTIONAL),
    KEY(token, module_args, STRING, OPTIONAL),
    KEY(token, uri, STRING, SECRET),
    REST,
};
static const struct config_table token_table = TABLE(token, token_fields);

static const struct config_field tpm_fields[] = {
    KEY(tpm, tcti, STRING, OPTIONAL),
    REST,
};
static const struct config_table tpm_table = TABLE(tpm, tpm_fields);

static const struct config_field keyd_fields[] = {
    NESTED(keyd, "token", token, &token_table),
    NESTED(keyd, "tpm", tpm, &tpm_table),
    KEY(keyd, preloaded_keys, MAP, SECRET),
    REST,
};
static const struct config_table keyd_table = TABLE(keyd, keyd_fields);

#define LOCAL_CA(member) offsetof(struct config_local_ca, member)
static const struct config_field local_ca_fields[] = {
    {"cert", CONFIG_STRING, LOCAL_CA(cert), 0, NULL, NULL},
    {"pk",   CONFIG_STRING, LOCAL_CA(pk),   0, NULL, NULL},
    REST,
};
static const struct config_table local_ca_table = {local_ca_fields,
    COUNT(local_ca_fields), sizeof(struct config_local_ca),
    CONFIG_PRESENT(struct config_local_ca, present)};

static const struct config_field issued_fields[] = {
    KEY(issued, method, STRING, OPTIONAL),
    NESTED(issued, "est", est, &certd_est_table),
    REST,
};
static const struct config_table issued_table = TABLE(issued, issued_fields);

static const struct config_field issuance_fields[] = {
    NESTED(issuance, "local_ca", local_ca, &local_ca_table),
    NESTED(issuance, "est", est, &certd_est_table),
    {.key = "certs",
					      .type = CONFIG_SECTIONS,
					      .offset = MEMBER(issuance, certs),
					      .table = &issued_table},
    REST,
};
static const struct config_table issuance_table =
    TABLE(issuance, issuance_fields);

static const struct config_field certd_fields[] = {
    KEY(certd, preloaded_certs, MAP, OPTIONAL),
    NESTED(certd, "cert_issuance", cert_issuance, &issuance_table),
    KEY(certd, compat, STRING, OPTIONAL),
    REST,
};
static const struct config_table certd_table = TABLE(certd, certd_fields);

static const struct config_field attestation_fields[] = {
    KEY(attestation, method, STRING, OPTIONAL),
    KEY(attestation, registration_id, STRING, OPTIONAL),
    KEY(attestation, identity_cert, STRING, OPTIONAL),
 /* As a mapping it says how it is issued, under the device's own id. */
    {.key = "identity_cert", .type = CONFIG_IGNORED},
    KEY(attestation, identity_pk, STRING, OPTIONAL),
    REST,
};
static const struct config_table attestation_table = {attestation_fields,
    COUNT(attestation_fields), sizeof(struct effective_attestation),
    CONFIG_PRESENT(struct effective_attestation, present)};

static const struct config_field provisioning_fields[] = {
    KEY(provisioning, source, STRING, OPTIONAL),
    KEY(provisioning, global_endpoint, STRING, OPTIONAL),
    KEY(provisioning, iothub_hostname, STRING, OPTIONAL),
    KEY(provisioning, local_gateway_hostname, STRING, OPTIONAL),
    NESTED(provisioning, "attestation", attestation, &attestation_table),
    NESTED(provisioning, "authentication", attestation, &attestation_table),
    REST,
};
static const struct config_table provisioning_table =
    TABLE(provisioning, provisioning_fields);

static const struct config_field provisiond_fields[] = {
    KEY(provisiond, hostname, STRING, OPTIONAL),
    NESTED(provisiond, "provisioning", provisioning, &provisioning_table),
    KEY(provisiond, trust_bundle_cert, STRING, OPTIONAL),
    REST,
};
static const struct config_table provisiond_table =
    TABLE(provisiond, provisiond_fields);

static void
load(const char *daemon, const struct config_table *table, void *settings,
    struct error *err)
{
	CLEANUP(string) char *path = paths_config_file(daemon);

	*err = (struct error){0};
	if (!path)
		(void)error_no_memory(err);
	else
		(void)!config_load_with_dropins(path, table, settings, err);
}

/* What provisiond takes if nothing is said. */
static void
set_ids(struct effective_attestation *attestation)
{
	if (!attestation->method || strcmp(attestation->method, "x509") != 0)
		return;
	if (!attestation->identity_cert)
		attestation->identity_cert = strdup("device-id");
	if (!attestation->identity_pk)
		attestation->identity_pk = strdup("device-id");
}

void
effective_load(struct effective *ret_effective)
{
	struct effective_provisiond *provisiond = &ret_effective->provisiond;

	*ret_effective = (struct effective){0};
	load("keyd", &keyd_table, &ret_effective->keyd,
	    &ret_effective->errors[EFFECTIVE_KEYD]);
	load("certd", &certd_table, &ret_effective->certd,
	    &ret_effective->errors[EFFECTIVE_CERTD]);
	load("provisiond", &provisiond_table, provisiond,
	    &ret_effective->errors[EFFECTIVE_PROVISIOND]);
	set_ids(&provisiond->provisioning.attestation);
}

void
effective_done(struct effective *effective)
{
	config_done(&keyd_table, &effective->keyd);
	config_done(&certd_table, &effective->certd);
	config_done(&provisiond_table, &effective->provisiond);
}
