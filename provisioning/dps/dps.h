/* SPDX-License-Identifier: MIT */
/*
 * The device's side of the Device Provisioning Service: register, then ask
 * until the device is assigned. Knows nothing of files, keys or daemons.
 */
#ifndef PROVISIONING_DPS_H
#define PROVISIONING_DPS_H

#include "common/json.h"
#include "dps_answer.h"
#include "proof.h"

#define DPS_TIMEOUT_MS 70000

/* Shorter than the 10 minutes that callers wait, longer than one Retry-After.
 */
#define DPS_DEADLINE_MS (8 * 60 * 1000)

/* How long to wait when DPS does not say, and the bounds of what it says. */
#define DPS_RETRY_AFTER_SECONDS 3
#define DPS_RETRY_AFTER_MIN_SECONDS 1
#define DPS_RETRY_AFTER_MAX_SECONDS 300

/*
 * A TPM by which DPS knows the device: DPS hands it a key that only it can
 * unwrap, and the signatures of the registration are made with that. Everything
 * is borrowed.
 */
struct dps_tpm {
	const char *endorsement_key;  /* TPM2B_PUBLIC, base64 */
	const char *storage_root_key; /* the same */
	/* Takes in the key for the registration, in blob (base64). */
	enum error_code (*import)(
	    const void *context, const char *blob, struct error *err);
	/* Signs with it. */
	proof_sign *sign;
	const void *context; /* for both */
};

struct dps_request {
	const char *endpoint; /* "https://host[:port]", a '/' may follow */
	const char *scope_id;
	const char *registration_id;
	const struct proof *proof;
	const struct dps_tpm *tpm; /* instead of proof, or NULL */
	const json_t *payload;     /* for who allocates, or NULL */
	const char *ca_file;       /* as in struct https_request */
	int64_t deadline_ms;       /* for everything, from now */
	long timeout_ms;           /* for one exchange */
	/*
	 * Waits. why is the failure that makes it necessary, NULL while DPS is
	 * just not done yet. Returns false to have the registration given up.
	 */
	bool (*wait)(
	    void *context, int64_t milliseconds, const struct error *why);
	void *context;
};

/*
 * Registers and waits for the outcome. With a TPM an assignment has the key for
 * the hub, which the caller has to bring into it. A connection that fails, 408,
 * 429 and 5xx are tried again, after Retry-After if there is one, until the
 * deadline. ret_assignment is the caller's, to be released with
 * dps_assignment_done(). Also after a failure, *ret_not_before is the point of
 * time_monotonic_ms() until which DPS wants to be left alone, 0 if it has not
 * said so.
 *
 * Fails with
 * ERROR_UPSTREAM: DPS itself has refused this device, and said so, in its own
 *   form, over a connection that proved to be with DPS;
 * ERROR_UNAVAILABLE, ERROR_TIMEOUT: DPS could not be asked, or could not
 *   answer, in time: later it may;
 * ERROR_INVALID: something must be put right first, here or in between, e.g.
 *   DPS cannot prove that it is DPS;
 * ERROR_INTERNAL.
 */
MUST_CHECK enum error_code dps_register(const struct dps_request *request,
    struct dps_assignment *ret_assignment, int64_t *ret_not_before,
    struct error *err);

#endif
