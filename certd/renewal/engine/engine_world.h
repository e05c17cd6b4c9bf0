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
 * The certificate issuer ends too early for one of so many days, as *err says.
 * If certd keeps it fresh, and a new one would do, that is renewed first, and
 * *err becomes ERROR_UNAVAILABLE. Any thread.
 */
void engine_world_outlived(const struct engine_world *world, const char *issuer,
    unsigned days, struct error *err);

#endif
