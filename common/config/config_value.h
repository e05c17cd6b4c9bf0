/* SPDX-License-Identifier: MIT */
/* The values of a configuration that are no sections. */
#ifndef COMMON_CONFIG_VALUE_H
#define COMMON_CONFIG_VALUE_H

#include "common/config.h"
#include "common/config_node.h"

/*
 * Reads node, whose kind fits, into member as field says. What member held is
 * released. Fails with ERROR_INVALID, pointing at node.
 */
MUST_CHECK enum error_code config_value_read(const struct config_field *field,
    const struct config_node *node, void *member, struct error *err);

/* Releases and zeroes member, wiping every text. */
void config_value_done(enum config_type type, void *member);

#endif
