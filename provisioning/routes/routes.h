/* SPDX-License-Identifier: MIT */
/* The HTTP interface of provisiond; docs/protocol-provisiond.md describes it.
 */
#ifndef PROVISIONING_ROUTES_H
#define PROVISIONING_ROUTES_H

#include "common/http.h"
#include "modules.h"
#include "peers.h"
#include "provision.h"
#include "waiters.h"

/* The context of the routes. */
struct provisiond {
	/* Why the daemon cannot work; then nothing below is there. */
	struct error fault;
	const struct config *config;
	struct peers *peers;
	struct provision *provision;
	struct waiters *waiters;
	struct modules *modules;
};

/*
 * What waits for the hub takes no worker from what does not; and changes, which
 * are made one at a time, none from those who only ask. Local identities wait
 * for keyd and certd, and so perhaps for an EST server. A call whose route does
 * not say yet what it is begins in the first (routes_hand_over()).
 */
enum provisiond_lane {
	PROVISIOND_LANE_CALLS,
	PROVISIOND_LANE_LOCAL,
	PROVISIOND_LANE_HUB,
	PROVISIOND_LANE_CHANGE,
};

extern const struct http_route provisiond_routes[];
extern const size_t provisiond_route_count;

/* The whole interface, for provisiond. */
struct http_service provisiond_service(struct provisiond *provisiond);

#endif
