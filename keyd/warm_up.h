/* SPDX-License-Identifier: MIT */
/*
 * What keyd does before it serves: it says early what a first request would
 * find, and finishes what was begun. On a thread, as a token may hang.
 */
#ifndef KEYD_WARM_UP_H
#define KEYD_WARM_UP_H

#include <stdint.h>

#include "keys.h"

struct warm_up;

/*
 * Begins, and waits for the end, but not for longer than patience_ms. Then
 * *ret_warm_up is NULL, unless it was not over: nothing is changed any more,
 * requests find out by themselves, and keys is used until warm_up_end()
 * succeeds.
 */
MUST_CHECK enum error_code warm_up_begin(struct keys *keys, int64_t patience_ms,
    struct warm_up **ret_warm_up, struct error *err);

/*
 * Releases warm_up, which may be NULL. False if it still hangs: then keys must
 * stay as it is.
 */
bool warm_up_end(struct warm_up *warm_up);

#endif
