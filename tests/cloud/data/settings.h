/* SPDX-License-Identifier: MIT */
/* The settings and shared access policies in the database. */
#ifndef CLOUD_SETTINGS_H
#define CLOUD_SETTINGS_H

#include "database.h"
#include "reply.h"

#define SETTING_ID_SCOPE "id_scope"
#define SETTING_CA_CERTIFICATE "ca_certificate"
#define SETTING_CA_KEY "ca_key"
#define SETTING_SERVER_CERTIFICATE "server_certificate"
#define SETTING_SERVER_KEY "server_key"
#define SETTING_ADMIN_TOKEN "admin_token"
#define SETTING_EST_CHAIN "est_chain" /* the issuing CA, then the others */
#define SETTING_EST_KEY "est_key"     /* PEM, or a pkcs11: URI */
#define SETTING_EST_MODULE "est_module"
#define SETTING_EST_ATTRIBUTES "est_attributes"

#define POLICY_DPS_OWNER "provisioningserviceowner"
#define POLICY_HUB_OWNER "iothubowner"

/* The caller frees *ret_value. Fails with ERROR_NOT_FOUND. */
MUST_CHECK enum error_code setting_get(struct database *database,
    const char *name, char **ret_value, struct error *err);

MUST_CHECK enum error_code setting_put(struct database *database,
    const char *name, const char *value, struct error *err);

/* The keys of a policy, as base64. */
struct policy {
	char *primary_key;
	char *secondary_key;
};

/* Releases the contents. */
void policy_done(struct policy *policy);

/* The contents of ret_policy are the caller's. Fails with ERROR_NOT_FOUND. */
MUST_CHECK enum error_code policy_get(struct database *database,
    enum surface surface, const char *name, struct policy *ret_policy,
    struct error *err);

/* Makes a policy with random keys. */
MUST_CHECK enum error_code policy_create(struct database *database,
    enum surface surface, const char *name, struct error *err);

#endif
