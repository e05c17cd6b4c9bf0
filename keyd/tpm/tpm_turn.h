/* SPDX-License-Identifier: MIT */
/*
 * Whose turn it is at the TPM, and how it did last: one operation at a time.
 * Others wait for it, but not for one that hangs. Any thread.
 */
#ifndef KEYD_TPM_TURN_H
#define KEYD_TPM_TURN_H

#include <stdbool.h>

#include "common/cleanup.h"
#include "common/error.h"

struct tpm_operation {
	const char *name;       /* what the TPM has been doing: "signing" */
	unsigned limit_seconds; /* what takes longer is taken to hang */
	bool asks; /* it may fail for want of a proper request: no trouble */
};

struct tpm_turn;

MUST_CHECK enum error_code tpm_turn_create(
    struct tpm_turn **ret_turn, struct error *err);

/* No operation may be going on. */
void tpm_turn_free(struct tpm_turn *turn);
DEFINE_CLEANUP(tpm_turn, struct tpm_turn, tpm_turn_free)

/*
 * Waits until the TPM is free, and takes the turn; nothing is held meanwhile
 * but the turn.
 *
 * Fails with ERROR_UNAVAILABLE as soon as the operation before hangs.
 */
MUST_CHECK enum error_code tpm_turn_begin(struct tpm_turn *turn,
    const struct tpm_operation *operation, struct error *err);

/* Ends it and notes how it went. Returns code, which err belongs to. */
enum error_code tpm_turn_end(
    struct tpm_turn *turn, enum error_code code, const struct error *err);

enum tpm_condition { TPM_UNTRIED, TPM_OK, TPM_TROUBLE };

/* How the TPM does; ret_trouble is filled only for TPM_TROUBLE. */
enum tpm_condition tpm_turn_condition(
    struct tpm_turn *turn, struct error *ret_trouble);

/* "untried", "ok" or "trouble". */
const char *tpm_condition_name(enum tpm_condition condition);

/* What is going on, as an error for who waits for it. False: nothing is. */
bool tpm_turn_hang(struct tpm_turn *turn, struct error *ret_hang);

#endif
