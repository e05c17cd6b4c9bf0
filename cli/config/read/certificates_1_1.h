/* SPDX-License-Identifier: MIT */
/* The section 'certificates' of IoT Edge 1.1. */
#ifndef CLI_CERTIFICATES_1_1_H
#define CLI_CERTIFICATES_1_1_H

#include "common/config_node.h"

/*
 * Changes it into edge_ca and trust_bundle_cert of later versions. Its files
 * may be paths, also relative ones, which are those of the working directory.
 *
 * Fails with ERROR_INVALID: of the certificate, the key and the trusted ones
 * some are given and others not.
 */
MUST_CHECK enum error_code certificates_1_1_change(
    struct config_node *root, struct error *err);

#endif
