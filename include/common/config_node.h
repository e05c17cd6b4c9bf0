/* SPDX-License-Identifier: MIT */
/*
 * A YAML document as a tree: what libyaml's events say, and where each thing
 * stands, so that a complaint can point at it.
 *
 * Only the plain part of YAML is let in: no anchors, aliases, tags or further
 * documents, keys that are texts and stand once, no control characters.
 */
#ifndef COMMON_CONFIG_NODE_H
#define COMMON_CONFIG_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

#define CONFIG_DEPTH_MAX 16
#define CONFIG_NODES_MAX 20000

enum config_node_kind { CONFIG_MAPPING, CONFIG_SEQUENCE, CONFIG_SCALAR };

struct config_node {
	enum config_node_kind kind;
	bool plain;       /* a scalar that is neither quoted nor a block */
	char *text;       /* of a scalar */
	char *written;    /* what a key is called in the file; NULL: as text */
	const char *file; /* the name given to config_node_parse() */
	unsigned line;    /* from 1 */
	unsigned column;  /* from 1 */
	/* Of a scalar, in characters from the beginning, with its quotes. */
	size_t start, end;
	/* Of a sequence; of a mapping: keys and values by turns. */
	size_t count;
	struct config_node *items;
};

/*
 * Reads text, one document whose root is a mapping; an empty document is an
 * empty mapping, and a mark of UTF-8 in front of it is passed over. name is
 * borrowed by the nodes. Releasing *ret_root is the caller's.
 *
 * Fails with ERROR_INVALID, the message begins with "name:line:column: ".
 */
MUST_CHECK enum error_code config_node_parse(const char *name, const char *text,
    size_t length, struct config_node *ret_root, struct error *err);

/* Releases the contents, wiping every text. */
void config_node_done(struct config_node *node);

/*
 * Lays over upon base: mappings key by key, sequences are appended, everything
 * else is replaced. What base took, over has no longer; both stay to be
 * released.
 */
MUST_CHECK enum error_code config_node_merge(
    struct config_node *base, struct config_node *over, struct error *err);

/* The value of key in a mapping, or NULL. */
struct config_node *config_node_find(
    const struct config_node *mapping, const char *key);

/* What key is called in the file that it stands in, for messages. Borrowed. */
const char *config_node_name(const struct config_node *key);

/* True for what YAML reads as "no value". */
bool config_node_is_null(const struct config_node *node);

/* Records ERROR_INVALID with the place of node in front of the message. */
enum error_code config_node_error(
    const struct config_node *node, struct error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
