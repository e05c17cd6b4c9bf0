/* SPDX-License-Identifier: MIT */
#include "render_shared.h"

#include <string.h>

#include "key_uri.h"

void
render_principal(struct yaml_writer *writer, const char *user)
{
	yaml_mapping(writer, NULL);
	yaml_text(writer, "user", user);
}

void
render_texts(
    struct yaml_writer *writer, const char *key, const char *const *texts)
{
	yaml_sequence(writer, key);
	while (*texts)
		yaml_text(writer, NULL, *texts++);
	yaml_sequence_end(writer);
}

const char *
render_device_key(const struct super_config *config)
{
	const char *pk = super_config_credential(config)->identity_pk;

	return key_uri_is(pk, URI_FILE) || key_uri_names_object(pk) ? pk : NULL;
}

bool
render_is_key_rotated(const struct super_config *config)
{
	return super_config_credential(config)->identity_issued.present &&
	       !render_device_key(config);
}

static bool
is_local(const struct super_principal *principal)
{
	for (size_t i = 0; i < principal->identity.count; i++)
		if (strcmp(principal->identity.items[i], "local") == 0)
			return true;
	return false;
}

void
render_local_names(
    struct yaml_writer *writer, const struct super_config *config)
{
	const struct super_principal *principals = config->principals.items;

	for (size_t i = 0; i < config->principals.count; i++)
		if (is_local(&principals[i]))
			yaml_text(writer, NULL,
			    principals[i].name ? principals[i].name
					       : principals[i].user);
}

bool
render_is_method(const struct super_config *config, const char *method)
{
	const struct super_attestation *credential =
	    super_config_credential(config);

	return credential->method && strcmp(credential->method, method) == 0;
}

bool
render_is_compatible(const struct super_config *config)
{
	return config->compat && strcmp(config->compat, "none") != 0;
}
