/* SPDX-License-Identifier: MIT */
#include "first_config.h"

#include <string.h>

#include "common/file.h"
#include "common/uri.h"
#include "file_uri.h"
#include "key_uri.h"
#include "yaml_writer.h"

/*
 * The location that text names, as a URI: an absolute path becomes a file URI,
 * a URI stays. *ret_uri may hold a PIN. Fails with ERROR_INVALID.
 */
static enum error_code
read_location(const char *text, char **ret_uri, struct error *err)
{
	CLEANUP(uri) struct uri *uri = NULL;
	CLEANUP(secret)
	char *location = text[0] == '/' ? file_uri(text) : strdup(text);

	if (!location)
		return error_no_memory(err);
	if (uri_parse(location, &uri, err))
		return error_wrap(err,
		    "neither an absolute path nor a URI of a file or of a "
		    "token");
	*ret_uri = TAKE(location);
	return ERROR_NONE;
}

/*
 * Writes the location text, that of an option, under key; that there is none is
 * success.
 */
static enum error_code
write_location(struct yaml_writer *writer, const char *key, const char *option,
    const char *text, struct error *err)
{
	CLEANUP(secret) char *uri = NULL;

	if (!text)
		return ERROR_NONE;
	if (read_location(text, &uri, err))
		return error_wrap(err, "--%s", option);
	yaml_text(writer, key, uri);
	return ERROR_NONE;
}

/*
 * Base64 may begin with a slash, as paths do; if it ends in '=', it is no path
 * that anybody has. What is neither so nor so the command has settled.
 */
static bool
is_path(const struct first_config *config)
{
	const char *text = config->symmetric_key;

	return !config->symmetric_key_is_no_path && text[0] == '/' &&
	       text[strlen(text) - 1] != '=';
}

/* The key itself, or where it is. */
static enum error_code
write_symmetric_key(struct yaml_writer *writer,
    const struct first_config *config, struct error *err)
{
	static const char file[] = "file:";
	static const char token[] = "pkcs11:";
	const char *text = config->symmetric_key;
	enum error_code code;

	if (!is_path(config) && strncmp(text, file, strlen(file)) != 0 &&
	    strncmp(text, token, strlen(token)) != 0) {
		yaml_text(writer, "symmetric_key", text);
		return ERROR_NONE;
	}
	yaml_mapping(writer, "symmetric_key");
	code = write_location(writer, "uri", "symmetric-key", text, err);
	yaml_mapping_end(writer);
	return code;
}

static enum error_code
write_certificate(struct yaml_writer *writer, const struct first_config *config,
    struct error *err)
{
	if (write_location(writer, "identity_cert", "identity-cert",
		config->identity_cert, err))
		return err->code;
	return write_location(
	    writer, "identity_pk", "identity-pk", config->identity_pk, err);
}

/* The section 'attestation'. */
static enum error_code
write_attestation(struct yaml_writer *writer, const struct first_config *config,
    struct error *err)
{
	static const char *const methods[] = {
	    [FIRST_DPS_X509] = "x509",
	    [FIRST_DPS_SYMMETRIC_KEY] = "symmetric_key",
	    [FIRST_DPS_TPM] = "tpm",
	};

	yaml_mapping(writer, "attestation");
	yaml_text(writer, "method", methods[config->kind]);
	yaml_optional_text(writer, "registration_id", config->registration_id);
	if (config->symmetric_key && write_symmetric_key(writer, config, err))
		return err->code;
	if (write_certificate(writer, config, err))
		return err->code;
	yaml_mapping_end(writer);
	return ERROR_NONE;
}

static enum error_code
write_dps(struct yaml_writer *writer, const struct first_config *config,
    struct error *err)
{
	yaml_text(writer, "source", "dps");
	yaml_text(writer, "global_endpoint",
	    config->endpoint ? config->endpoint : FIRST_CONFIG_ENDPOINT);
	yaml_text(writer, "scope_id", config->id_scope);
	return write_attestation(writer, config, err);
}

static enum error_code
write_manual(struct yaml_writer *writer, const struct first_config *config,
    struct error *err)
{
	yaml_text(writer, "source", "manual");
	if (config->kind == FIRST_MANUAL_CONNECTION_STRING) {
		yaml_text(writer, "device_connection_string",
		    config->connection_string);
		return ERROR_NONE;
	}
	yaml_mapping(writer, "authentication");
	yaml_text(writer, "method", "x509");
	yaml_text(writer, "iothub_hostname", config->iothub_hostname);
	yaml_text(writer, "device_id", config->device_id);
	if (write_certificate(writer, config, err))
		return err->code;
	yaml_mapping_end(writer);
	return ERROR_NONE;
}

/* The token that the key is in, by the module that is asked for. */
static enum error_code
write_token(struct yaml_writer *writer, const struct first_config *config,
    struct error *err)
{
	CLEANUP(secret) char *token = NULL;

	if (!config->pkcs11_module)
		return ERROR_NONE;
	if (!key_uri_is(config->identity_pk, URI_PKCS11))
		return error_set(err, ERROR_INVALID,
		    "--pkcs11-module is of use only if --identity-pk is a "
		    "PKCS#11 URI");
	if (config->pkcs11_module[0] != '/')
		return error_set(err, ERROR_INVALID,
		    "--pkcs11-module must be an absolute path");
	token = key_uri_token(config->identity_pk);
	if (!token)
		return error_no_memory(err);
	yaml_mapping(writer, "token");
	yaml_text(writer, "module", config->pkcs11_module);
	yaml_text(writer, "uri", token);
	yaml_mapping_end(writer);
	return ERROR_NONE;
}

static void
write_tpm(struct yaml_writer *writer, const struct first_config *config)
{
	if (!config->tcti)
		return;
	yaml_mapping(writer, "tpm");
	yaml_text(writer, "tcti", config->tcti);
	yaml_mapping_end(writer);
}

enum error_code
first_config_text(
    const struct first_config *config, char **ret_text, struct error *err)
{
	CLEANUP(yaml_writer) struct yaml_writer *writer = NULL;
	bool manual = config->kind == FIRST_MANUAL_X509 ||
		      config->kind == FIRST_MANUAL_CONNECTION_STRING;

	if (yaml_writer_create(
		"Written by 'signetctl init'; signet-config(5) describes "
		"every key.",
		&writer, err) ||
	    write_token(writer, config, err))
		return err->code;
	write_tpm(writer, config);
	yaml_mapping(writer, "provisioning");
	if (manual ? write_manual(writer, config, err)
		   : write_dps(writer, config, err))
		return err->code;
	yaml_mapping_end(writer);
	if (write_location(writer, "trust_bundle_cert", "trust-bundle",
		config->trust_bundle, err))
		return err->code;
	return yaml_writer_finish(writer, ret_text, err);
}
