/* SPDX-License-Identifier: MIT */
/* The file of the index: reading and writing its JSON. */
#ifndef KEYD_INDEX_FILE_H
#define KEYD_INDEX_FILE_H

#include "index.h"

struct index_state {
	struct index_list keys;   /* in order of their ids */
	struct index_list doomed; /* objects to be destroyed */
};

void index_state_done(struct index_state *state);

/* As index_open(). */
MUST_CHECK enum error_code index_file_read(
    const char *path, struct index_state *ret_state, struct error *err);

/* As file_write(). */
MUST_CHECK enum error_code index_file_write(
    const char *path, const struct index_state *state, struct error *err);

#endif
