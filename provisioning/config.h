/* SPDX-License-Identifier: MIT */
/* provisiond/config.yaml; docs/man/signet-provisiond.8 describes it. */
#ifndef PROVISIONING_CONFIG_H
#define PROVISIONING_CONFIG_H

#include <sys/types.h>

#include "common/config.h"

/* The ids that an issued credential gets in keyd and certd. */
#define DEVICE_ID "device-id"

/* As aziot's: one attempt of a call to DPS or the hub. */
#define CLOUD_TIMEOUT_DEFAULT_SECONDS 70
#define CLOUD_TIMEOUT_MAX_SECONDS 3600
#define CLOUD_RETRIES_DEFAULT 1
#define CLOUD_RETRIES_MAX 100

/* identity_cert as a mapping: certd issues it, keyd makes its key. */
struct issuance_settings {
	bool present;
	char *method;
	char *common_name;
	unsigned expiry_days;
};

/* What the device proves itself with, to DPS or to the hub. */
enum credential_kind {
	CREDENTIAL_X509,          /* identity_cert and identity_pk */
	CREDENTIAL_SYMMETRIC_KEY, /* symmetric_key or group_key */
	CREDENTIAL_TPM,           /* keyd's TPM */
};

/* 'attestation' of source dps, 'authentication' of source manual. */
struct attestation_settings {
	bool present;
	/* dps: x509, symmetric_key, tpm; manual: x509, sas */
	char *method;
	enum credential_kind kind; /* the same, once loaded */
	/* NULL: the common name of the certificate (x509 only). */
	char *registration_id;
	/* keyd's ids; one of the two for CREDENTIAL_SYMMETRIC_KEY: the key of
	   the device, or the one of a group that it is derived from. */
	char *symmetric_key;
	char *group_key;
	/* The rest is NULL but for CREDENTIAL_X509. */
	char *identity_cert; /* certd's id; never NULL once loaded */
	char *identity_pk;   /* keyd's id; never NULL once loaded */
	struct issuance_settings issuance;
};

struct payload_settings {
	char *uri;  /* a file URI, or NULL */
	char *path; /* the same as a path, or NULL */
};

struct provisioning_settings {
	char *source; /* "dps", "manual" or "none" */
	/* The parent that stands for the hub, or NULL. */
	char *local_gateway_hostname;
	/* dps */
	char *global_endpoint;
	char *scope_id;
	struct payload_settings payload;
	struct attestation_settings attestation;
	/*
	 * 1.2's auto_reprovisioning_mode is these two: Dynamic is the second,
	 * AlwaysOnStartup the first, OnErrorOnly neither.
	 */
	bool always_reprovision_on_startup;
	bool dynamic_reprovisioning;
	/* manual */
	char *iothub_hostname;
	char *device_id;
	struct attestation_settings authentication;
};

/* The kind of certificate that a local identity gets. */
struct principal_localid {
	char *type;       /* "x509" */
	char *attributes; /* "client", "server", or NULL: client */
};

struct principal_settings {
	char *user;
	char *name;
	/* "device", "module", "local"; none: a daemon, e.g. the agent */
	struct config_strings identity;
	struct principal_localid localid;
};

/* Local identities: certificates for <module>.<hostname>.<domain>. */
struct localid_settings {
	char *domain; /* NULL: there are none */
	bool export_private_keys;
};

struct config {
	char *hostname; /* NULL: the machine's */
	unsigned cloud_timeout_sec;
	unsigned cloud_retries; /* beyond the first attempt */
	bool prefer_module_identity_cache;
	struct provisioning_settings provisioning;
	struct localid_settings localid;
	char *trust_bundle_cert;       /* a file URI, or NULL */
	char *trust_bundle_path;       /* the same as a path, or NULL */
	struct config_list principals; /* struct principal_settings */
};

extern const struct config_table provisiond_config_table;

/* Releases the contents, not the struct. */
void provisiond_config_done(struct config *config);

/*
 * Reads the file at path and its drop-ins, sets the defaults and checks what
 * no table can check. On success the contents of ret_config are the caller's.
 *
 * Fails as config_load() does; nothing is left in ret_config.
 */
MUST_CHECK enum error_code provisiond_config_load(
    const char *path, struct config *ret_config, struct error *err);

/* What the device proves itself with; NULL if the source is none. */
const struct attestation_settings *config_credential(
    const struct config *config);

/*
 * The registration id, or with source manual the device id. NULL if only the
 * certificate says it.
 */
const char *config_device_name(const struct config *config);

#endif
