/* SPDX-License-Identifier: MIT */
/*
 * certd's configuration, as it stands in certd/config.yaml and config.d. What
 * it means for one certificate is policy.h's.
 */
#ifndef CERTD_CONFIG_H
#define CERTD_CONFIG_H

#include "common/acl.h"
#include "common/config.h"

/* The id that IoT Edge gives it. */
#define TRUST_BUNDLE_DEFAULT "aziot-edged-trust-bundle"

/* Ids: of a certificate in certd and of its key in keyd. */
struct config_local_ca {
	bool present;
	char *cert;
	char *pk;
};

/* An EST server and how we prove ourselves to it. NULL: not given. */
struct config_est {
	char *url;
	struct config_strings trusted_certs; /* ids of certificates */
	char *fingerprint; /* SHA-256 of the server's CA, for the first time */
	char *username;
	char *password;
	char *identity_cert; /* ids, of a certificate and of its key */
	char *identity_pk;
	char *bootstrap_identity_cert;
	char *bootstrap_identity_pk;
	bool allow_http;
};

/* When a certificate is renewed, and how. NULL: the default. */
struct config_renewal {
	bool present;
	char *automatic; /* "true", "false" */
	char *window;    /* "80%", "90min", "30day" */
	char *retry;
	char *rotate_key; /* "true", "false" */
	char *prove;      /* "user", "nobody" */
};

/* How the certificate id is issued when it is asked for. */
struct config_issuance {
	char *id;
	char *method;
	char *profile;             /* NULL: by what is asked for */
	unsigned path_length;      /* of profile ca */
	unsigned expiry_days;      /* 0: the default */
	char *digest;              /* NULL: natural for the issuer's key */
	char *pk;                  /* id in keyd; NULL: id */
	char *common_name;         /* NULL: the request's subject */
	struct config_map subject; /* RDN -> value, in place of common_name */
	struct config_strings accept;  /* parts of a request; none: profile's */
	struct config_local_ca issuer; /* in place of cert_issuance.local_ca */
	struct config_est est;         /* over cert_issuance.est */
	struct config_renewal renewal; /* over cert_issuance.renewal */
	char *on_renewed;              /* a systemd unit */
};

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
