/* SPDX-License-Identifier: MIT */
#include "known_ids.h"

#include <string.h>

#include "check_secret.h"

bool
known_ids_is_taken(
    const struct super_config *config, const char *id, bool is_key)
{
	const struct super_attestation *credential =
	    super_config_credential(config);
	const struct super_local_ca *local_ca = &config->cert_issuance.local_ca;

	if (strcmp(id, ID_LOCAL_CA) == 0)
		return (is_key ? local_ca->pk : local_ca->cert) != NULL;
	if (strcmp(id, ID_DEVICE) == 0)
		return is_key ? credential->identity_pk ||
				    secret_is_given(&credential->symmetric_key)
			      : credential->identity_cert ||
				    credential->identity_issued.present;
	if (strcmp(id, ID_DEVICE_GROUP) == 0)
		return is_key && secret_is_given(&credential->group_key);
	return false;
}

bool
known_ids_is_preloaded_cert(const struct super_config *config, const char *id)
{
	for (size_t i = 0; i < config->preloaded_certs.count; i++)
		if (strcmp(config->preloaded_certs.items[i].key, id) == 0)
			return true;
	return false;
}

bool
known_ids_has_cert(const struct super_config *config, const char *id)
{
	return known_ids_is_preloaded_cert(config, id) ||
	       super_config_issuance(config, id) ||
	       known_ids_is_taken(config, id, false);
}
