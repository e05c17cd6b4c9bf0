/* SPDX-License-Identifier: MIT */
/* What the file means, and what no table can check. */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "common/hub_id.h"
#include "common/uri.h"
#include "preflight.h"

void
provisiond_config_done(struct config *config)
{
	free(config->trust_bundle_path);
	free(config->provisioning.payload.path);
	config_done(&provisiond_config_table, config);
}

static enum error_code
set_default(char **member, const char *text, struct error *err)
{
	if (!*member)
		*member = strdup(text);
	return *member ? ERROR_NONE : error_no_memory(err);
}

/* --- x509 ----------------------------------------------------------------- */

/*
 * Its name must be known before there is a certificate that says it; *name is
 * the registration id, or the device id of source manual, called key.
 */
static enum error_code
complete_issued(struct attestation_settings *credential, const char *key,
    char **name, struct error *err)
{
	const char *common_name = credential->issuance.common_name;

	if (credential->identity_cert)
		return error_set(err, ERROR_INVALID,
		    "identity_cert is given both as an id and as a mapping");
	if (!common_name && !*name)
		return error_set(err, ERROR_INVALID,
		    "identity_cert is to be issued: give %s, or common_name "
		    "in identity_cert",
		    key);
	if (common_name && *name && strcasecmp(common_name, *name) != 0)
		return error_set(err, ERROR_INVALID,
		    "%s is '%s', but identity_cert is to be issued for '%s': "
		    "they must be the same",
		    key, *name, common_name);
	if (!*name && set_default(name, common_name, err))
		return err->code;
	if (set_default(&credential->identity_cert, DEVICE_ID, err))
		return err->code;
	return set_default(&credential->identity_pk, DEVICE_ID, err);
}

static enum error_code
complete_x509(struct attestation_settings *credential, const char *section,
    const char *key, char **name, struct error *err)
{
	credential->kind = CREDENTIAL_X509;
	if (credential->issuance.present)
		return complete_issued(credential, key, name, err);
	if (!credential->identity_cert || !credential->identity_pk)
		return error_set(err, ERROR_INVALID,
		    "%s needs both identity_cert and identity_pk", section);
	return ERROR_NONE;
}

/* What belongs to x509 is not there with another method. */
static enum error_code
check_no_x509(const struct attestation_settings *credential, struct error *err)
{
	if (!credential->issuance.present && !credential->identity_cert &&
	    !credential->identity_pk)
		return ERROR_NONE;
	return error_set(err, ERROR_INVALID,
	    "identity_cert and identity_pk belong to method x509, not to %s",
	    credential->method);
}

/* --- symmetric keys ------------------------------------------------------- */

static enum error_code
check_no_symmetric_key(
    const struct attestation_settings *credential, struct error *err)
{
	if (!credential->symmetric_key && !credential->group_key)
		return ERROR_NONE;
	return error_set(err, ERROR_INVALID,
	    "a symmetric key does not belong to method %s", credential->method);
}

static enum error_code
complete_symmetric_key(
    struct attestation_settings *credential, struct error *err)
{
	credential->kind = CREDENTIAL_SYMMETRIC_KEY;
	if (!credential->symmetric_key == !credential->group_key)
		return error_set(err, ERROR_INVALID,
		    "method symmetric_key needs one of symmetric_key and "
		    "group_key");
	return check_no_x509(credential, err);
}

/* --- source dps ----------------------------------------------------------- */

