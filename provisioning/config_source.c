/* SPDX-License-Identifier: MIT */
/* Which of the sections counts. */
#include "config.h"

#include <string.h>

const struct attestation_settings *
config_credential(const struct config *config)
{
	const struct provisioning_settings *provisioning =
	    &config->provisioning;

	if (strcmp(provisioning->source, "none") == 0)
		return NULL;
	return strcmp(provisioning->source, "manual") == 0
		   ? &provisioning->authentication
		   : &provisioning->attestation;
}

const char *
config_device_name(const struct config *config)
{
	const struct provisioning_settings *provisioning =
	    &config->provisioning;

	return strcmp(provisioning->source, "manual") == 0
		   ? provisioning->device_id
		   : provisioning->attestation.registration_id;
}
