/* SPDX-License-Identifier: MIT */
/*
 * A folder of its own for a test, below /tmp, with a short name (a socket's
 * path has 108 bytes). The two functions are cmocka's setup and teardown;
 * *state is the path.
 */
#ifndef SCRATCH_H
#define SCRATCH_H

int scratch_create(void **state);

/* Removes the folder with all that is in it. */
int scratch_remove(void **state);

#endif
