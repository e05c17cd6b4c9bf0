/* SPDX-License-Identifier: MIT */
/* What the principals of the configuration are to have. */
#ifndef PROVISIONING_PRINCIPALS_H
#define PROVISIONING_PRINCIPALS_H

#include <stdbool.h>

#include "config.h"

/* The name of its identities: "name", by default that of the user. */
const char *principal_name(const struct principal_settings *principal);

/* True if its list "identity" has identity: "device", "module" or "local". */
bool principal_has(
    const struct principal_settings *principal, const char *identity);

/* The principal called name whose list has identity, or NULL. */
const struct principal_settings *principals_find(
    const struct config *config, const char *name, const char *identity);

#endif
