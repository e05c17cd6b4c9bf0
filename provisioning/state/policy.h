/* SPDX-License-Identifier: MIT */
/*
 * When an assignment that is there is asked for anew. IoT Edge 1.1 and 1.2 have
 * different words for it:
 *
 *	always_reprovision_on_startup, AlwaysOnStartup   at each start
 *	dynamic_reprovisioning, Dynamic                  when the hub turns the
 *	                                                 device away
 *	neither of them, OnErrorOnly                     when somebody asks for
 *it
 *
 * In each mode it is so if it is very old, and if the certificate or the key,
 * the registration id, the scope, the endpoint or the payload is another one.
 */
#ifndef PROVISIONING_POLICY_H
#define PROVISIONING_POLICY_H

#include "config.h"
#include "machine.h"

/* An older one may be of a hub that the device has long left. */
#define POLICY_AGE_MAX_SECONDS (INT64_C(30) * 24 * 60 * 60)

/*
 * What it means that an assignment of assigned_at, made for us as we are now,
 * is found at the start; both times are seconds since 1970. A clock that cannot
 * be right says nothing of age.
 */
enum machine_event policy_of_stored(
    const struct provisioning_settings *settings, int64_t assigned_at,
    int64_t now);

/*
 * True if an assignment of assigned_at is older than that; both times as above.
 * One that DPS has not made (0) has no age.
 */
bool policy_is_old(int64_t assigned_at, int64_t now);

/* True if a hub that turns the device away has DPS asked. */
bool policy_heeds_hub(const struct provisioning_settings *settings);

#endif
