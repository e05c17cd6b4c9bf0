/* SPDX-License-Identifier: MIT */
/*
 * Writes YAML block style, by libyaml's emitter. Texts are always quoted, so
 * that none can be taken for a number, a boolean or YAML's own characters.
 *
 * A failure is remembered and reported by yaml_writer_finish(); until then
 * nothing needs to be checked.
 */
#ifndef CLI_YAML_WRITER_H
#define CLI_YAML_WRITER_H

#include <stdbool.h>

#include "common/cleanup.h"
#include "common/error.h"

struct yaml_writer;

/* Starts a document whose root is a mapping, behind a line of comment. */
MUST_CHECK enum error_code yaml_writer_create(
    const char *comment, struct yaml_writer **ret_writer, struct error *err);

/* NULL is allowed. */
void yaml_writer_free(struct yaml_writer *writer);
DEFINE_CLEANUP(yaml_writer, struct yaml_writer, yaml_writer_free)

/* Keys of a mapping, or with key NULL items of a sequence. */
void yaml_text(struct yaml_writer *writer, const char *key, const char *value);
void yaml_number(struct yaml_writer *writer, const char *key, unsigned value);
void yaml_plain(struct yaml_writer *writer, const char *key, const char *value);
void yaml_boolean(struct yaml_writer *writer, const char *key, bool value);
void yaml_mapping(struct yaml_writer *writer, const char *key);
void yaml_sequence(struct yaml_writer *writer, const char *key);

/* Ends the innermost mapping or sequence. */
void yaml_mapping_end(struct yaml_writer *writer);
void yaml_sequence_end(struct yaml_writer *writer);

/* As yaml_text(), but nothing if value is NULL. */
void yaml_optional_text(
    struct yaml_writer *writer, const char *key, const char *value);

/*
 * Ends the document. The caller frees *ret_text. Fails with ERROR_INTERNAL if
 * anything before has failed.
 */
MUST_CHECK enum error_code yaml_writer_finish(
    struct yaml_writer *writer, char **ret_text, struct error *err);

#endif
