/* SPDX-License-Identifier: MIT */
/* TOML, by toml++, as the same nodes that YAML is read into. */
#ifndef CLI_TOML_H
#define CLI_TOML_H

#include "common/config_node.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Reads text, which may hold NUL bytes as little as TOML does. Strings are
 * quoted scalars, all other values plain ones; dates are taken for texts. name
 * is borrowed by the nodes. Releasing *ret_root is the caller's.
 *
 * Fails as config_node_parse() does.
 */
MUST_CHECK enum error_code toml_node_parse(const char *name, const char *text,
    size_t length, struct config_node *ret_root, struct error *err);

#ifdef __cplusplus
}
#endif

#endif
