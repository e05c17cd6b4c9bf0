/* SPDX-License-Identifier: MIT */
/* How requests share keyd's threads, and what is said when one hangs. */
#ifndef KEYD_LANES_H
#define KEYD_LANES_H

#include "common/daemon.h"
#include "config.h"
#include "store.h"

/*
 * What needs no token is never held up by what does. Changes are made one
 * after the other, so that they need no locks among themselves, and generating
 * a key, which takes minutes on some tokens, keeps nobody from signing.
 */
enum keyd_lane { KEYD_DESK, KEYD_TOKEN, KEYD_CHANGE, KEYD_LANES };

struct keyd_lanes {
	struct http_lane lanes[KEYD_LANES];
	struct key_store *store; /* borrowed; NULL: keyd cannot work */
};

/* Describes the lanes of service; *lanes must live as long as it serves. */
void keyd_lanes_set(struct keyd_lanes *lanes, const struct keyd_config *config,
    struct key_store *store, struct daemon_service *service);

#endif
