/* SPDX-License-Identifier: MIT */
/*
 * What is done each time that the device is found to belong to a hub: the
 * modules are reconciled with it, and if that fails, again later. What the hub
 * has against it is shown; that it does not take the device for its own is said
 * to who provisions it.
 */
#ifndef PROVISIONING_SETTLER_H
#define PROVISIONING_SETTLER_H

#include "common/backoff.h"
#include "modules.h"
#include "provision.h"

struct settler {
	struct modules *modules;
	struct provision *provision;
	struct backoff backoff;
};

/* Both are borrowed. */
struct settler settler_create(
    struct modules *modules, struct provision *provision);

/*
 * Does it. Returns after how many milliseconds to do it again, PROVISION_IDLE
 * if all is well. For the thread that provisions.
 */
int64_t settler_settle(
    struct settler *settler, const struct dps_assignment *assignment);

#endif
