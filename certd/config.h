/* SPDX-License-Identifier: MIT */
/* certd's configuration, as it stands in certd/config.yaml and config.d. */
#ifndef CERTD_CONFIG_H
#define CERTD_CONFIG_H

#include "common/acl.h"
#include "common/config.h"

/* Ids: of a certificate in certd and of its key in keyd. */
struct config_local_ca {
	bool present;
	char *cert;
	char *pk;
};

/* How the certificate id is issued when it is asked for. */
struct config_issuance {
	char *id;
	char *method;
	unsigned expiry_days; /* 0: the default */
	char *common_name;    /* NULL: the request's subject */
};

struct config_principal {
	char *user;
	struct config_strings certs;
};

struct config_cert_issuance {
	struct config_local_ca local_ca;
	struct config_list certs; /* of struct config_issuance */
};

struct certd_config {
	struct config_map preloaded_certs; /* id -> file URI, or list of ids */
	struct config_cert_issuance cert_issuance;
	struct config_list principals; /* of struct config_principal */
};

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
