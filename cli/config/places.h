/* SPDX-License-Identifier: MIT */
/*
 * Where things stand in the configuration, so that a complaint about what was
 * read can still point at its place.
 */
#ifndef CLI_PLACES_H
#define CLI_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/cleanup.h"
#include "common/error.h"

struct places;

MUST_CHECK enum error_code places_create(
    struct places **ret_places, struct error *err);

/* NULL is allowed. */
void places_free(struct places *places);
DEFINE_CLEANUP(places, struct places, places_free)

/*
 * Adds a file, which must be YAML. Its sections hide those of files before.
 * Fails with ERROR_INVALID.
 */
MUST_CHECK enum error_code places_add(struct places *places, const char *path,
    const char *text, size_t length, struct error *err);

/* True if the file that was added last has the section. */
bool places_last_has(const struct places *places, const char *section);

/*
 * The way to a key, from the section down; in a list a step is a position from
 * 0.
 */
#define STEPS(...) ((const char *const[]){__VA_ARGS__, NULL})

/*
 * The place of a key: "path:line:column", of the last of its steps that exists.
 * The caller frees it; NULL: no memory, or no file.
 */
char *places_find(const struct places *places, const char *const *steps);

/* True if all steps exist. */
bool places_has(const struct places *places, const char *const *steps);

#endif
