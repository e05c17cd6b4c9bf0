/* SPDX-License-Identifier: MIT */
/*
 * The operator's configuration, signet-config(5): one file for the device, from
 * which 'config apply' makes one for each daemon. The provisioning section is
 * that of IoT Edge 1.1, so its config.yaml can be read as it is.
 */
#ifndef CLI_SUPER_CONFIG_H
#define CLI_SUPER_CONFIG_H

#include "certd/settings.h"
#include "common/config.h"
#include "places.h"

/* The ids of what provisioning and local_ca name. */
#define ID_DEVICE "device-id"
#define ID_LOCAL_CA "local-ca"

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

struct super_principal {
	char *user;
	struct config_strings keys;
	struct config_strings rights; /* to the keys */
	struct config_strings certs;
	struct config_strings identity;
};

/* How the device's identity is issued. */
struct super_issuance {
	bool present;
	char *method;
	unsigned expiry_days; /* 0: certd's default */
	char *common_name;
};

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

struct super_attestation {
	bool present;
	char *method;
	char *registration_id;
	char *symmetric_key;
	char *identity_cert; /* a URI, or */
	struct super_issuance identity_issued;
	char *identity_pk;
};

struct super_provisioning {
	bool present;
	char *source;
	char *global_endpoint;
	char *scope_id;
	char *registration_id;
	struct super_attestation attestation;
	bool always_reprovision_on_startup;
	bool dynamic_reprovisioning;
	/* What belongs to sources that are not there yet. */
	char *device_connection_string;
	char *endpoint;
};

struct super_config {
	struct super_token token;
	struct super_keyd keyd;
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
	struct super_provisioning provisioning;
};

extern const struct config_table super_config_table;

/*
 * Reads the file at path, or from the file from laid over it: each of its
 * sections replaces the same section of path, which then may be missing. from
 * may be NULL. places learns where everything stands.
 *
 * Fails as config_load() does; the message begins with the place.
 */
MUST_CHECK enum error_code super_config_load(const char *path, const char *from,
    struct super_config *ret_config, struct places *places, struct error *err);

/* As super_config_load(), from one text; name stands for the file. */
MUST_CHECK enum error_code super_config_parse(const char *name,
    const char *text, size_t length, struct super_config *ret_config,
    struct places *places, struct error *err);

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

/* The name of the i-th section of IoT Edge that is read and not used, or NULL.
 */
const char *super_config_foreign(size_t i);

#endif
