/* SPDX-License-Identifier: MIT */
/*
 * The threads that keep certificates fresh, one for each EST server and one
 * for the rest, and the world that they work in: keyd, the store, EST, systemd.
 * The one for the rest also logs when a certificate, whoever's, is about to end
 * and when it has.
 */
#ifndef CERTD_ENGINE_H
#define CERTD_ENGINE_H

#include "certs.h"
#include "renewals.h"

struct engine;

/* What the engine tells, from its threads; must not block. */
struct engine_listener {
	/* The renewal of id has come further, or has failed. */
	void (*changed)(void *context, const char *id);
	void *context;
};

/*
 * Reads the journals in state_path and finishes what was confirmed before; no
 * thread runs yet. certs must outlive the engine.
 *
 * Fails with ERROR_INTERNAL.
 */
MUST_CHECK enum error_code engine_create(const struct certs *certs,
    const char *state_path, const struct engine_listener *listener,
    struct engine **ret_engine, struct error *err);

MUST_CHECK enum error_code engine_start(
    struct engine *engine, struct error *err);

/*
 * Lets the threads end, and returns false if one is still at work after 5
 * seconds: then all that it uses must stay. NULL is allowed.
 */
bool engine_stop(struct engine *engine);

/* The threads have ended, or never begun. NULL is allowed. */
void engine_free(struct engine *engine);
DEFINE_CLEANUP(engine, struct engine, engine_free)

/* A certificate was replaced or removed by somebody else. Any thread. */
void engine_note_change(struct engine *engine, const char *id);

/* As engine_world_outlived(). */
void engine_outlived(const struct engine *engine, const char *issuer,
    unsigned days, struct error *err);

struct renewals *engine_renewals(const struct engine *engine);

/*
 * Why nothing is decided by the clock as it is now ("the clock ..."); NULL: it
 * can be believed. May ask systemd, but only if there is a doubt. Any thread.
 */
const char *engine_doubt(struct engine *engine);

#endif
