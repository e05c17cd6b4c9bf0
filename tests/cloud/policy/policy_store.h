/* SPDX-License-Identifier: MIT */
/* The shared access policies of DPS and of the hub in the database. */
#ifndef CLOUD_POLICY_STORE_H
#define CLOUD_POLICY_STORE_H

#include "database.h"
#include "rights.h"

#define POLICY_DPS_OWNER "provisioningserviceowner"
#define POLICY_HUB_OWNER "iothubowner"

/* Its rights and its keys, the latter as base64. */
struct policy {
	unsigned rights;
	char *primary_key;
	char *secondary_key;
};

/* Releases the contents. */
void policy_done(struct policy *policy);

/* The contents of ret_policy are the caller's. Fails with ERROR_NOT_FOUND. */
MUST_CHECK enum error_code policy_get(struct database *database,
    enum surface surface, const char *name, struct policy *ret_policy,
    struct error *err);

/* Gives a policy these rights; makes it, with random keys, if it is new. */
MUST_CHECK enum error_code policy_put(struct database *database,
    enum surface surface, const char *name, unsigned rights, struct error *err);

/* Fails with ERROR_NOT_FOUND. */
MUST_CHECK enum error_code policy_delete(struct database *database,
    enum surface surface, const char *name, struct error *err);

/* Makes the policies that DPS and a hub have in Azure from the start. */
MUST_CHECK enum error_code policy_create_usual(
    struct database *database, struct error *err);

/* Adds each policy to array, as GET /policies shows it. */
MUST_CHECK enum error_code policy_list(
    struct database *database, json_t *array, struct error *err);

#endif
