/* SPDX-License-Identifier: MIT */
/*
 * How certificates are issued and renewed, as it stands in certd's own
 * configuration and in the operator's, from which that is made.
 */
#ifndef CERTD_SETTINGS_H
#define CERTD_SETTINGS_H

#include "common/config.h"

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

extern const struct config_table certd_est_table;      /* config_est */
extern const struct config_table certd_renewal_table;  /* config_renewal */
extern const struct config_table certd_issuance_table; /* config_issuance */

/* All that is said of issuing. Borrowed. */
struct certd_settings {
	const struct config_local_ca *local_ca;
	const struct config_est *est;
	const struct config_renewal *renewal;
	const struct config_list *certs; /* of struct config_issuance */
	/*
	 * How the device's certificate is issued if that is said elsewhere,
	 * too; it counts, and not what certs says of it. Or NULL.
	 */
	const struct config_issuance *device;
	const struct config_map *preloaded_keys; /* keyd's; NULL: not known */
	const struct config_map *fixed_certs; /* not ours to write, or NULL */
};

/* True if the configuration has id issue others. */
bool certd_settings_is_issuer(
    const struct certd_settings *settings, const char *id);

/* True if certd renews it by its journal, by itself or when it is told to. */
bool certd_settings_is_renewed(const struct certd_settings *settings,
    const struct config_issuance *issuance);

/* True if it has a new key when it is renewed so. */
bool certd_settings_rotates_key(const struct certd_settings *settings,
    const struct config_issuance *issuance);

/*
 * A mistake, and the keys that lead to it, "cert_issuance" first and NULL
 * behind the last.
 */
typedef void certd_settings_mistake(
    void *context, const char *const *keys, const struct error *mistake);

/*
 * Tells all that contradicts itself, or cannot be, beyond what the tables find.
 */
void certd_settings_check(const struct certd_settings *settings,
    certd_settings_mistake *tell_mistake, void *context);

/*
 * What holds for one certificate: the defaults of cert_issuance.est, and what
 * the certificate's own section says instead. A URL comes with its own
 * allow_http, a user with his own password, and so on; trusted_certs of its own
 * stand in place of a fingerprint, and the other way round. All is borrowed.
 */
struct config_est certd_est_merge(
    const struct config_est *general, const struct config_est *special);

/*
 * Whether a server can be asked by est, which is merged and has a URL.
 * is_lenient: as aziot-certd, which asks by http and trusts the system's roots.
 *
 * Fails with ERROR_INVALID; *ret_key is the key that is wrong, or NULL if one
 * is missing.
 */
MUST_CHECK enum error_code certd_est_check(const struct config_est *est,
    bool is_lenient, const char **ret_key, struct error *err);

#endif
