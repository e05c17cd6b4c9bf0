/* SPDX-License-Identifier: MIT */
/*
 * What DPS answers, read. Everything in here comes from the network: names are
 * checked before they go into an URL or a file, texts before they are shown.
 */
#ifndef PROVISIONING_DPS_ANSWER_H
#define PROVISIONING_DPS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/cleanup.h"
#include "common/error.h"

struct dps_assignment {
	char *hub; /* host, or host:port */
	char *device_id;
	/* For a TPM: the hub's key as DPS sent it (base64), until it is in it.
	 */
	char *tpm_key;
};

/* Releases the contents, not the struct. */
void dps_assignment_done(struct dps_assignment *assignment);

/* Checks that both are what they are called. Fails with ERROR_MALFORMED. */
MUST_CHECK enum error_code dps_assignment_check(
    const struct dps_assignment *assignment, struct error *err);

struct dps_answer {
	enum { DPS_ASSIGNING, DPS_ASSIGNED } state;
	char *operation_id;               /* while assigning */
	struct dps_assignment assignment; /* when assigned */
};

/* Releases the contents, not the struct. */
void dps_answer_done(struct dps_answer *answer);

/*
 * Reads the body of an answer that says what becomes of registration_id.
 *
 * Fails with ERROR_UPSTREAM if DPS has refused the device (failed, disabled,
 * unassigned), and with ERROR_UNAVAILABLE if the answer makes no sense.
 */
MUST_CHECK enum error_code dps_answer_read(const char *body, size_t length,
    const char *registration_id, struct dps_answer *ret_answer,
    struct error *err);

/*
 * Reads the key that DPS hands to a TPM in its answer to a registration without
 * a signature. *ret_key (base64) is the caller's. Fails with ERROR_NOT_FOUND if
 * there is none: that is a refusal.
 */
MUST_CHECK enum error_code dps_answer_challenge(
    const char *body, size_t length, char **ret_key, struct error *err);

#define DPS_REASON_MAX 200

/*
 * True if the body of an answer with this status of HTTP is an error as DPS
 * words it: an object whose "errorCode" is of that status. Any web server on
 * the way, which need not know DPS, can answer with a status alone.
 */
bool dps_answer_is_error(const char *body, size_t length, long status);

/*
 * Why DPS did not do what it was asked, as "message (code)" in printable
 * ASCII, from the body of an error answer; "no reason given" if it has none.
 */
void dps_answer_reason(
    const char *body, size_t length, char ret_reason[static DPS_REASON_MAX]);

#endif
