/* SPDX-License-Identifier: MIT */
/*
 * Work for threads: one queue, taken in turn from the uids that have work in
 * it, so that a greedy uid delays itself first. A job that waited past its
 * deadline is run with EXECUTOR_EXPIRED, so that it can say so.
 */
#ifndef COMMON_EXECUTOR_H
#define COMMON_EXECUTOR_H

#include <stdint.h>
#include <sys/types.h>

#include "common/cleanup.h"
#include "common/error.h"

#define EXECUTOR_QUEUE_MAX 4096

enum executor_verdict {
	EXECUTOR_RUN,     /* do it */
	EXECUTOR_EXPIRED, /* the deadline passed while it waited */
	EXECUTOR_STOPPED, /* the executor ends */
};

/* Does job, and releases it whatever verdict says. */
typedef void executor_run(void *job, enum executor_verdict verdict);

struct executor;

/* Starts workers threads (1 to 64), named after name (15 characters). */
MUST_CHECK enum error_code executor_create(const char *name, unsigned workers,
    struct executor **ret_executor, struct error *err);

/*
 * Queues job for uid; run is called on a worker, exactly once, unless
 * submitting fails: then job stays the caller's.
 *
 * Fails with ERROR_UNAVAILABLE if the queue is full or ends.
 */
MUST_CHECK enum error_code executor_submit(struct executor *executor, uid_t uid,
    int64_t deadline_ms /* of time_monotonic_ms() */, executor_run *run,
    void *job, struct error *err);

/* Refuses new jobs, runs the queued ones with EXECUTOR_STOPPED, and joins. */
void executor_free(struct executor *executor);
DEFINE_CLEANUP(executor, struct executor, executor_free)

#endif
