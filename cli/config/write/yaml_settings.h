/* SPDX-License-Identifier: MIT */
/* Writes what a table has read, so that it can be read again. */
#ifndef CLI_YAML_SETTINGS_H
#define CLI_YAML_SETTINGS_H

#include "common/config.h"
#include "yaml_writer.h"

/*
 * Writes the members of settings that are set, as keys of the mapping that is
 * open. Numbers that are 0, flags that are false and lists that are empty are
 * not set; sections of lists are not written at all.
 */
void yaml_settings(struct yaml_writer *writer, const struct config_table *table,
    const void *settings);

/* The same as a section called key, unless nothing in it is set. */
void yaml_section(struct yaml_writer *writer, const char *key,
    const struct config_table *table, const void *settings);

/* A sequence of strings called key, which may be empty. */
void yaml_strings(struct yaml_writer *writer, const char *key,
    const struct config_strings *strings);

/* The pairs of map, texts or lists, as keys of the mapping that is open. */
void yaml_pairs(struct yaml_writer *writer, const struct config_map *map);

/* An item of a sequence, but nothing if value is NULL. */
void yaml_optional_item(struct yaml_writer *writer, const char *value);

#endif
