/* SPDX-License-Identifier: MIT */
/* Who may call the service side: holders of a shared access policy. */
#ifndef CLOUD_ACCESS_H
#define CLOUD_ACCESS_H

#include "cloud.h"
#include "rights.h"

/*
 * Checks that request carries a shared access signature by a policy of surface
 * that has this right, for the host that the request names. Fails with
 * ERROR_DENIED.
 */
MUST_CHECK enum error_code access_check(struct cloud *cloud,
    enum surface surface, enum right right, const struct request *request,
    struct error *err);

/* As "Authorization: Bearer TOKEN". Fails with ERROR_DENIED. */
MUST_CHECK enum error_code access_check_admin(
    struct cloud *cloud, const struct request *request, struct error *err);

/* True if token is the administrator's, compared in constant time. */
MUST_CHECK enum error_code access_is_admin(struct cloud *cloud,
    const char *token, bool *ret_is_admin, struct error *err);

/*
 * Checks that token is signed by one of two keys (base64) for what path says,
 * on the host that request names, with or without its port. Fails with
 * ERROR_DENIED.
 */
struct sas_token;
MUST_CHECK enum error_code access_check_token(const struct request *request,
    const struct sas_token *token, const char *const keys[static 2],
    const char *path, struct error *err);

#endif
