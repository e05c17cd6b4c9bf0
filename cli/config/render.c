/* SPDX-License-Identifier: MIT */
#include "render.h"

#include <string.h>

#include "common/file.h"
#include "key_uri.h"
#include "yaml_settings.h"
#include "yaml_writer.h"

#define COMMENT                                                                \
	"Written by 'signetctl config apply' from the operator's config.yaml." \
	" Changes belong there."

/* --- keyd ----------------------------------------------------------------- */

/*
 * Where keyd makes keys. Without a section of its own that is the token of the
 * device's key, if a certificate is to be issued; else no key is made.
 */
static enum error_code
write_token(struct yaml_writer *writer, const struct super_config *config,
    struct error *err)
{
	const struct super_attestation *attestation =
	    &config->provisioning.attestation;
	CLEANUP(secret) char *derived = NULL;

	if (!config->token.present) {
		if (!attestation->identity_issued.present ||
		    !key_uri_is(attestation->identity_pk, URI_PKCS11))
			return ERROR_NONE;
		derived = key_uri_token(attestation->identity_pk);
		if (!derived)
			return error_no_memory(err);
	}
	yaml_mapping(writer, "token");
	yaml_optional_text(writer, "module", config->token.module);
	yaml_optional_text(writer, "module_args", config->token.module_args);
	yaml_text(writer, "uri", derived ? derived : config->token.uri);
	yaml_mapping_end(writer);
	return ERROR_NONE;
}

/* The URI of the device's key, unless it only says where to make one. */
static const char *
device_key(const struct super_config *config)
{
	const char *pk = config->provisioning.attestation.identity_pk;

	return key_uri_is(pk, URI_FILE) || key_uri_names_object(pk) ? pk : NULL;
}

static void
write_preloaded_keys(
    struct yaml_writer *writer, const struct super_config *config)
{
	const struct config_map *keys = &config->preloaded_keys;

	yaml_mapping(writer, "preloaded_keys");
	yaml_optional_text(writer, ID_DEVICE, device_key(config));
	yaml_optional_text(
	    writer, ID_LOCAL_CA, config->cert_issuance.local_ca.pk);
	for (size_t i = 0; i < keys->count; i++)
		yaml_text(writer, keys->items[i].key, keys->items[i].value);
	yaml_mapping_end(writer);
}

static void
principal_begin(struct yaml_writer *writer, const char *user)
{
	yaml_mapping(writer, NULL);
	yaml_text(writer, "user", user);
}

static void
write_rights(struct yaml_writer *writer, const char *const *rights)
{
	yaml_sequence(writer, "rights");
	while (*rights)
		yaml_text(writer, NULL, *rights++);
	yaml_sequence_end(writer);
}

/* The device's key is issued for, and not the operator's. */
static bool
is_key_rotated(const struct super_config *config)
{
	return config->provisioning.attestation.identity_issued.present &&
	       !device_key(config);
}

/* A key that is certified, and the one that is to take its place. */
static void
write_own_key(struct yaml_writer *writer, const char *id)
{
	CLEANUP(string) char *next = string_format("%s-next", id);

	yaml_text(writer, NULL, id);
	yaml_optional_item(writer, next);
}

/* The keys that a certificate needs: its own, and its issuer's. */
static void
write_keys_of(
    struct yaml_writer *writer, const struct config_issuance *issuance)
{
	const struct config_est *est = &issuance->est;

	write_own_key(writer, issuance->pk ? issuance->pk : issuance->id);
	yaml_optional_item(writer, issuance->issuer.pk);
	if (est->identity_pk)
		write_own_key(writer, est->identity_pk);
	yaml_optional_item(writer, est->bootstrap_identity_pk);
}

/*
 * certd signs with the CA's key, and makes and uses those that it certifies;
 * when it rotates one, the next has another name for a while.
 */
