/* SPDX-License-Identifier: MIT */
#include "common/paths.h"

#include <stdlib.h>
#include <string.h>

#include "common/file.h"

static const char *
from_environment(const char *name, const char *fallback)
{
	const char *value = getenv(name);

	return value && *value ? value : fallback;
}

const char *
paths_runtime_directory(void)
{
	return from_environment("SIGNET_RUNTIME_DIR", "/run/signet");
}

const char *
paths_config_directory(void)
{
	return from_environment("SIGNET_CONFIG_DIR", "/etc/signet");
}

const char *
paths_state_directory(void)
{
	return from_environment("SIGNET_STATE_DIR", "/var/lib/signet");
}

char *
paths_socket(const char *daemon)
{
	return string_format("%s/%s.sock", paths_runtime_directory(), daemon);
}

char *
paths_config_file(const char *daemon)
{
	return string_format(
	    "%s/%s/config.yaml", paths_config_directory(), daemon);
}

char *
paths_dropins(const char *config_path)
{
	const char *slash = strrchr(config_path, '/');

	return string_format("%.*sconfig.d",
	    slash ? (int)(slash + 1 - config_path) : 0, config_path);
}

char *
paths_state_of(const char *daemon)
{
	return string_format("%s/%s", paths_state_directory(), daemon);
}

const char *
paths_pkcs11_module(void)
{
	return from_environment("SIGNET_PKCS11_MODULE", SIGNET_PKCS11_MODULE);
}
