/* SPDX-License-Identifier: MIT */
/* How requests share keyd's threads, and what is said when one hangs. */
#ifndef KEYD_LANES_H
#define KEYD_LANES_H

#include "common/daemon.h"
#include "preloaded.h"

/*
 * What needs no token is never held up by what does. Changes are made one
 * after the other, so that they need no locks among themselves, and generating
 * a key, which takes minutes on some tokens, keeps nobody from signing.
 *
 * Behind these each other place of preloaded keys has a lane of its own, so
 * that a token that is slow or hangs holds up no other; the last of them is
 * shared if there are more.
 */
enum keyd_lane { KEYD_DESK, KEYD_TOKEN, KEYD_CHANGE, KEYD_LANES };
#define KEYD_LANES_MAX 16

struct keyd_lanes {
	struct http_lane lanes[KEYD_LANES_MAX];
	char names[KEYD_LANES_MAX][sizeof("token-99")];
	const struct preloaded *preloaded; /* borrowed */
	struct key_store *store; /* borrowed; NULL: keyd cannot work */
};

/* The lane for keys in place, which see preloaded_place(). */
unsigned keyd_lane_of(unsigned place);

/*
 * Describes the lanes of service; *lanes and *preloaded must live as long as it
 * serves.
 */
void keyd_lanes_set(struct keyd_lanes *lanes, const struct keyd_config *config,
    const struct preloaded *preloaded, struct key_store *store,
    struct daemon_service *service);

#endif
