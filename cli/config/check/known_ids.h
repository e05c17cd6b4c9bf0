/* SPDX-License-Identifier: MIT */
/* The ids of keys and certificates that a configuration gives. */
#ifndef CLI_KNOWN_IDS_H
#define CLI_KNOWN_IDS_H

#include "super_config.h"

/* True if provisioning or local_ca already says what id is. */
bool known_ids_is_taken(
    const struct super_config *config, const char *id, bool is_key);

/* True if preloaded_certs has it. */
bool known_ids_is_preloaded_cert(
    const struct super_config *config, const char *id);

/* True if the configuration says where the certificate comes from. */
bool known_ids_has_cert(const struct super_config *config, const char *id);

#endif
