/* SPDX-License-Identifier: MIT */
#include "common/file.h"
#include "credentials.h"
#include "file_uri.h"
#include "key_uri.h"
#include "render_shared.h"

/*
 * Where keyd makes keys. Without a section of its own that is the token of the
 * device's key, if a certificate is to be issued; else no key is made.
 */
static enum error_code
write_token(struct yaml_writer *writer, const struct super_config *config,
    struct error *err)
{
	const struct super_attestation *attestation =
	    super_config_credential(config);
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

/* A key that stands in the configuration has a file of its own. */
static void
write_secret(struct yaml_writer *writer, const char *id,
    const struct super_secret *secret, const struct render_users *users)
{
	CLEANUP(string) char *path = NULL;
	CLEANUP(string) char *uri = NULL;

	if (secret->value)
		path = string_format("%s/%s", users->secrets, id);
	if (path)
		uri = file_uri(path);
	yaml_optional_text(writer, id, secret->value ? uri : secret->uri);
}

static void
write_preloaded_keys(struct yaml_writer *writer,
    const struct super_config *config, const struct render_users *users)
{
	const struct super_attestation *credential =
	    super_config_credential(config);
	const struct config_map *keys = &config->preloaded_keys;

	yaml_mapping(writer, "preloaded_keys");
	yaml_optional_text(writer, ID_DEVICE, render_device_key(config));
	write_secret(writer, ID_DEVICE, &credential->symmetric_key, users);
	write_secret(writer, ID_DEVICE_GROUP, &credential->group_key, users);
	yaml_optional_text(
	    writer, ID_LOCAL_CA, config->cert_issuance.local_ca.pk);
	for (size_t i = 0; i < keys->count; i++)
		yaml_text(writer, keys->items[i].key, keys->items[i].value);
	yaml_mapping_end(writer);
}

/* A key that is certified, and those that may be to take its place. */
static void
write_own_key(struct yaml_writer *writer, const char *id)
{
	CLEANUP(string) char *next = string_format("%s-next", id);
	CLEANUP(string) char *others = string_format("%s-next-?", id);

	yaml_text(writer, NULL, id);
	yaml_optional_item(writer, next);
	yaml_optional_item(writer, others);
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
	    super_config_credential(config)->identity_issued.present &&
	    !super_config_issuance(config, ID_DEVICE);

	if (!issuance->local_ca.present && issuance->certs.count == 0 &&
	    !has_device)
		return;
	render_principal(writer, user);
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
	render_texts(writer, "rights", rights);
	yaml_mapping_end(writer);
}

/*
 * A new pair of the device is tried by provisiond before it is in use. The
 * keys of its modules are derived from a key of provisiond's own.
 */
static void
write_provisiond_keys(struct yaml_writer *writer,
    const struct super_config *config, const char *user)
{
	static const char *const rights[] = {"use", "export", "manage", NULL};
	const struct super_attestation *credential =
	    super_config_credential(config);

	render_principal(writer, user);
	yaml_sequence(writer, "keys");
	if (render_is_key_rotated(config))
		write_own_key(writer, ID_DEVICE);
	else
		yaml_text(writer, NULL, ID_DEVICE);
	if (credential->group_key.value || credential->group_key.uri)
		yaml_text(writer, NULL, ID_DEVICE_GROUP);
	yaml_text(writer, NULL, ID_MASTER);
	render_local_names(writer, config);
	yaml_sequence_end(writer);
	render_texts(writer, "rights", rights);
	yaml_mapping_end(writer);
}

/* What the operator wrote. Without rights keyd has a default. */
static void
write_principal_keys(
    struct yaml_writer *writer, const struct super_principal *principal)
{
	if (principal->keys.count == 0)
		return;
	render_principal(writer, principal->user);
	yaml_strings(writer, "keys", &principal->keys);
	if (principal->rights.count > 0)
		yaml_strings(writer, "rights", &principal->rights);
	yaml_mapping_end(writer);
}

/* Edge's daemon has a CA for its modules, and a key to encrypt for them. */
static void
write_edged_keys(struct yaml_writer *writer, const char *user)
{
	static const char *const keys[] = {
	    ID_EDGE_CA, ID_EDGE_CA_NEXT, ID_EDGE_MASTER, NULL};
	static const char *const rights[] = {"use", "export", "manage", NULL};

	if (!user)
		return;
	render_principal(writer, user);
	render_texts(writer, "keys", keys);
	render_texts(writer, "rights", rights);
	yaml_mapping_end(writer);
}

/* The TPM's keys are for who provisions the device, and those who are named. */
static void
write_tpm(struct yaml_writer *writer, const struct super_config *config,
    const char *provisiond)
{
	struct super_tpm tpm = config->tpm;
	char **users;

	if (!render_is_method(config, "tpm")) {
		yaml_section(writer, "tpm", super_tpm_table, &tpm);
		return;
	}
	users = tpm.users.items;
	tpm.users = (struct config_strings){0};
	yaml_mapping(writer, "tpm");
	yaml_settings(writer, super_tpm_table, &tpm);
	yaml_sequence(writer, "users");
	yaml_text(writer, NULL, provisiond);
	for (size_t i = 0; i < config->tpm.users.count; i++)
		yaml_text(writer, NULL, users[i]);
	yaml_sequence_end(writer);
	yaml_mapping_end(writer);
}

/* Where keyd is to be as lenient as aziot-keyd. */
static void
write_compatibility(struct yaml_writer *writer,
    const struct super_config *config, const char *edged)
{
	if (config->bearer.count > 0 || edged) {
		yaml_sequence(writer, "bearer");
		yaml_optional_item(writer, edged);
		for (size_t i = 0; i < config->bearer.count; i++)
			yaml_text(writer, NULL, config->bearer.items[i]);
		yaml_sequence_end(writer);
	}
	if (render_is_compatible(config))
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

	if (yaml_writer_create(RENDER_COMMENT, &writer, err) ||
	    write_token(writer, config, err))
		return err->code;
	write_preloaded_keys(writer, config, users);
	write_compatibility(writer, config, users->edged);
	write_tpm(writer, config, users->provisiond);
	write_tuning(writer, &config->keyd);
	yaml_sequence(writer, "principals");
	write_provisiond_keys(writer, config, users->provisiond);
	write_certd_keys(writer, config, users->certd);
	write_edged_keys(writer, users->edged);
	for (size_t i = 0; i < config->principals.count; i++)
		write_principal_keys(writer, &principals[i]);
	yaml_sequence_end(writer);
	return yaml_writer_finish(writer, ret_text, err);
}
