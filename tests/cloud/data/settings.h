/* SPDX-License-Identifier: MIT */
/* The settings in the database. */
#ifndef CLOUD_SETTINGS_H
#define CLOUD_SETTINGS_H

#include "database.h"

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
#define SETTING_EST_USAGES "est_usages"

/* The caller frees *ret_value. Fails with ERROR_NOT_FOUND. */
MUST_CHECK enum error_code setting_get(struct database *database,
    const char *name, char **ret_value, struct error *err);

MUST_CHECK enum error_code setting_put(struct database *database,
    const char *name, const char *value, struct error *err);

#endif
