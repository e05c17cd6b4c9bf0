/* SPDX-License-Identifier: MIT */
/* The world in which the engine renews (struct renewal_world). */
#ifndef CERTD_ENGINE_WORLD_H
#define CERTD_ENGINE_WORLD_H

#include <stdatomic.h>

#include "certs.h"
#include "renewals.h"

struct engine_world {
	const struct certs *certs;
	struct renewals *renewals; /* those that it is the world of */
	atomic_bool stops;         /* waits end early */
};

/*
 * All but wake, changed and failed, which the engine adds: their context is
 * world, the first member of the engine.
 */
struct renewal_world engine_world(struct engine_world *world);

/*
 * *err says why nothing was issued as policy says. If its CA, which is kept
 * fresh, was too old for it, that is renewed first, and *err becomes
 * ERROR_UNAVAILABLE. Returns its code. Any thread.
 */
MUST_CHECK enum error_code engine_world_hurry_issuer(
    const struct engine_world *world, const struct policy *policy,
    struct error *err);

#endif
