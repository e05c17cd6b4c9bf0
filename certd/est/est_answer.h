/* SPDX-License-Identifier: MIT */
/* What an HTTP answer of an EST server means (RFC 7030 section 4). */
#ifndef CERTD_EST_ANSWER_H
#define CERTD_EST_ANSWER_H

#include <stdint.h>

#include "common/https_client.h"

/* When a server that is busy, or not done, does not say for how long. */
#define EST_RETRY_AFTER_SECONDS 10

enum est_verdict {
	EST_DONE,    /* the body has what was asked for */
	EST_NOTHING, /* the server has none of it */
	EST_LATER,   /* the same request again, after a while */
	EST_REFUSED, /* asking again is of no use */
};

/* The operations, as paths have them. */
#define EST_CACERTS "cacerts"
#define EST_CSRATTRS "csrattrs"
#define EST_ENROLL "simpleenroll"
#define EST_REENROLL "simplereenroll"

/*
 * Judges response to operation. Unless EST_DONE or EST_NOTHING, err says why,
 * with what the server said in its body: ERROR_UNAVAILABLE with EST_LATER,
 * whose *ret_wait_seconds is how long; ERROR_UPSTREAM with EST_REFUSED.
 */
enum est_verdict est_answer_judge(const char *operation,
    const struct https_response *response, int64_t *ret_wait_seconds,
    struct error *err);

#endif
