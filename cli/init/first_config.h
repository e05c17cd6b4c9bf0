/* SPDX-License-Identifier: MIT */
/* A configuration in one line: what 'signetctl init' writes. */
#ifndef CLI_FIRST_CONFIG_H
#define CLI_FIRST_CONFIG_H

#include <stdbool.h>

#include "common/cleanup.h"
#include "common/error.h"

#define FIRST_CONFIG_ENDPOINT "https://global.azure-devices-provisioning.net"

enum first_config_kind {
	FIRST_DPS_X509,
	FIRST_DPS_SYMMETRIC_KEY,
	FIRST_DPS_TPM,
	FIRST_MANUAL_X509,
	FIRST_MANUAL_CONNECTION_STRING,
};

/* What was asked for; what the kind has no use for is NULL. All borrowed. */
struct first_config {
	enum first_config_kind kind;
	const char *id_scope;
	const char *endpoint; /* NULL: FIRST_CONFIG_ENDPOINT */
	const char *registration_id;
	const char *identity_cert; /* a URI or an absolute path */
	const char *identity_pk;
	const char *symmetric_key; /* base64, or a URI, or an absolute path */
	bool symmetric_key_is_no_path; /* whatever it begins with */
	const char *iothub_hostname;
	const char *device_id;
	const char *connection_string;
	const char *trust_bundle;  /* as identity_cert */
	const char *pkcs11_module; /* an absolute path */
	const char *tcti;          /* where the TPM is; NULL: keyd's default */
};

/*
 * The text of config.yaml. The caller frees *ret_text with secret_free().
 * Fails with ERROR_INVALID if a location is none.
 */
MUST_CHECK enum error_code first_config_text(
    const struct first_config *config, char **ret_text, struct error *err);

#endif
