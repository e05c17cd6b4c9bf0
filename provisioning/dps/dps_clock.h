/* SPDX-License-Identifier: MIT */
/*
 * Whose clock is wrong: DPS says when it answered. What it did not accept only
 * because of the time says nothing of the device.
 */
#ifndef PROVISIONING_DPS_CLOCK_H
#define PROVISIONING_DPS_CLOCK_H

#include "proof.h"

/*
 * Whether the proof could have been accepted at the time date (seconds since
 * 1970; 0: DPS has not said) by the clock of DPS. Fails with ERROR_UNAVAILABLE,
 * and both times, if a signature had ended by then, or nearly so, or if a
 * certificate of the chain was not valid.
 */
MUST_CHECK enum error_code dps_clock_check(
    const struct proof *proof, int64_t date, struct error *err);

#endif