static enum error_code
complete_by_method(struct attestation_settings *attestation, struct error *err)
{
	if (strcmp(attestation->method, "x509") == 0) {
		if (check_no_symmetric_key(attestation, err))
			return err->code;
		return complete_x509(attestation, "attestation",
		    "registration_id", &attestation->registration_id, err);
	}
	if (!attestation->registration_id)
		return error_set(err, ERROR_INVALID,
		    "method %s needs registration_id", attestation->method);
	if (strcmp(attestation->method, "symmetric_key") == 0)
		return complete_symmetric_key(attestation, err);

	attestation->kind = CREDENTIAL_TPM;
	if (check_no_symmetric_key(attestation, err))
		return err->code;
	return check_no_x509(attestation, err);
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

/* *ret_path is the path of text, a file URI; NULL remains NULL. */
static enum error_code
read_path(const char *key, const char *text, char **ret_path, struct error *err)
{
	CLEANUP(uri) struct uri *uri = NULL;

	if (!text)
		return ERROR_NONE;
	if (uri_parse(text, &uri, err))
		return error_wrap(err, "%s", key);
	if (uri_kind(uri) != URI_FILE)
		return error_set(err, ERROR_INVALID,
		    "%s must be a file URI such as file:///etc/signet/%s", key,
		    "root.pem");
	return set_default(ret_path, uri_file_path(uri), err);
}

static enum error_code
missing(const char *key, const char *source, struct error *err)
{
	return error_set(err, ERROR_INVALID,
	    "'%s' is missing: source %s needs it", key, source);
}

static enum error_code
complete_dps(struct provisioning_settings *provisioning, struct error *err)
{
	struct attestation_settings *attestation = &provisioning->attestation;

	if (!provisioning->global_endpoint)
		return missing("global_endpoint", "dps", err);
	if (!provisioning->scope_id)
		return missing("scope_id", "dps", err);
	if (!attestation->present)
		return missing("attestation", "dps", err);
	if (provisioning->local_gateway_hostname)
		return error_set(err, ERROR_INVALID,
		    "local_gateway_hostname is for source manual: DPS cannot "
		    "be reached through a parent");
	if (check_endpoint(provisioning->global_endpoint, err) ||
	    complete_by_method(attestation, err) ||
	    read_path("payload", provisioning->payload.uri,
		&provisioning->payload.path, err))
		return err->code;
	if (attestation->registration_id &&
	    registration_id_check(attestation->registration_id, err))
		return error_wrap(
		    err, "registration_id '%s'", attestation->registration_id);
	return ERROR_NONE;
}

/* --- source manual -------------------------------------------------------- */

static enum error_code
complete_manual(struct provisioning_settings *provisioning, struct error *err)
{
	struct attestation_settings *credential = &provisioning->authentication;

	if (!provisioning->iothub_hostname)
		return missing("iothub_hostname", "manual", err);
	if (!provisioning->device_id)
		return missing("device_id", "manual", err);
	if (hub_device_id_check(provisioning->device_id, err))
		return error_wrap(err, "device_id");
	if (!credential->present)
		return missing("authentication", "manual", err);
	if (strcmp(credential->method, "x509") == 0) {
		if (check_no_symmetric_key(credential, err))
			return err->code;
		return complete_x509(credential, "authentication", "device_id",
		    &provisioning->device_id, err);
	}
	credential->kind = CREDENTIAL_SYMMETRIC_KEY;
	if (!credential->symmetric_key)
		return error_set(
		    err, ERROR_INVALID, "method sas needs device_id_pk");
	return check_no_x509(credential, err);
}

/* --- the rest ------------------------------------------------------------- */

static bool
has_identity(const struct principal_settings *principal, const char *identity)
{
	for (size_t i = 0; i < principal->identity.count; i++)
		if (strcmp(principal->identity.items[i], identity) == 0)
			return true;
	return false;
}

static enum error_code
check_principal(const struct config *config,
    const struct principal_settings *principal, struct error *err)
{
	bool is_local = has_identity(principal, "local");
	const char *name = principal->name ? principal->name : principal->user;

	if (is_local && !config->localid.domain)
		return error_set(err, ERROR_INVALID,
		    "principal '%s' has a local identity, which needs the "
		    "section localid with a domain",
		    name);
	if (principal->localid.type && !is_local)
		return error_set(err, ERROR_INVALID,
		    "principal '%s' has localid but no identity local", name);
	if (strcmp(config->provisioning.source, "none") == 0 &&
	    (has_identity(principal, "module") ||
		has_identity(principal, "device")))
		return error_set(err, ERROR_INVALID,
		    "principal '%s': with source none there is no device and "
		    "no module",
		    name);
	return ERROR_NONE;
}

static enum error_code
check_principals(const struct config *config, struct error *err)
{
	const struct principal_settings *principals = config->principals.items;

	for (size_t i = 0; i < config->principals.count; i++) {
		if (check_principal(config, &principals[i], err))
			return err->code;
		for (size_t j = 0; j < i; j++)
			if (principals[i].name && principals[j].name &&
			    strcmp(principals[i].name, principals[j].name) == 0)
				return error_set(err, ERROR_INVALID,
				    "there are two principals called '%s'",
				    principals[i].name);
	}
	return ERROR_NONE;
}

static enum error_code
check_limit(const char *key, unsigned value, unsigned least, unsigned most,
    struct error *err)
{
	if (value >= least && value <= most)
		return ERROR_NONE;
	return error_set(err, ERROR_INVALID, "%s is %u, it can be %u to %u",
	    key, value, least, most);
}

static enum error_code
complete_provisioning(
    struct provisioning_settings *provisioning, struct error *err)
{
	if (strcmp(provisioning->source, "dps") == 0 &&
	    complete_dps(provisioning, err))
		return err->code;
	if (strcmp(provisioning->source, "manual") == 0 &&
	    complete_manual(provisioning, err))
		return err->code;
	return ERROR_NONE;
}

static enum error_code
complete(struct config *config, struct error *err)
{
	if (complete_provisioning(&config->provisioning, err) ||
	    check_limit("cloud_timeout_sec", config->cloud_timeout_sec, 1,
		CLOUD_TIMEOUT_MAX_SECONDS, err) ||
	    check_limit("cloud_retries", config->cloud_retries, 0,
		CLOUD_RETRIES_MAX, err) ||
	    check_principals(config, err))
		return err->code;
	return read_path("trust_bundle_cert", config->trust_bundle_cert,
	    &config->trust_bundle_path, err);
}

enum error_code
provisiond_config_load(
    const char *path, struct config *ret_config, struct error *err)
{
	/* As IoT Edge 1.1: DPS is asked at each start unless told otherwise. */
	*ret_config = (struct config){
	    .provisioning.always_reprovision_on_startup = true,
	    .cloud_timeout_sec = CLOUD_TIMEOUT_DEFAULT_SECONDS,
	    .cloud_retries = CLOUD_RETRIES_DEFAULT,
	};
	if (config_load_with_dropins(
		path, &provisiond_config_table, ret_config, err))
		return err->code;
	if (complete(ret_config, err) == ERROR_NONE)
		return ERROR_NONE;
	provisiond_config_done(ret_config);
	return error_wrap(err, "%s", path);
}