static void
write_certd_keys(struct yaml_writer *writer, const struct super_config *config,
    const char *user)
{
	static const char *const rights[] = {"use", "manage", NULL};
	const struct super_cert_issuance *issuance = &config->cert_issuance;
	const struct config_issuance *issued = issuance->certs.items;
	bool has_device =
	    config->provisioning.attestation.identity_issued.present &&
	    !super_config_issuance(config, ID_DEVICE);

	if (!issuance->local_ca.present && issuance->certs.count == 0 &&
	    !has_device)
		return;
	principal_begin(writer, user);
	yaml_sequence(writer, "keys");
	if (issuance->local_ca.present)
		yaml_text(writer, NULL, ID_LOCAL_CA);
	if (has_device)
		write_own_key(writer, ID_DEVICE);
	for (size_t i = 0; i < issuance->certs.count; i++)
		write_keys_of(writer, &issued[i]);
	if (issuance->est.identity_pk)
		write_own_key(writer, issuance->est.identity_pk);
	yaml_optional_item(writer, issuance->est.bootstrap_identity_pk);
	yaml_sequence_end(writer);
	write_rights(writer, rights);
	yaml_mapping_end(writer);
}

/* What belongs to the device is provisiond's. */
static void
write_device(struct yaml_writer *writer, const char *key)
{
	yaml_sequence(writer, key);
	yaml_text(writer, NULL, ID_DEVICE);
	yaml_sequence_end(writer);
}

/* A new pair of the device is tried by provisiond before it is in use. */
static void
write_provisiond_keys(struct yaml_writer *writer,
    const struct super_config *config, const char *user)
{
	static const char *const rights[] = {"use", "export", "manage", NULL};

	principal_begin(writer, user);
	yaml_sequence(writer, "keys");
	if (is_key_rotated(config))
		write_own_key(writer, ID_DEVICE);
	else
		yaml_text(writer, NULL, ID_DEVICE);
	yaml_sequence_end(writer);
	write_rights(writer, rights);
	yaml_mapping_end(writer);
}

/* What the operator wrote. Without rights keyd has a default. */
static void
write_principal_keys(
    struct yaml_writer *writer, const struct super_principal *principal)
{
	if (principal->keys.count == 0)
		return;
	principal_begin(writer, principal->user);
	yaml_strings(writer, "keys", &principal->keys);
	if (principal->rights.count > 0)
		yaml_strings(writer, "rights", &principal->rights);
	yaml_mapping_end(writer);
}

/* Where keyd is to be as lenient as aziot-keyd. */
static void
write_compatibility(
    struct yaml_writer *writer, const struct super_config *config)
{
	if (config->bearer.count > 0)
		yaml_strings(writer, "bearer", &config->bearer);
	if (config->compat && strcmp(config->compat, "none") != 0)
		yaml_text(writer, "compat", config->compat);
	yaml_optional_text(writer, "symmetric_keys", config->symmetric_keys);
}

static void
write_optional_number(
    struct yaml_writer *writer, const char *key, unsigned number)
{
	if (number)
		yaml_number(writer, key, number);
}

static void
write_tuning(struct yaml_writer *writer, const struct super_keyd *keyd)
{
	write_optional_number(writer, "sessions", keyd->sessions);
	yaml_optional_text(writer, "session_copies", keyd->session_copies);
	write_optional_number(writer, "token_timeout", keyd->token_timeout);
	write_optional_number(
	    writer, "generation_timeout", keyd->generation_timeout);
	yaml_optional_text(writer, "audit", keyd->audit);
	write_optional_number(writer, "audit_max_size", keyd->audit_max_size);
	write_optional_number(writer, "audit_files", keyd->audit_files);
}

enum error_code
render_keyd(const struct super_config *config, const struct render_users *users,
    char **ret_text, struct error *err)
{
	const struct super_principal *principals = config->principals.items;
	CLEANUP(yaml_writer) struct yaml_writer *writer = NULL;

	if (yaml_writer_create(COMMENT, &writer, err) ||
	    write_token(writer, config, err))
		return err->code;
	write_preloaded_keys(writer, config);
	write_compatibility(writer, config);
	write_tuning(writer, &config->keyd);
	yaml_sequence(writer, "principals");
	write_provisiond_keys(writer, config, users->provisiond);
	write_certd_keys(writer, config, users->certd);
	for (size_t i = 0; i < config->principals.count; i++)
		write_principal_keys(writer, &principals[i]);
	yaml_sequence_end(writer);
	return yaml_writer_finish(writer, ret_text, err);
}

/* --- certd ---------------------------------------------------------------- */

