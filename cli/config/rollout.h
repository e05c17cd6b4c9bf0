/* SPDX-License-Identifier: MIT */
/*
 * A configuration that is put to use: the files are switched, the daemons that
 * run and are concerned are restarted, and if one of them is worse for it than
 * before, all is brought back.
 */
#ifndef CLI_ROLLOUT_H
#define CLI_ROLLOUT_H

#include "apply.h"
#include "common/json.h"

/*
 * A daemon that is degraded for so long on end is. The token has been opened
 * or refused by then; and who waits for the old service wants it back within
 * seconds.
 */
#define ROLLOUT_GRACE_MS 2500

/* Arrays; the caller's. */
struct rollout_result {
	json_t *restarted; /* names of daemons */
	/* {"name","pid","restarted_by"} of daemons that are not ours to be
	 * restarted, and run with what they had; pid if it is known. */
	json_t *waiting;
};

void rollout_result_done(struct rollout_result *result);

/*
 * Takes back what an apply that was killed has changed, and, if is_rolled_out,
 * restarts the daemons that run with it, and all that are due; one that does
 * not come back is noted, and due still. *ret_left, the caller's, is what was
 * there. The caller has apply_lock().
 */
MUST_CHECK enum error_code rollout_repair(
    bool is_rolled_out, struct apply *ret_left, struct error *err);

/*
 * Switches the files of plan, restarts who runs or is due, if his files change,
 * and waits until he is well: a daemon that answers and does not say that it is
 * degraded, but by what may pass, unless it said so before. A device that was
 * provisioned is waited for, device_ms at most; as long as DPS does not answer
 * it is well. One that was not is not waited for, and may be refused.
 * One that somebody else has started is left to him.
 *
 * HUP, INT and TERM, which interrupt_hold() holds, make it fail. The caller has
 * apply_lock().
 *
 * On failure the files are as they were, and the daemons run with them; err
 * says what was wrong, and what could not be brought back: such a daemon is
 * due, and stays it until an apply has started it.
 */
MUST_CHECK enum error_code rollout(struct apply *plan, int64_t device_ms,
    struct rollout_result *ret_result, struct error *err);

#endif
