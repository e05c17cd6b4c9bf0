/* SPDX-License-Identifier: MIT */
/* Who may ask provisiond what. */
#ifndef PROVISIONING_PEERS_H
#define PROVISIONING_PEERS_H

#include "common/http.h"
#include "config.h"

/* Classes of callers beside enum http_class. */
enum peer_class {
	PEER_ROOT = 1 << 3,   /* uid 0 and our own, unless they are listed */
	PEER_DAEMON = 1 << 4, /* an agent: everything but configuration */
	PEER_DEVICE = 1 << 5, /* may act as the device */
	PEER_MODULE = 1 << 6, /* may act as the module of its name */
	PEER_LOCAL = 1 << 7,  /* has a local identity of its name */
};

struct peers;

void peers_free(struct peers *peers);
DEFINE_CLEANUP(peers, struct peers, peers_free)

/*
 * Finds the users that the principals of config, which is borrowed, name.
 *
 * Fails with ERROR_INVALID if there is no such user, if one has two entries,
 * or if an entry claims an identity that we do not know.
 */
MUST_CHECK enum error_code peers_create(
    const struct config *config, struct peers **ret_peers, struct error *err);

/* The classes of uid. */
unsigned peers_classify(const struct peers *peers, uid_t uid);

/* The name of the principal of uid, or NULL. Borrowed. */
const char *peers_name(const struct peers *peers, uid_t uid);

#endif
