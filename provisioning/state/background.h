/* SPDX-License-Identifier: MIT */
/* The thread that provisions while the daemon serves. */
#ifndef PROVISIONING_BACKGROUND_H
#define PROVISIONING_BACKGROUND_H

#include "provision.h"

struct background;

/* Ready to rest and be woken, but not started. */
MUST_CHECK enum error_code background_create(
    struct background **ret_background, struct error *err);

/* Must not be running. NULL is allowed. */
void background_free(struct background *background);
DEFINE_CLEANUP(background, struct background, background_free)

/* Waits on the thread itself; returns false as soon as it has to end. */
bool background_wait(struct background *background, int64_t milliseconds);

/* Has the thread step as soon as it rests. From any thread. */
void background_wake(struct background *background);

/* Starts to step provision, which is borrowed until background_stop(). */
MUST_CHECK enum error_code background_start(struct background *background,
    struct provision *provision, struct error *err);

/*
 * Ends the thread, if it can be ended soon: it may be in the middle of a
 * network exchange. Returns false if it still runs; then nothing that it uses
 * may be released.
 */
bool background_stop(struct background *background);

#endif
