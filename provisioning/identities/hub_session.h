/* SPDX-License-Identifier: MIT */
/* The device at its hub, with what it proves itself with now. */
#ifndef PROVISIONING_HUB_SESSION_H
#define PROVISIONING_HUB_SESSION_H

#include "attestation.h"
#include "config.h"
#include "dps_answer.h"
#include "hub_modules.h"

struct hub_session {
	struct credentials credentials;
	struct proof proof;
	struct https_connection *connection;
	struct hub_access access; /* borrows the rest, and the assignment */
};

/* Releases the contents, not the struct. */
void hub_session_done(struct hub_session *session);

/*
 * Obtains the credentials. session stays where it is, and config and
 * assignment stay as they are, as long as it is used. Fails as
 * attestation_obtain() does, but with ERROR_INVALID for ERROR_DENIED.
 */
MUST_CHECK enum error_code hub_session_open(const struct config *config,
    const struct dps_assignment *assignment, struct hub_session *session,
    struct error *err);

#endif
