/* SPDX-License-Identifier: MIT */
/*
 * Proving renewed credentials: certd makes a new key and certificate for the
 * device beside those in use. Here they register with DPS, and only if DPS
 * takes them do they take the place of the old ones.
 */
#ifndef PROVISIONING_CANDIDATE_H
#define PROVISIONING_CANDIDATE_H

#include "common/backoff.h"
#include "config.h"
#include "provision.h"

struct candidates;

/*
 * config and provision are borrowed. If the certificate is not issued by certd
 * there is nothing to do, and *ret_candidates is NULL, which is success.
 */
MUST_CHECK enum error_code candidates_start(const struct config *config,
    struct provision *provision, struct candidates **ret_candidates,
    struct error *err);

/*
 * Ends the thread, and returns false if it is still at work after 5 seconds:
 * then all that it uses must stay. NULL is allowed.
 */
bool candidates_stop(struct candidates *candidates);

/* What is to become of a candidate. */
enum candidate_verdict {
	CANDIDATE_CONFIRM,
	CANDIDATE_REJECT,
	CANDIDATE_AGAIN, /* DPS could not be asked */
};

/*
 * What the outcome of registering with a candidate means for it. is_sound: it
 * was found to be a pair that DPS can be asked with, so that a mistake is one
 * of the way there: a root that is not trusted, a proxy's password.
 */
enum candidate_verdict candidate_judge(enum error_code outcome, bool is_sound);

/*
 * How long to wait before a candidate is tried again: as backoff says, and not
 * before not_before, by the same clock as now.
 */
int64_t candidate_pause_ms(
    struct backoff *backoff, int64_t not_before, int64_t now);

#endif
