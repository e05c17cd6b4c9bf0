/* SPDX-License-Identifier: MIT */
/*
 * PINs that tokens have refused, so that none is tried twice: a few wrong ones
 * lock a token. They outlive keyd, in a file that has a slow, salted hash of
 * each, and what C_Login returned. Who changes a token's PIN to the one that it
 * has refused removes the file.
 */
#ifndef KEYD_REFUSALS_H
#define KEYD_REFUSALS_H

#include <stdbool.h>

#include "common/cleanup.h"
#include "common/error.h"
#include "slot.h"

struct refusals;

/*
 * state is the folder for the file, refused-pins.json; NULL: they are kept in
 * memory only. Reads nothing yet.
 */
MUST_CHECK enum error_code refusals_create(
    const char *state, struct refusals **ret_refusals, struct error *err);

void refusals_free(struct refusals *refusals);
DEFINE_CLEANUP(refusals, struct refusals, refusals_free)

/*
 * Fails with ERROR_UNAVAILABLE if the token in slot has refused pin (the
 * message says what C_Login returned then), or if that cannot be told because
 * the file cannot be read. Any thread.
 */
MUST_CHECK enum error_code refusals_check(struct refusals *refusals,
    const struct slot *slot, const char *pin, struct error *err);

/*
 * Notes that it has, by what C_Login returned, in the place of one it refused
 * before. Fails with ERROR_INTERNAL if the file cannot be written; as long as
 * keyd runs, it is known all the same.
 */
MUST_CHECK enum error_code refusals_add(struct refusals *refusals,
    const struct slot *slot, const char *pin, CK_RV ckr, struct error *err);

/* The token has taken a PIN: forgets the one it refused. As refusals_add(). */
MUST_CHECK enum error_code refusals_forget(
    struct refusals *refusals, const struct slot *slot, struct error *err);

#endif
