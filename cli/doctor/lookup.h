/* SPDX-License-Identifier: MIT */
#ifndef CLI_LOOKUP_H
#define CLI_LOOKUP_H

#include "common/json.h"

/* The object of array whose member "id" is id, or NULL. Borrowed. */
const json_t *lookup_id(const json_t *array, const char *id);

#endif
