/* SPDX-License-Identifier: MIT */
/* provisiond/config.yaml; docs/man/signet-provisiond.8 describes it. */
#ifndef PROVISIONING_CONFIG_H
#define PROVISIONING_CONFIG_H

#include <sys/types.h>

#include "common/config.h"

/* The ids that an issued credential gets in keyd and certd. */
#define DEVICE_ID "device-id"

/* identity_cert as a mapping: certd issues it, keyd makes its key. */
struct issuance_settings {
	bool present;
	char *method;
	char *common_name;
	unsigned expiry_days;
};

struct attestation_settings {
	char *method;
	char *registration_id; /* NULL: the common name of the certificate */
	char *identity_cert;   /* certd's id; never NULL once loaded */
	char *identity_pk;     /* keyd's id; never NULL once loaded */
	struct issuance_settings issuance;
};

struct provisioning_settings {
	char *source;
	char *global_endpoint;
	char *scope_id;
	struct attestation_settings attestation;
	bool always_reprovision_on_startup;
	bool dynamic_reprovisioning;
};

struct principal_settings {
	char *user;
	char *name;
	struct config_strings identity; /* none: a daemon, e.g. the agent */
};

struct config {
	struct provisioning_settings provisioning;
	char *trust_bundle_cert;       /* a file URI, or NULL */
	char *trust_bundle_path;       /* the same as a path, or NULL */
	struct config_list principals; /* struct principal_settings */
};

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

#endif
