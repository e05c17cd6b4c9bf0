/* SPDX-License-Identifier: MIT */
/*
 * Changes to a configuration that was read, before it is understood. What is
 * added is said to stand where the thing stood that it was made from. A
 * function may move the items of the mapping it is given, but of no other.
 */
#ifndef CLI_NODE_EDIT_H
#define CLI_NODE_EDIT_H

#include "common/config_node.h"

/* The mapping called key, or NULL if there is none or it is something else. */
struct config_node *node_mapping(
    const struct config_node *mapping, const char *key);

/* The text called key, or NULL if there is none or it is something else. */
const char *node_text(const struct config_node *mapping, const char *key);

/* The mapping called key, which is made if there is none. */
MUST_CHECK enum error_code node_make_mapping(struct config_node *mapping,
    const char *key, const struct config_node *place,
    struct config_node **ret_node, struct error *err);

/* The section at the end of path, which is made as node_make_mapping() does. */
MUST_CHECK enum error_code node_make_path(struct config_node *root,
    const char *const *path, const struct config_node *place,
    struct config_node **ret_node, struct error *err);

/* The section at the end of path, or NULL. */
struct config_node *node_find_path(
    struct config_node *root, const char *const *path);

/* Adds a text called key, in the place of one that has that name. */
MUST_CHECK enum error_code node_set_text(struct config_node *mapping,
    const char *key, const struct config_node *place, const char *text,
    struct error *err);

/* As node_set_text(), but what is there already stays. */
MUST_CHECK enum error_code node_add_text(struct config_node *mapping,
    const char *key, const struct config_node *place, const char *text,
    struct error *err);

/* Changes the text of a scalar. */
MUST_CHECK enum error_code node_change(
    struct config_node *scalar, const char *text, struct error *err);

/*
 * Adds item to the list called key, which is made if there is none; takes item,
 * also if it fails. Fails with ERROR_INVALID if key is something else.
 */
MUST_CHECK enum error_code node_append(struct config_node *mapping,
    const char *key, struct config_node *item, struct error *err);

/* Adds a copy of value, called key; what is there already stays. */
MUST_CHECK enum error_code node_add_copy(struct config_node *mapping,
    const char *key, const struct config_node *value, struct error *err);

/* Messages call key, which is there, as it is written in the file. */
MUST_CHECK enum error_code node_call(struct config_node *mapping,
    const char *key, const char *written, struct error *err);

/* Removes key and what it names, if it is there. */
void node_remove(struct config_node *mapping, const char *key);

/*
 * Moves what from calls key into to, as name; nothing if there is none. from
 * and to may be the same. Messages go on to call it as in the file. Fails with
 * ERROR_INVALID if to has that name.
 */
MUST_CHECK enum error_code node_move(struct config_node *from, const char *key,
    struct config_node *to, const char *name, struct error *err);

#endif
