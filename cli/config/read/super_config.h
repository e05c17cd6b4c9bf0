/* SPDX-License-Identifier: MIT */
/*
 * The operator's configuration, signet-config(5): one file for the device, from
 * which 'config apply' makes one for each daemon. It knows all that IoT
 * Edge 1.1 and aziot have in theirs, under the same names.
 */
#ifndef CLI_SUPER_CONFIG_H
#define CLI_SUPER_CONFIG_H

#include "certd/settings.h"
#include "common/config.h"
#include "document.h"
#include "places.h"

/* The ids of what provisioning and local_ca name. */
#define ID_DEVICE "device-id"
#define ID_DEVICE_GROUP "device-group"
#define ID_LOCAL_CA "local-ca"
/* aziot's, for the keys of modules. */
#define ID_MASTER "aziot_identityd_master_id"

/* Seconds that DPS may take for an answer. */
#define CLOUD_TIMEOUT_LEAST 70

struct super_token {
	bool present;
	char *module;
	char *module_args;
	char *uri;
};

/* What keyd's own file says of its tokens and its audit log; 0: its default. */
struct super_keyd {
	unsigned sessions;
	char *session_copies;
	unsigned token_timeout;
	unsigned generation_timeout;
	char *audit;
	unsigned audit_max_size;
	unsigned audit_files;
};

/* The kind of certificate that a local identity gets. */
struct super_localid_options {
	char *type;
	char *attributes;
};

struct super_principal {
	char *user;
	struct config_strings keys;
	struct config_strings rights; /* to the keys */
	struct config_strings certs;
	char *name; /* of its module; NULL: as the user */
	struct config_strings identity;
	struct super_localid_options localid;
};

/* The TPM that the device proves itself with; keyd's own defaults. */
struct super_tpm_authorization {
	char *endorsement;
	char *owner;
};

struct super_tpm {
	char *tcti;
	unsigned auth_key_index;
	struct super_tpm_authorization hierarchy_authorization;
	struct config_strings users;
};

/* How the device's identity is issued. */
struct super_issuance {
	bool present;
	char *method;
	unsigned expiry_days; /* 0: certd's default */
	char *common_name;
};

/* Without a certificate it is issued as cert_issuance.certs says. */
struct super_local_ca {
	bool present;
	char *cert;
	char *pk;
};

struct super_cert_issuance {
	struct super_local_ca local_ca;
	struct config_est est;
	struct config_renewal renewal;
	struct config_list certs; /* struct config_issuance */
};

/* A symmetric key: itself, in base64, or where it is. */
struct super_secret {
	char *value;
	char *uri;
};

/* 'attestation' of source dps, or 'authentication' of source manual. */
struct super_attestation {
	bool present;
	char *method;
	char *registration_id;
	struct super_secret symmetric_key; /* or device_id_pk */
	struct super_secret group_key;
	char *identity_cert; /* a URI, or */
	struct super_issuance identity_issued;
	char *identity_pk;
};

struct super_payload {
	char *uri;
};

struct super_provisioning {
	bool present;
	char *source;
	char *global_endpoint;
	char *scope_id;
	struct super_payload payload;
	char *registration_id;
	struct super_attestation attestation;
	bool always_reprovision_on_startup;
	bool dynamic_reprovisioning;
	/* Of source manual. */
	char *iothub_hostname;
	char *device_id;
	struct super_attestation authentication;
	char *endpoint; /* of source external, which is none of ours */
};

struct super_localid {
	char *domain;
	bool export_private_keys;
};

/* IoT Edge's own CA; the rest of it is in cert_issuance.certs. */
struct super_edge_ca {
	bool present;
	char *cert; /* ids */
	char *pk;
};

struct super_config {
	struct super_token token;
	struct super_keyd keyd;
	struct super_tpm tpm;
	struct config_map preloaded_keys;
	struct config_map preloaded_certs;
	struct config_list principals; /* struct super_principal */
	struct config_strings bearer;  /* users */
	char *compat;                  /* "aziot", "none", or NULL */
	char *symmetric_keys;          /* "token", "file", or NULL */
	struct super_cert_issuance cert_issuance;
	bool manage_preloaded;
	char *trust_bundle; /* an id */
	char *trust_bundle_cert;
	char *hostname;
	char *local_gateway_hostname;
	char *cloud_timeout_sec; /* as it is written; NULL: the default */
	char *cloud_retries;
	bool prefer_module_identity_cache;
	char *auto_reprovisioning_mode; /* "Dynamic", ..., or NULL */
	struct super_localid localid;
	struct super_edge_ca edge_ca;
	struct super_provisioning provisioning;
};

/* Beside the identities of aziot: who may have all of them. */
#define IDENTITY_DAEMON "daemon"

extern const struct config_table super_config_table;
extern const struct config_table *const super_tpm_table;  /* super_tpm */
extern const struct config_table *const super_keyd_table; /* super_keyd */

/*
 * Understands document, whose root is changed: what names keys and certificates
 * is in the place that it has here. listener is told of keys that are not known
 * and of mistakes, as by config_read(), and may be NULL.
 *
 * Fails as config_read() does; the message begins with the place.
 */
MUST_CHECK enum error_code super_config_read(struct document *document,
    const struct config_listener *listener, struct super_config *ret_config,
    struct error *err);

void super_config_done(struct super_config *config);

/*
 * How the device's certificate is issued: as attestation says, and where that
 * is silent, as cert_issuance.certs does for the same id. Its common name is
 * the registration id. Borrowed; not present if it is not issued.
 */
struct super_issuance super_config_device_issuance(
    const struct super_config *config);

/* What cert_issuance.certs says of id, or NULL. Borrowed. */
const struct config_issuance *super_config_issuance(
    const struct super_config *config, const char *id);

/* What the device proves itself with: by its source, one of the two. */
const struct super_attestation *super_config_credential(
    const struct super_config *config);

#endif
