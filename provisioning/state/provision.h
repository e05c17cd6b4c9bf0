/* SPDX-License-Identifier: MIT */
/*
 * The rules of provisioning: when DPS is asked, what its answer does to the
 * assignment that we have, and what callers are told meanwhile. The states and
 * what changes them are in machine.h, and in docs/provisioning-states.md.
 *
 * One thread calls provision_step(); the other functions are for any thread.
 */
#ifndef PROVISIONING_PROVISION_H
#define PROVISIONING_PROVISION_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "dps_answer.h"

enum provision_status {
	PROVISION_PROVISIONING,
	PROVISION_PROVISIONED,
	PROVISION_FAILED,
	PROVISION_UNMANAGED, /* source none */
};

/* "provisioning", "provisioned", "failed" or "unmanaged". */
const char *provision_status_name(enum provision_status status);

/* What the rules need from whoever runs them. No lock is held. */
struct provision_hooks {
	/* Waits; false: the daemon ends, give up. Called by the step. */
	bool (*wait)(void *context, int64_t milliseconds);
	/* Somebody wants a step soon. Called by any thread. */
	void (*wake)(void *context);
	/* The status changed or a request was served. Called by the step. */
	void (*changed)(void *context);
	/*
	 * The device has an assignment, be it new or not. Returns after how
	 * many milliseconds to step again, PROVISION_IDLE if there is no need.
	 * Requests are served when it is done. Called by the step; may be
	 * NULL.
	 */
	int64_t (*settle)(
	    void *context, const struct dps_assignment *assignment);
	void *context;
};

struct provision;

/* config and directory, where the assignment is kept, are borrowed. */
MUST_CHECK enum error_code provision_create(const struct config *config,
    const char *directory, const struct provision_hooks *hooks,
    struct provision **ret_provision, struct error *err);

void provision_free(struct provision *provision);
DEFINE_CLEANUP(provision, struct provision, provision_free)

#define PROVISION_IDLE INT64_MAX

/* How often a certificate is looked at: somebody may put another one there. */
#define PROVISION_LOOK_MS INT64_C(60000)

/* The same for a key or a TPM, which a look makes work. */
#define PROVISION_KEY_LOOK_MS (10 * PROVISION_LOOK_MS)

/*
 * Tries to provision once, which may take minutes. Returns after how many
 * milliseconds to step again, PROVISION_IDLE if only on a request.
 */
int64_t provision_step(struct provision *provision);

/* What there is to know about the device now. */
struct provision_view {
	enum provision_status status;
	char message[ERROR_MESSAGE_MAX]; /* what is wrong, or "" */
	bool passing; /* it may pass by itself, or is not the device's */
	struct dps_assignment assignment; /* when provisioned */
	char *registration_id;            /* NULL while unknown */
	int64_t assigned_at; /* seconds since 1970; 0: not by DPS */
};

/* Releases the contents, not the struct. */
void provision_view_done(struct provision_view *view);

/* True while the status is "provisioning". */
bool provision_is_pending(struct provision *provision);

MUST_CHECK enum error_code provision_look(struct provision *provision,
    struct provision_view *ret_view, struct error *err);

/* Asks for a new registration with DPS. Returns the number of the request. */
uint64_t provision_request(struct provision *provision);

/*
 * DPS has assigned the device as registration_id by other credentials, those
 * with digest (see attestation.h), which are about to take the place of the
 * present ones: as soon as they are there, be it after a restart, the
 * assignment is theirs. It is on the disk when this succeeds; fails as
 * file_write() does. From any thread.
 */
MUST_CHECK enum error_code provision_expect(struct provision *provision,
    const char *digest, const char *registration_id,
    const struct dps_assignment *assignment, struct error *err);

/* Has the credentials looked at soon. From any thread. */
void provision_look_again(struct provision *provision);

/*
 * The hub does not take the device's credentials, and has proved to be the hub.
 * If the configuration says so, that is a request like the one above, unless
 * there was such a one a short time ago. Returns true if it is one now.
 */
bool provision_hub_refuses(struct provision *provision);

/*
 * The modules are not in step with the hub, and why; NULL: they are. It is said
 * of a device that is provisioned, if nothing else is wrong with it.
 */
void provision_note_modules(struct provision *provision, const char *why);

/*
 * True once the request has been served; then *ret_outcome has what became of
 * it, with ERROR_NONE if the device was assigned.
 */
bool provision_is_served(
    struct provision *provision, uint64_t request, struct error *ret_outcome);

#endif
