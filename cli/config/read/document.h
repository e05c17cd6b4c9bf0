/* SPDX-License-Identifier: MIT */
/*
 * The operator's configuration as it is written: our own file, and one of IoT
 * Edge laid over it.
 */
#ifndef CLI_DOCUMENT_H
#define CLI_DOCUMENT_H

#include "common/config_node.h"
#include "mistakes.h"

/* Whose file it is: what is an error in ours is a warning in the others. */
enum flavour {
	FLAVOUR_SIGNET,
	FLAVOUR_EDGE_1_1, /* /etc/iotedge/config.yaml */
	FLAVOUR_AZIOT,    /* 1.2 and later, /etc/aziot/config.toml */
};

struct document {
	struct config_node root; /* in our own names */
	enum flavour flavour; /* of the file that was laid over, or of ours */
	char *path;           /* of our own file */
	char *from;           /* of the other, or NULL */
	/* What could not be changed into our names; for super_config_read(). */
	struct mistakes mistakes;
	struct mistakes warnings; /* what is taken otherwise than it says */
	bool renews_edge_ca;      /* it says how, which is not ours to do */
};

/* Releases the contents, wiping every text. */
void document_done(struct document *document);

/*
 * Reads the file at path, or from the file from laid over it: each of its
 * sections replaces the same section of path, which then may be missing. from
 * may be NULL. Names that IoT Edge has for our keys are changed into ours.
 *
 * A file whose name ends in .toml is the configuration of 1.2; one that has
 * sections of IoT Edge's container runtime is that of 1.1.
 *
 * Fails as file_read() and config_node_parse() do.
 */
MUST_CHECK enum error_code document_load(const char *path, const char *from,
    struct document *ret_document, struct error *err);

/* As document_load(), from one text; name stands for the file. */
MUST_CHECK enum error_code document_parse(const char *name, const char *text,
    size_t length, struct document *ret_document, struct error *err);

/* Whose file the node comes from. */
enum flavour document_flavour_of(
    const struct document *document, const struct config_node *node);

/* The i-th section of IoT Edge that is let in and not used, or NULL. */
const char *document_foreign_section(size_t i);

#endif
