/* SPDX-License-Identifier: MIT */
/* What a TPM, or the way to it, answers when it does not do something. */
#ifndef KEYD_TPM_RC_H
#define KEYD_TPM_RC_H

#include <stdbool.h>
#include <tss2/tss2_common.h>

#include "common/error.h"

/*
 * Fills err with what was attempted ("activating the credential"), what rc
 * means, and what to do. Returns its code:
 * ERROR_UNAVAILABLE: there is no way to the TPM, or it is busy, locked out or
 *   full: later it may;
 * ERROR_INVALID: it was given something that is not for it;
 * ERROR_INTERNAL: anything else.
 */
enum error_code tpm_rc_error(
    TSS2_RC rc, const char *attempt, struct error *err);

/* True if rc says that a handle names nothing. */
bool tpm_rc_is_no_handle(TSS2_RC rc);

#endif
