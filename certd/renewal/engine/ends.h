/* SPDX-License-Identifier: MIT */
/*
 * The ends of certificates, those too that nobody renews: imported ones, and
 * files that the configuration names. That one is near, or has come, is told
 * once, when it happens. Not for two threads at once.
 */
#ifndef CERTD_ENDS_H
#define CERTD_ENDS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/cleanup.h"
#include "common/error.h"

#define ENDS_NEVER INT64_MAX

struct ends;

/* Fails with ERROR_INTERNAL: no memory. */
MUST_CHECK enum error_code ends_create(
    struct ends **ret_ends, struct error *err);

void ends_free(struct ends *ends);
DEFINE_CLEANUP(ends, struct ends, ends_free)

/*
 * id is valid from from until until. One that has another end than before is
 * another certificate. Fails with ERROR_INTERNAL: no memory.
 */
MUST_CHECK enum error_code ends_note(struct ends *ends, const char *id,
    int64_t from, int64_t until, struct error *err);

/*
 * Forgets what was not noted since the last call, tells what is new at the time
 * now, and returns when there will be more to tell, or ENDS_NEVER.
 */
int64_t ends_tell(struct ends *ends, int64_t now,
    void (*tell)(void *context, const char *id, int64_t until, bool is_over),
    void *context);

#endif
