/* SPDX-License-Identifier: MIT */
#ifndef CLI_LOOKUP_H
#define CLI_LOOKUP_H

#include <stdbool.h>

#include "common/json.h"

/* The object of array whose member "id" is id, or NULL. Borrowed. */
const json_t *lookup_id(const json_t *array, const char *id);

/* True the first time that key is given; seen is an object, and remembers it.
 */
bool is_first(json_t *seen, const char *key);

#endif
