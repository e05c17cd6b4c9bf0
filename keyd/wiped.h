/* SPDX-License-Identifier: MIT */
/*
 * Memory for OpenSSL that is wiped when it is released, as any of it may have
 * held a part of a key. A signature takes and releases some 170 small blocks,
 * so each thread keeps a few of each size at hand: that costs less than what
 * wiping adds. What is kept is all zeros.
 */
#ifndef KEYD_WIPED_H
#define KEYD_WIPED_H

#include <stddef.h>

#include "common/error.h"

/* In front of all other functions, once. Fails with ERROR_INTERNAL. */
MUST_CHECK enum error_code wiped_prepare(struct error *err);

/*
 * As malloc(), realloc() and free(), on blocks of their own, in the form that
 * CRYPTO_set_mem_functions() wants; file and line are of no interest. Any
 * thread may release what another one has allocated.
 */
void *wiped_allocate(size_t size, const char *file, int line);
void *wiped_resize(void *data, size_t size, const char *file, int line);
void wiped_release(void *data, const char *file, int line);

#endif
