/* SPDX-License-Identifier: MIT */
/* The only way another program reaches provisiond. */
#ifndef PROVISIOND_CLIENT_H
#define PROVISIOND_CLIENT_H

#include "common/api_client.h"

/* As keyd_client_create(); timeout_ms 0 means 600 s: calls wait while the
 * device is being provisioned. */
MUST_CHECK enum error_code provisiond_client_create(
    unsigned timeout_ms, struct unix_http **ret_client, struct error *err);

/* The device identity: {"type":"aziot","spec":{...}}. */
MUST_CHECK enum error_code provisiond_get_device_identity(
    struct unix_http *client, json_t **ret_identity, struct error *err);

/* {"identities":[...]}: the modules that the hub has of the device. */
MUST_CHECK enum error_code provisiond_list_modules(
    struct unix_http *client, json_t **ret_identities, struct error *err);

/* The identity of a module, as that of the device. */
MUST_CHECK enum error_code provisiond_show_module(struct unix_http *client,
    const char *id, json_t **ret_identity, struct error *err);

/* Makes a module at the hub. */
MUST_CHECK enum error_code provisiond_make_module(struct unix_http *client,
    const char *id, json_t **ret_identity, struct error *err);

/* Gives a module, whoever made it, its derived keys. */
MUST_CHECK enum error_code provisiond_renew_module(struct unix_http *client,
    const char *id, json_t **ret_identity, struct error *err);

/* That there is none is success. */
MUST_CHECK enum error_code provisiond_remove_module(
    struct unix_http *client, const char *id, struct error *err);

/* What is configured, and what became of it. */
MUST_CHECK enum error_code provisiond_get_provisioning(
    struct unix_http *client, json_t **ret_provisioning, struct error *err);

/* Registers with DPS again and waits for the outcome. */
MUST_CHECK enum error_code provisiond_reprovision(
    struct unix_http *client, struct error *err);

#endif
