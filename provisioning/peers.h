/* SPDX-License-Identifier: MIT */
/* Who may ask provisiond what. */
#ifndef PROVISIONING_PEERS_H
#define PROVISIONING_PEERS_H

#include "common/http.h"
#include "config.h"

/* Classes of callers beside enum http_class. */
enum peer_class {
	PEER_DAEMON = 1 << 3, /* an agent: everything but configuration */
	PEER_DEVICE = 1 << 4, /* may act as the device */
};

struct peers;

void peers_free(struct peers *peers);
DEFINE_CLEANUP(peers, struct peers, peers_free)

/*
 * Finds the users that the principals of config name.
 *
 * Fails with ERROR_INVALID if there is no such user, if one has two entries,
 * or if an entry claims an identity that we do not know.
 */
MUST_CHECK enum error_code peers_create(
    const struct config *config, struct peers **ret_peers, struct error *err);

/* The classes of uid. */
unsigned peers_classify(const struct peers *peers, uid_t uid);

#endif
