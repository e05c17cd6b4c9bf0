/* SPDX-License-Identifier: MIT */
#include "principals.h"

#include <string.h>

const char *
principal_name(const struct principal_settings *principal)
{
	return principal->name ? principal->name : principal->user;
}

bool
principal_has(const struct principal_settings *principal, const char *identity)
{
	for (size_t i = 0; i < principal->identity.count; i++)
		if (strcmp(principal->identity.items[i], identity) == 0)
			return true;
	return false;
}

const struct principal_settings *
principals_find(
    const struct config *config, const char *name, const char *identity)
{
	const struct principal_settings *principals = config->principals.items;

	for (size_t i = 0; i < config->principals.count; i++)
		if (principal_has(&principals[i], identity) &&
		    strcmp(principal_name(&principals[i]), name) == 0)
			return &principals[i];
	return NULL;
}
