/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "render_shared.h"

static void
write_issuance(struct yaml_writer *writer, const char *key,
    const struct super_issuance *issuance)
{
	yaml_mapping(writer, key);
	yaml_text(writer, "method", issuance->method);
	if (issuance->expiry_days)
		yaml_number(writer, "expiry_days", issuance->expiry_days);
	yaml_optional_text(writer, "common_name", issuance->common_name);
	yaml_mapping_end(writer);
}

static void
write_x509(struct yaml_writer *writer, const struct super_config *config)
{
	const struct super_issuance device =
	    super_config_device_issuance(config);

	if (device.present)
		write_issuance(writer, "identity_cert", &device);
	else
		yaml_text(writer, "identity_cert", ID_DEVICE);
	yaml_text(writer, "identity_pk", ID_DEVICE);
}

/* symmetric_key is what the key of the device is called here. */
static void
write_credential(struct yaml_writer *writer, const struct super_config *config,
    const char *section, const char *symmetric_key)
{
	const struct super_attestation *credential =
	    super_config_credential(config);
	const struct super_secret *group = &credential->group_key;

	yaml_mapping(writer, section);
	yaml_text(writer, "method", credential->method);
	yaml_optional_text(
	    writer, "registration_id", credential->registration_id);
	if (render_is_method(config, "x509"))
		write_x509(writer, config);
	else if (group->value || group->uri)
		yaml_text(writer, "group_key", ID_DEVICE_GROUP);
	else if (!render_is_method(config, "tpm"))
		yaml_text(writer, symmetric_key, ID_DEVICE);
	yaml_mapping_end(writer);
}

static void
write_dps(struct yaml_writer *writer, const struct super_config *config)
{
	const struct super_provisioning *provisioning = &config->provisioning;

	yaml_text(writer, "global_endpoint", provisioning->global_endpoint);
	yaml_text(writer, "scope_id", provisioning->scope_id);
	if (provisioning->payload.uri) {
		yaml_mapping(writer, "payload");
		yaml_text(writer, "uri", provisioning->payload.uri);
		yaml_mapping_end(writer);
	}
	write_credential(writer, config, "attestation", "symmetric_key");
	yaml_boolean(writer, "always_reprovision_on_startup",
	    provisioning->always_reprovision_on_startup);
	yaml_boolean(writer, "dynamic_reprovisioning",
	    provisioning->dynamic_reprovisioning);
}

static void
write_manual(struct yaml_writer *writer, const struct super_config *config)
{
	const struct super_provisioning *provisioning = &config->provisioning;

	yaml_text(writer, "iothub_hostname", provisioning->iothub_hostname);
	yaml_text(writer, "device_id", provisioning->device_id);
	write_credential(writer, config, "authentication", "device_id_pk");
}

static void
write_provisioning(
    struct yaml_writer *writer, const struct super_config *config)
{
	const struct super_provisioning *provisioning = &config->provisioning;

	if (!provisioning->present)
		return;
	yaml_mapping(writer, "provisioning");
	yaml_text(writer, "source", provisioning->source);
	yaml_optional_text(
	    writer, "local_gateway_hostname", config->local_gateway_hostname);
	if (strcmp(provisioning->source, "dps") == 0)
		write_dps(writer, config);
	else if (strcmp(provisioning->source, "manual") == 0)
		write_manual(writer, config);
	yaml_mapping_end(writer);
}

static void
write_number(struct yaml_writer *writer, const char *key, const char *text,
    unsigned least)
{
	unsigned value;

	if (!text)
		return;
	value = (unsigned)strtoul(text, NULL, 10);
	yaml_number(writer, key, value < least ? least : value);
}

/* How the cloud is called. */
static void
write_cloud(struct yaml_writer *writer, const struct super_config *config)
{
	yaml_optional_text(writer, "hostname", config->hostname);
	write_number(writer, "cloud_timeout_sec", config->cloud_timeout_sec,
	    CLOUD_TIMEOUT_LEAST);
	write_number(writer, "cloud_retries", config->cloud_retries, 0);
	if (config->prefer_module_identity_cache)
		yaml_boolean(writer, "prefer_module_identity_cache", true);
	if (config->localid.domain) {
		yaml_mapping(writer, "localid");
		yaml_text(writer, "domain", config->localid.domain);
		if (config->localid.export_private_keys)
			yaml_boolean(writer, "export_private_keys", true);
		yaml_mapping_end(writer);
	}
	yaml_optional_text(
	    writer, "trust_bundle_cert", config->trust_bundle_cert);
}

/* A daemon, as the agent, is who has no identity: it asks for all of them. */
static bool
is_daemon(const struct super_principal *principal)
{
	return principal->identity.count == 1 &&
	       strcmp(principal->identity.items[0], IDENTITY_DAEMON) == 0;
}

static void
write_principal(
    struct yaml_writer *writer, const struct super_principal *principal)
{
	const struct super_localid_options *localid = &principal->localid;

	if (principal->identity.count == 0)
		return;
	render_principal(writer, principal->user);
	yaml_text(writer, "name",
	    principal->name ? principal->name : principal->user);
	if (!is_daemon(principal))
		yaml_strings(writer, "identity", &principal->identity);
	if (localid->type) {
		yaml_mapping(writer, "localid");
		yaml_text(writer, "type", localid->type);
		yaml_optional_text(writer, "attributes", localid->attributes);
		yaml_mapping_end(writer);
	}
	yaml_mapping_end(writer);
}

enum error_code
render_provisiond(const struct super_config *config,
    const struct render_users *users, char **ret_text, struct error *err)
{
	const struct super_principal *principals = config->principals.items;
	CLEANUP(yaml_writer) struct yaml_writer *writer = NULL;

	if (yaml_writer_create(RENDER_COMMENT, &writer, err))
		return err->code;
	write_provisioning(writer, config);
	write_cloud(writer, config);
	yaml_sequence(writer, "principals");
	if (users->edged) {
		render_principal(writer, users->edged);
		yaml_text(writer, "name", "aziot-edge");
		yaml_mapping_end(writer);
	}
	for (size_t i = 0; i < config->principals.count; i++)
		write_principal(writer, &principals[i]);
	yaml_sequence_end(writer);
	return yaml_writer_finish(writer, ret_text, err);
}
