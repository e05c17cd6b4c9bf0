/* SPDX-License-Identifier: MIT */
#include "certd/settings.h"

#include "settings_macros.h"

/* What policy.c and profile.c read. */
static const char *const methods[] = {"self_signed", "local_ca", "est", NULL};
static const char *const profiles[] = {
    "device-identity", "server", "client", "ca", NULL};
static const char *const digests[] = {"sha256", "sha384", NULL};
static const char *const provers[] = {"user", "nobody", NULL};
static const char *const truths[] = {"true", "false", NULL};

static const struct config_field ca_fields[] = {
    NEEDED(config_local_ca, cert, STRING),
    NEEDED(config_local_ca, pk, STRING),
};
static const struct config_table ca_table =
    PRESENT_TABLE(config_local_ca, ca_fields);

static const struct config_field est_fields[] = {
    VALUE(config_est, url, STRING),
    VALUE(config_est, trusted_certs, STRINGS),
    VALUE(config_est, fingerprint, STRING),
    VALUE(config_est, username, STRING),
    SECRET(config_est, password, STRING),
    VALUE(config_est, identity_cert, STRING),
    VALUE(config_est, identity_pk, STRING),
    VALUE(config_est, bootstrap_identity_cert, STRING),
    VALUE(config_est, bootstrap_identity_pk, STRING),
    VALUE(config_est, allow_http, BOOL),
};
const struct config_table certd_est_table = TABLE(config_est, est_fields);

static const struct config_field renewal_fields[] = {
    CHOICE(config_renewal, automatic, truths),
    VALUE(config_renewal, window, STRING),
    VALUE(config_renewal, retry, STRING),
    CHOICE(config_renewal, rotate_key, truths),
    CHOICE(config_renewal, prove, provers),
};
const struct config_table certd_renewal_table =
    PRESENT_TABLE(config_renewal, renewal_fields);

static const struct config_field issuance_fields[] = {
    {"method", CONFIG_STRING, offsetof(struct config_issuance, method),
     CONFIG_REQUIRED, NULL, methods},
    CHOICE(config_issuance, profile, profiles),
    VALUE(config_issuance, path_length, UNSIGNED),
    VALUE(config_issuance, expiry_days, UNSIGNED),
    CHOICE(config_issuance, digest, digests),
    VALUE(config_issuance, pk, STRING),
    VALUE(config_issuance, common_name, STRING),
    VALUE(config_issuance, subject, MAP),
    VALUE(config_issuance, accept, STRINGS),
    NESTED(config_issuance, issuer, SECTION, &ca_table),
    NESTED(config_issuance, est, SECTION, &certd_est_table),
    NESTED(config_issuance, renewal, SECTION, &certd_renewal_table),
    VALUE(config_issuance, on_renewed, STRING),
};
const struct config_table certd_issuance_table =
    TABLE(config_issuance, issuance_fields);

struct config_est
certd_est_merge(
    const struct config_est *general, const struct config_est *special)
{
	struct config_est est = *general;

	if (special->url) {
		est.url = special->url;
		est.allow_http = special->allow_http;
	}
	/* Two ways to say whom to trust: who says one means it alone. */
	if (special->trusted_certs.count > 0 || special->fingerprint) {
		est.trusted_certs = special->trusted_certs;
		est.fingerprint = special->fingerprint;
	}
	if (special->username) {
		est.username = special->username;
		est.password = special->password;
	}
	if (special->identity_cert) {
		est.identity_cert = special->identity_cert;
		est.identity_pk = special->identity_pk;
	}
	if (special->bootstrap_identity_cert) {
		est.bootstrap_identity_cert = special->bootstrap_identity_cert;
		est.bootstrap_identity_pk = special->bootstrap_identity_pk;
	}
	return est;
}
