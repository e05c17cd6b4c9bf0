/* SPDX-License-Identifier: MIT */
#include "candidate.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "attestation.h"
#include "certd/client.h"
#include "common/log.h"
#include "common/openssl_key.h"
#include "common/time.h"
#include "dps.h"
#include "payload.h"
#include "preflight.h"

#define WAIT_SECONDS 60
#define CLIENT_MS ((WAIT_SECONDS + 10) * 1000)
#define SLICE_MS 100
#define STOP_MS 5000

/* As long as a candidate cannot be proved; a busy DPS may want more. */
static const struct backoff again = {
    .first_ms = 30000, .maximum_ms = INT64_C(5) * 60 * 1000};

/* How long certd may take from "confirmed" until the new one is shown. */
#define SWITCH_MS 60000

struct candidates {
	const struct config *config;
	struct provision *provision;
	struct backoff again;
	int64_t not_before; /* DPS wants to be left alone until then */
	pthread_t thread;
	atomic_bool stops;
	atomic_bool is_asking; /* certd, which may take a minute */
	atomic_bool has_ended;
};

enum candidate_verdict
candidate_judge(enum error_code outcome, bool is_sound)
{
	switch (outcome) {
	case ERROR_NONE:
		return CANDIDATE_CONFIRM;
	case ERROR_UPSTREAM:
		return CANDIDATE_REJECT;
	case ERROR_INVALID:
		return is_sound ? CANDIDATE_AGAIN : CANDIDATE_REJECT;
	case ERROR_NOT_FOUND:
	case ERROR_MALFORMED:
	case ERROR_DENIED:
	case ERROR_EXISTS:
	case ERROR_UNAVAILABLE:
	case ERROR_TIMEOUT:
	case ERROR_INTERNAL:
		break;
	}
	return CANDIDATE_AGAIN;
}

int64_t
candidate_pause_ms(struct backoff *backoff, int64_t not_before, int64_t now)
{
	int64_t pause_ms = backoff_next(backoff);

	return pause_ms > not_before - now ? pause_ms : not_before - now;
}

/* Returns false if we are to end. */
static bool
pause_for(struct candidates *candidates, int64_t milliseconds)
{
	int64_t end = time_monotonic_ms() + milliseconds;

	while (!atomic_load(&candidates->stops) && time_monotonic_ms() < end)
		time_sleep_ms(SLICE_MS);
	return !atomic_load(&candidates->stops);
}

static bool
wait_for_dps(void *context, int64_t milliseconds, const struct error *why)
{
	(void)why;
	return pause_for(context, milliseconds);
}

/*
 * *ret_is_sound says whether the pair was found to be one. *ret_registration_id
 * is the caller's.
 */
static enum error_code
register_with(struct candidates *candidates, EVP_PKEY *key,
    const x509_stack *chain, char **ret_registration_id,
    struct dps_assignment *ret_assignment, bool *ret_is_sound,
    struct error *err)
{
	const struct config *config = candidates->config;
	const struct provisioning_settings *settings = &config->provisioning;
	CLEANUP(string) char *registration_id = NULL;
	const struct proof proof = {.key = key, .chain = chain};
	CLEANUP(json) json_t *payload = NULL;
	struct dps_request request = {
	    .endpoint = settings->global_endpoint,
	    .scope_id = settings->scope_id,
	    .proof = &proof,
	    .ca_file = config->trust_bundle_path,
	    .timeout_ms = (long)config->cloud_timeout_sec * 1000,
	    .deadline_ms = DPS_DEADLINE_MS,
	    .wait = wait_for_dps,
	    .context = candidates,
	};

	if (preflight_check(chain, key, settings->attestation.registration_id,
		time_now(), &registration_id, err))
		return err->code;
	*ret_is_sound = true;
	if (payload_load(&settings->payload, &payload, err))
		return err->code;
	request.registration_id = registration_id;
	request.payload = payload;
	if (dps_register(
		&request, ret_assignment, &candidates->not_before, err))
		return err->code;
	*ret_registration_id = TAKE(registration_id);
	return ERROR_NONE;
}

static enum error_code
try_candidate(struct candidates *candidates,
    const struct certd_candidate *candidate, bool *ret_is_sound,
    struct error *err)
{
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	CLEANUP(pkey) EVP_PKEY *key = NULL;
	CLEANUP_DONE(dps_assignment) struct dps_assignment assignment = {0};
	CLEANUP(string) char *registration_id = NULL;
	char digest[65];

	if (certificates_from_pem(candidate->pem, &chain, err) ||
	    attestation_digest(chain, digest, err) ||
	    openssl_key_load(candidate->key, &key, err) ||
	    register_with(candidates, key, chain, &registration_id, &assignment,
		ret_is_sound, err))
		return err->code;
	/* certd is not told before that is on the disk. */
	return provision_expect(
	    candidates->provision, digest, registration_id, &assignment, err);
}

