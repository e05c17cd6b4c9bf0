/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "credentials.h"
#include "render_shared.h"

static void
write_preloaded_certs(
    struct yaml_writer *writer, const struct super_config *config)
{
	yaml_mapping(writer, "preloaded_certs");
	yaml_optional_text(
	    writer, ID_DEVICE, super_config_credential(config)->identity_cert);
	yaml_optional_text(
	    writer, ID_LOCAL_CA, config->cert_issuance.local_ca.cert);
	yaml_pairs(writer, &config->preloaded_certs);
	yaml_mapping_end(writer);
}

/*
 * A new one is proved by provisiond at DPS before it takes the old one's place.
 * With source manual there is no DPS: to wait for a proof would be to wait
 * until the old one has ended.
 */
static bool
is_proved_at_dps(const struct super_config *config)
{
	return super_config_credential(config) !=
	       &config->provisioning.authentication;
}

/*
 * How the device's identity is issued: what provisioning says of it lies over
 * what cert_issuance.certs says. Unless that is said otherwise it is kept
 * fresh.
 */
static void
write_device_issuance(
    struct yaml_writer *writer, const struct super_config *config)
{
	const struct super_issuance device =
	    super_config_device_issuance(config);
	const struct config_issuance *issued =
	    super_config_issuance(config, ID_DEVICE);
	struct config_issuance merged =
	    issued ? *issued : (struct config_issuance){0};
	const struct config_renewal *general = &config->cert_issuance.renewal;
	char user[] = "user";
	char nobody[] = "nobody";
	char no[] = "false";

	merged.renewal.present = true;
	if (!merged.renewal.prove && !general->prove)
		merged.renewal.prove = is_proved_at_dps(config) ? user : nobody;
	if (!merged.renewal.rotate_key && !render_is_key_rotated(config))
		merged.renewal.rotate_key = no;
	merged.method = device.method;
	merged.expiry_days = device.expiry_days;
	if (merged.subject.count == 0)
		merged.common_name = device.common_name;
	yaml_mapping(writer, ID_DEVICE);
	yaml_settings(writer, &certd_issuance_table, &merged);
	yaml_mapping_end(writer);
}

static void
write_issued(struct yaml_writer *writer, const struct super_config *config)
{
	const struct config_list *certs = &config->cert_issuance.certs;
	const struct config_issuance *issued = certs->items;
	bool has_device =
	    super_config_credential(config)->identity_issued.present;

	yaml_mapping(writer, "certs");
	if (has_device)
		write_device_issuance(writer, config);
	for (size_t i = 0; i < certs->count; i++) {
		if (has_device && strcmp(issued[i].id, ID_DEVICE) == 0)
			continue;
		yaml_mapping(writer, issued[i].id);
		yaml_settings(writer, &certd_issuance_table, &issued[i]);
		yaml_mapping_end(writer);
	}
	yaml_mapping_end(writer);
}

static void
write_cert_issuance(
    struct yaml_writer *writer, const struct super_config *config)
{
	const struct super_cert_issuance *issuance = &config->cert_issuance;

	if (!issuance->local_ca.present && issuance->certs.count == 0 &&
	    !super_config_credential(config)->identity_issued.present)
		return;
	yaml_mapping(writer, "cert_issuance");
	if (issuance->local_ca.present) {
		yaml_mapping(writer, "local_ca");
		yaml_text(writer, "cert", ID_LOCAL_CA);
		yaml_text(writer, "pk", ID_LOCAL_CA);
		yaml_mapping_end(writer);
	}
	yaml_section(writer, "est", &certd_est_table, &issuance->est);
	yaml_section(
	    writer, "renewal", &certd_renewal_table, &issuance->renewal);
	write_issued(writer, config);
	yaml_mapping_end(writer);
}

/* What holds for all certificates. */
static void
write_certd_options(
    struct yaml_writer *writer, const struct super_config *config)
{
	yaml_optional_text(writer, "trust_bundle", config->trust_bundle);
	if (config->manage_preloaded)
		yaml_boolean(writer, "manage_preloaded", true);
	if (render_is_compatible(config))
		yaml_text(writer, "compat", config->compat);
}

static void
write_provisiond_certs(struct yaml_writer *writer,
    const struct super_config *config, const char *user)
{
	render_principal(writer, user);
	yaml_sequence(writer, "certs");
	yaml_text(writer, NULL, ID_DEVICE);
	render_local_names(writer, config);
	yaml_sequence_end(writer);
	yaml_mapping_end(writer);
}

/* Edge's daemon has a CA, and issues a certificate to each module. */
static void
write_edged_certs(struct yaml_writer *writer, const char *user)
{
	static const char *const certs[] = {
	    ID_EDGE_CA, ID_EDGE_CA_NEXT, "aziot-edged/module/*", NULL};

	if (!user)
		return;
	render_principal(writer, user);
	render_texts(writer, "certs", certs);
	yaml_mapping_end(writer);
}

static void
write_principal_certs(
    struct yaml_writer *writer, const struct super_principal *principal)
{
	if (principal->certs.count == 0)
		return;
	render_principal(writer, principal->user);
	yaml_strings(writer, "certs", &principal->certs);
	yaml_mapping_end(writer);
}

enum error_code
render_certd(const struct super_config *config,
    const struct render_users *users, char **ret_text, struct error *err)
{
	const struct super_principal *principals = config->principals.items;
	CLEANUP(yaml_writer) struct yaml_writer *writer = NULL;

	if (yaml_writer_create(RENDER_COMMENT, &writer, err))
		return err->code;
	write_preloaded_certs(writer, config);
	write_certd_options(writer, config);
	write_cert_issuance(writer, config);
	yaml_sequence(writer, "principals");
	write_provisiond_certs(writer, config, users->provisiond);
	write_edged_certs(writer, users->edged);
	for (size_t i = 0; i < config->principals.count; i++)
		write_principal_certs(writer, &principals[i]);
	yaml_sequence_end(writer);
	return yaml_writer_finish(writer, ret_text, err);
}
