/* SPDX-License-Identifier: MIT */
/*
 * Where a device's sockets, configuration and state are. Every program has
 * options for them; without one the environment decides, so that many devices
 * run side by side in one test.
 */
#ifndef COMMON_PATHS_H
#define COMMON_PATHS_H

#include "common/error.h"

/* SIGNET_RUNTIME_DIR, else /run/signet. */
const char *paths_runtime_directory(void);

/* SIGNET_CONFIG_DIR, else /etc/signet. */
const char *paths_config_directory(void);

/* SIGNET_STATE_DIR, else /var/lib/signet. */
const char *paths_state_directory(void);

/* "<runtime>/<daemon>.sock". The caller frees it; NULL: no memory. */
char *paths_socket(const char *daemon);

/* "<config>/<daemon>/config.yaml". The caller frees it; NULL: no memory. */
char *paths_config_file(const char *daemon);

/* The folder of drop-ins beside a configuration file; as above. */
char *paths_dropins(const char *config_path);

/* "<state>/<daemon>". The caller frees it; NULL: no memory. */
char *paths_state_of(const char *daemon);

/* The path of libsignet-pkcs11.so: SIGNET_PKCS11_MODULE, else as installed. */
const char *paths_pkcs11_module(void);

#endif