/*
 * The assignment becomes that of the new pair when that is seen. First certd
 * has to show it.
 */
static void
adopt(struct candidates *candidates, struct unix_http *client,
    const struct certd_candidate *candidate)
{
	const char *id =
	    candidates->config->provisioning.attestation.identity_cert;
	int64_t end = time_monotonic_ms() + SWITCH_MS;

	while (time_monotonic_ms() < end) {
		CLEANUP(string) char *pem = NULL;
		struct error ignored;

		if (certd_get(client, id, &pem, &ignored) == ERROR_NONE &&
		    strcmp(pem, candidate->pem) == 0)
			break;
		if (!pause_for(candidates, SLICE_MS))
			return;
	}
	provision_look_again(candidates->provision);
}

/* Returns false if the same candidate is to be tried again later. */
static bool
settle(struct candidates *candidates, struct unix_http *client,
    const struct certd_candidate *candidate)
{
	const char *id =
	    candidates->config->provisioning.attestation.identity_cert;
	struct error why = {.code = ERROR_NONE}, err;
	bool is_sound = false;
	enum error_code code =
	    try_candidate(candidates, candidate, &is_sound, &why);

	switch (candidate_judge(code, is_sound)) {
	case CANDIDATE_AGAIN:
		log_warning("the renewed certificate is not proved yet: %s",
		    why.message);
		return false;
	case CANDIDATE_REJECT:
		log_error("the renewed certificate is of no use, the old one "
			  "stays: %s",
		    why.message);
		if (certd_reject(
			client, id, candidate->digest, why.message, &err))
			log_warning("%s", err.message);
		return true;
	case CANDIDATE_CONFIRM:
		break;
	}
	if (certd_confirm(client, id, candidate->digest, &err)) {
		log_warning(
		    "confirming the renewed certificate: %s", err.message);
		return false;
	}
	log_info("DPS has taken the renewed certificate");
	adopt(candidates, client, candidate);
	return true;
}

/* One look; returns false if it is better to pause before the next one. */
static bool
look(struct candidates *candidates, struct unix_http *client)
{
	const char *id =
	    candidates->config->provisioning.attestation.identity_cert;
	CLEANUP_DONE(certd_candidate)
	struct certd_candidate candidate = {.key = NULL};
	struct error ignored;
	enum error_code code;

	atomic_store(&candidates->is_asking, true);
	code = certd_wait_for_candidate(
	    client, id, WAIT_SECONDS, &candidate, &ignored);
	atomic_store(&candidates->is_asking, false);
	if (code || atomic_load(&candidates->stops))
		return code == ERROR_TIMEOUT;
	return settle(candidates, client, &candidate);
}

static void *
run(void *context)
{
	struct candidates *candidates = context;
	CLEANUP(unix_http) struct unix_http *client = NULL;
	struct error err;

	if (certd_client_create(CLIENT_MS, &client, &err))
		log_error("%s", err.message);
	while (client && !atomic_load(&candidates->stops))
		if (look(candidates, client))
			candidates->again.failures = 0;
		else if (!pause_for(candidates,
			     candidate_pause_ms(&candidates->again,
				 candidates->not_before, time_monotonic_ms())))
			break;
	atomic_store(&candidates->has_ended, true);
	return NULL;
}

enum error_code
candidates_start(const struct config *config, struct provision *provision,
    struct candidates **ret_candidates, struct error *err)
{
	struct candidates *candidates;
	int failure;

	*ret_candidates = NULL;
	if (strcmp(config->provisioning.source, "dps") != 0 ||
	    !config->provisioning.attestation.issuance.present)
		return ERROR_NONE;
	candidates = calloc(1, sizeof(*candidates));
	if (!candidates)
		return error_no_memory(err);
	candidates->config = config;
	candidates->again = again;
	candidates->provision = provision;
	failure = pthread_create(&candidates->thread, NULL, run, candidates);
	if (failure) {
		free(candidates);
		return error_set(err, ERROR_INTERNAL,
		    "cannot start a thread: %s", strerrordesc_np(failure));
	}
	(void)pthread_setname_np(candidates->thread, "candidate");
	*ret_candidates = candidates;
	return ERROR_NONE;
}

/*
 * A thread that asks certd is left alone: when it has its answer it looks at
 * nothing but its own, and ends.
 */
bool
candidates_stop(struct candidates *candidates)
{
	int64_t end = time_monotonic_ms() + STOP_MS;

	if (!candidates)
		return true;
	atomic_store(&candidates->stops, true);
	while (!atomic_load(&candidates->has_ended)) {
		if (atomic_load(&candidates->is_asking)) {
			(void)pthread_detach(candidates->thread);
			return true;
		}
		if (time_monotonic_ms() >= end)
			return false;
		time_sleep_ms(SLICE_MS);
	}
	(void)pthread_join(candidates->thread, NULL);
	free(candidates);
	return true;
}