static void
write_preloaded_certs(
    struct yaml_writer *writer, const struct super_config *config)
{
	yaml_mapping(writer, "preloaded_certs");
	yaml_optional_text(
	    writer, ID_DEVICE, config->provisioning.attestation.identity_cert);
	yaml_optional_text(
	    writer, ID_LOCAL_CA, config->cert_issuance.local_ca.cert);
	yaml_pairs(writer, &config->preloaded_certs);
	yaml_mapping_end(writer);
}

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

/*
 * How the device's identity is issued: what provisioning says of it lies over
 * what cert_issuance.certs says. Unless that is said otherwise it is kept
 * fresh, and provisiond proves a new one at DPS.
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
	char no[] = "false";

	merged.renewal.present = true;
	if (!merged.renewal.prove && !general->prove)
		merged.renewal.prove = user;
	if (!merged.renewal.rotate_key && !is_key_rotated(config))
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
	    config->provisioning.attestation.identity_issued.present;

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
	    !config->provisioning.attestation.identity_issued.present)
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
	if (config->compat && strcmp(config->compat, "none") != 0)
		yaml_text(writer, "compat", config->compat);
}

static void
write_provisiond_certs(struct yaml_writer *writer, const char *user)
{
	principal_begin(writer, user);
	write_device(writer, "certs");
	yaml_mapping_end(writer);
}

static void
write_principal_certs(
    struct yaml_writer *writer, const struct super_principal *principal)
{
	if (principal->certs.count == 0)
		return;
	principal_begin(writer, principal->user);
	yaml_strings(writer, "certs", &principal->certs);
	yaml_mapping_end(writer);
}

enum error_code
render_certd(const struct super_config *config,
    const struct render_users *users, char **ret_text, struct error *err)
{
	const struct super_principal *principals = config->principals.items;
	CLEANUP(yaml_writer) struct yaml_writer *writer = NULL;

	if (yaml_writer_create(COMMENT, &writer, err))
		return err->code;
	write_preloaded_certs(writer, config);
	write_certd_options(writer, config);
	write_cert_issuance(writer, config);
	yaml_sequence(writer, "principals");
	write_provisiond_certs(writer, users->provisiond);
	for (size_t i = 0; i < config->principals.count; i++)
		write_principal_certs(writer, &principals[i]);
	yaml_sequence_end(writer);
	return yaml_writer_finish(writer, ret_text, err);
}

/* --- provisiond ----------------------------------------------------------- */

static void
write_attestation(struct yaml_writer *writer, const struct super_config *config)
{
	const struct super_attestation *attestation =
	    &config->provisioning.attestation;
	const struct super_issuance device =
	    super_config_device_issuance(config);

	yaml_mapping(writer, "attestation");
	yaml_text(writer, "method", attestation->method);
	yaml_optional_text(
	    writer, "registration_id", attestation->registration_id);
	if (device.present)
		write_issuance(writer, "identity_cert", &device);
	else
		yaml_text(writer, "identity_cert", ID_DEVICE);
	yaml_text(writer, "identity_pk", ID_DEVICE);
	yaml_mapping_end(writer);
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
	yaml_text(writer, "global_endpoint", provisioning->global_endpoint);
	yaml_text(writer, "scope_id", provisioning->scope_id);
	write_attestation(writer, config);
	yaml_boolean(writer, "always_reprovision_on_startup",
	    provisioning->always_reprovision_on_startup);
	yaml_boolean(writer, "dynamic_reprovisioning",
	    provisioning->dynamic_reprovisioning);
	yaml_mapping_end(writer);
}

enum error_code
render_provisiond(const struct super_config *config,
    const struct render_users *users, char **ret_text, struct error *err)
{
	const struct super_principal *principals = config->principals.items;
	CLEANUP(yaml_writer) struct yaml_writer *writer = NULL;

	(void)users; /* provisiond calls the others, they do not call it */
	if (yaml_writer_create(COMMENT, &writer, err))
		return err->code;
	write_provisioning(writer, config);
	yaml_optional_text(
	    writer, "trust_bundle_cert", config->trust_bundle_cert);
	yaml_sequence(writer, "principals");
	for (size_t i = 0; i < config->principals.count; i++) {
		if (principals[i].identity.count == 0)
			continue;
		principal_begin(writer, principals[i].user);
		yaml_text(writer, "name", principals[i].user);
		yaml_strings(writer, "identity", &principals[i].identity);
		yaml_mapping_end(writer);
	}
	yaml_sequence_end(writer);
	return yaml_writer_finish(writer, ret_text, err);
}
