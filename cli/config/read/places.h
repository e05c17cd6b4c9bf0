/* SPDX-License-Identifier: MIT */
/*
 * Where things stand in the configuration, so that a complaint about what was
 * understood can still point at its place.
 */
#ifndef CLI_PLACES_H
#define CLI_PLACES_H

#include "common/config_node.h"

/*
 * The way to a key, from the section down; in a list a step is a position from
 * 0.
 */
#define STEPS(...) ((const char *const[]){__VA_ARGS__, NULL})

/*
 * The place of a key: "path:line:column", of the last of its steps that exists,
 * or only the path if none does. The caller frees it; NULL: no memory.
 */
char *places_find(const struct config_node *root, const char *const *steps);

/*
 * What the file calls the key at the end of the steps; NULL if one of them does
 * not exist. Borrowed.
 */
const char *places_name(
    const struct config_node *root, const char *const *steps);

/* True if all steps exist. */
bool places_has(const struct config_node *root, const char *const *steps);

#endif
