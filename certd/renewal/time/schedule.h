/* SPDX-License-Identifier: MIT */
/* When what is due: pure arithmetic, no clock. All times in seconds. */
#ifndef CERTD_SCHEDULE_H
#define CERTD_SCHEDULE_H

#include "common/error.h"
#include "policy.h"

/* Near its end a certificate is tried for more often, down to this. */
#define SCHEDULE_LEAST_SECONDS 600

/* After a failure that is not for good: the network may be back soon. */
#define SCHEDULE_PASSING_SECONDS 3600

/* Tries for a certificate that was never there: 30 s apart, then 60, ... */
#define SCHEDULE_FIRST_SECONDS 30

/* Of a certificate that is there: when we got it, and when it ends. */
struct schedule_life {
	int64_t since;
	int64_t until; /* 0: there is none */
};

/*
 * When to renew first: as rule's window says, a little later by salt, which is
 * any number, so that devices made in one batch do not all ask at once; never
 * later than until.
 */
int64_t schedule_due(const struct policy_renewal *rule,
    const struct schedule_life *life, uint32_t salt);

/*
 * True if rule's window is over half of life, which it is then: what is new
 * would be due already, and a server be asked without an end.
 */
bool schedule_is_cut(
    const struct policy_renewal *rule, const struct schedule_life *life);

struct schedule_failure {
	enum error_code code;
	unsigned attempts;    /* that have failed so far, this one too */
	int64_t wait_seconds; /* what the server asked for; 0: nothing */
};

/* When to try again after failure: as rule's retry says, within bounds. */
int64_t schedule_retry(const struct policy_renewal *rule,
    const struct schedule_life *life, const struct schedule_failure *failure,
    int64_t now, uint32_t salt);

#endif
