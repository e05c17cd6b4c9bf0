/* SPDX-License-Identifier: MIT */
/* URIs that go to preloaded_keys or preloaded_certs, under an id. */
#ifndef CLI_PRELOAD_H
#define CLI_PRELOAD_H

#include <stdbool.h>

#include "common/config_node.h"

/* True if text is a URI, and no id. */
bool preload_is_uri(const char *text);

/*
 * Adds the scalar uri to section, as id. Fails with ERROR_INVALID if another
 * has that.
 */
MUST_CHECK enum error_code preload_uri(struct config_node *root,
    const char *section, const char *id, const struct config_node *uri,
    struct error *err);

/*
 * A URI called key, in the section at the end of path, is preloaded under the
 * id, which takes its place. Where there is none nothing happens. Fails as
 * preload_uri() does.
 */
MUST_CHECK enum error_code preload_named(struct config_node *root,
    const char *const *path, const char *key, const char *section,
    const char *id, struct error *err);

#endif
