/* SPDX-License-Identifier: MIT */
/*
 * certd's configuration, as it stands in certd/config.yaml and config.d. What
 * it means for one certificate is policy.h's.
 */
#ifndef CERTD_CONFIG_H
#define CERTD_CONFIG_H

#include "certd/settings.h"
#include "common/acl.h"

/* The id that IoT Edge gives it. */
#define TRUST_BUNDLE_DEFAULT "aziot-edged-trust-bundle"

struct config_principal {
	char *user;
	struct config_strings certs;
};

struct config_cert_issuance {
	struct config_local_ca local_ca;
	struct config_est est;
	struct config_renewal renewal;
	struct config_list certs; /* of struct config_issuance */
};

struct certd_config {
	struct config_map preloaded_certs; /* id -> file URI, or list of ids */
	struct config_cert_issuance cert_issuance;
	struct config_list principals; /* of struct config_principal */
	char *trust_bundle;            /* an id; NULL: TRUST_BUNDLE_DEFAULT */
	bool manage_preloaded;         /* files may be written and removed */
	char *compat;                  /* "aziot", or NULL */
	struct config_origins origins;
};

extern const struct config_table certd_config_table;

/*
 * Reads the file and its drop-ins, and checks what the table cannot.
 * Fails as config_load_with_dropins() does.
 */
MUST_CHECK enum error_code certd_config_load(
    const char *path, struct certd_config *ret_config, struct error *err);

/* As certd_config_load(), from text. */
MUST_CHECK enum error_code certd_config_parse(
    const char *text, struct certd_config *ret_config, struct error *err);

/* Releases the contents, not the struct. */
void certd_config_done(struct certd_config *config);

/* How id is issued, or NULL. Borrowed. */
const struct config_issuance *certd_config_issuance(
    const struct certd_config *config, const char *id);

/* Who may write which certificates. Fails with ERROR_INVALID. */
MUST_CHECK enum error_code certd_config_acl(
    const struct certd_config *config, struct acl **ret_acl, struct error *err);

#endif
