/* SPDX-License-Identifier: MIT */
/*
 * How it went when certificates were asked for: counts since certd started, and
 * the last attempt, from the journals, also before: what an
 * operator without access to the device is told by GET /metrics.
 */
#ifndef CERTD_ATTEMPTS_H
#define CERTD_ATTEMPTS_H

#include <stdint.h>

#include "common/cleanup.h"
#include "common/error.h"

/* So many ids are remembered; of others nothing is. */
#define ATTEMPTS_IDS_MAX 4096

struct attempts;

MUST_CHECK enum error_code attempts_create(
    struct attempts **ret_attempts, struct error *err);
void attempts_free(struct attempts *attempts);
DEFINE_CLEANUP(attempts, struct attempts, attempts_free)

struct attempt_record {
	uint64_t succeeded;
	uint64_t failed;
	int64_t last;            /* 0: there was none */
	struct error last_error; /* ERROR_NONE: the last one succeeded */
};

/*
 * Notes that the certificate id was issued or renewed, if reason is NULL, else
 * why it was not. Any thread.
 */
void attempts_note(struct attempts *attempts, const char *id, int64_t now,
    const struct error *reason);

/*
 * What is known from before certd started: when it was last tried, and why that
 * failed; "": it did not. Nothing is counted. Any thread.
 */
void attempts_restore(
    struct attempts *attempts, const char *id, int64_t last, const char *error);

/*
 * Calls tell for all that is known, by id. It must not call functions of
 * attempts.
 */
void attempts_each(struct attempts *attempts,
    void (*tell)(
	void *context, const char *id, const struct attempt_record *record),
    void *context);

/* All zero if nothing is known of id. */
struct attempt_record attempts_of(struct attempts *attempts, const char *id);

#endif
