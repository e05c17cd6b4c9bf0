/* SPDX-License-Identifier: MIT */
/* Who may call the service side: holders of a shared access policy. */
#ifndef CLOUD_ACCESS_H
#define CLOUD_ACCESS_H

#include "cloud.h"

/*
 * Checks that request carries a shared access signature by a policy of surface
 * for the host that the request names. Fails with ERROR_DENIED.
 */
MUST_CHECK enum error_code access_check(struct cloud *cloud,
    enum surface surface, const struct request *request, struct error *err);

#endif
