/* SPDX-License-Identifier: MIT */
#include "provision_inside.h"

#include <stdio.h>
#include <string.h>

#include "attestation.h"
#include "common/backoff.h"
#include "common/log.h"
#include "common/time.h"
#include "dps.h"
#include "payload.h"
#include "preflight.h"

/* Somebody stands at the other end of a request and wants to know why not. */
#define REQUEST_DEADLINE_MS INT64_C(60000)

/*
 * What may pass by itself is tried again soon. What must be put right on this
 * device costs nobody anything to look at; DPS is spared what it has refused.
 */
static const struct backoff soon = {.first_ms = 2000, .maximum_ms = 60000};
static const struct backoff later = {.first_ms = 10000, .maximum_ms = 60000};
static const struct backoff refused = {
    .first_ms = INT64_C(5) * 60 * 1000, .maximum_ms = INT64_C(60) * 60 * 1000};

enum error_code
provision_create(const struct config *config, const char *directory,
    const struct provision_hooks *hooks, struct provision **ret_provision,
    struct error *err)
{
	struct provision *provision = malloc(sizeof(*provision));

	if (!provision)
		return error_no_memory(err);
	*provision = (struct provision){
	    .config = config,
	    .directory = directory,
	    .hooks = *hooks,
	    .ask_dps = config->provisioning.always_reprovision_on_startup,
	    .soon = soon,
	    .later = later,
	    .refused = refused,
	    .lock = PTHREAD_MUTEX_INITIALIZER,
	};
	*ret_provision = provision;
	return ERROR_NONE;
}

void
provision_free(struct provision *provision)
{
	if (!provision)
		return;
	(void)pthread_mutex_destroy(&provision->lock);
	record_done(&provision->stored);
	free(provision);
}

/* What a registration would be made for now. Everything is borrowed. */
static struct origin
wanted_origin(struct provision *provision)
{
	const struct provisioning_settings *settings =
	    &provision->config->provisioning;

	return (struct origin){
	    .endpoint = settings->global_endpoint,
	    .scope_id = settings->scope_id,
	    .registration_id = settings->attestation.registration_id,
	    .thumbprint = *provision->thumbprint ? provision->thumbprint : NULL,
	};
}

/* True if what is stored was made for the present configuration. */
static bool
stored_is_ours(struct provision *provision)
{
	struct origin wanted = wanted_origin(provision);

	return provision->has_stored &&
	       origin_agrees(&provision->stored.origin, &wanted);
}

/* Under the lock. */
static void
set_status(struct provision *provision, enum provision_status status,
    const char *message)
{
	provision->status = status;
	(void)snprintf(
	    provision->message, sizeof(provision->message), "%s", message);
}

static void
publish(struct provision *provision, enum provision_status status,
    const char *message)
{
	(void)pthread_mutex_lock(&provision->lock);
	set_status(provision, status, message);
	(void)pthread_mutex_unlock(&provision->lock);
	provision->hooks.changed(provision->hooks.context);
}

/* Takes over record. */
static void
replace_stored(struct provision *provision, struct record *record)
{
	(void)pthread_mutex_lock(&provision->lock);
	record_done(&provision->stored);
	provision->stored = TAKE_CONTENTS(*record);
	provision->has_stored = true;
	(void)pthread_mutex_unlock(&provision->lock);
}

static void
load_stored(struct provision *provision)
{
	CLEANUP_DONE(record) struct record record = {0};
	struct error err;

	provision->loaded = true;
	if (store_load(provision->directory, &record, &err) == ERROR_NONE) {
		replace_stored(provision, &record);
		return;
	}
	if (err.code == ERROR_NOT_FOUND)
		return;
	log_warning("%s: asking DPS instead", err.message);
	if (err.code == ERROR_INVALID &&
	    store_set_aside(provision->directory, &err))
		log_warning("%s", err.message);
}

static bool
may_pass(enum error_code code)
{
	return code == ERROR_UNAVAILABLE || code == ERROR_TIMEOUT;
}

/* Tells callers what is wrong; they get what is stored if it is any good. */
static void
publish_trouble(struct provision *provision, const struct error *why)
{
	enum provision_status status = PROVISION_FAILED;

	if (stored_is_ours(provision))
		status = PROVISION_PROVISIONED;
	else if (may_pass(why->code))
		status = PROVISION_PROVISIONING;
	publish(provision, status, why->message);
}

static bool
is_requested(struct provision *provision)
{
	bool requested;

	(void)pthread_mutex_lock(&provision->lock);
	requested = provision->requests > provision->served;
	(void)pthread_mutex_unlock(&provision->lock);
	return requested;
}

/* The wait of struct dps_request. */
static bool
wait_for_dps(void *context, int64_t milliseconds, const struct error *why)
{
	struct provision *provision = context;

	if (why) {
		log_warning("%s: trying again in %d s", why->message,
		    (int)(milliseconds / 1000));
		publish_trouble(provision, why);
	}
	if (!provision->hooks.wait(provision->hooks.context, milliseconds)) {
		provision->ended = true;
		return false;
	}
	/* Whoever asks for a new registration gets one that is new. */
	return provision->serving || !is_requested(provision);
}

static enum error_code
ask_dps(struct provision *provision, const struct credentials *credentials,
    const char *registration_id, struct dps_assignment *ret_assignment,
    struct error *err)
{
	const struct config *config = provision->config;
	const struct proof proof = credentials_proof(credentials);
	CLEANUP(json) json_t *payload = NULL;
	int64_t left_ms = provision->not_before - time_monotonic_ms();
	struct dps_request request = {
	    .endpoint = config->provisioning.global_endpoint,
	    .scope_id = config->provisioning.scope_id,
	    .registration_id = registration_id,
	    .proof = &proof,
	    .ca_file = config->trust_bundle_path,
	    .timeout_ms = (long)config->cloud_timeout_sec * 1000,
	    .deadline_ms =
		provision->serving ? REQUEST_DEADLINE_MS : DPS_DEADLINE_MS,
	    .wait = wait_for_dps,
	    .context = provision,
	};

	if (left_ms > 0)
		return error_set(err, ERROR_UNAVAILABLE,
		    "DPS is busy, and wants to be left alone for %d s more",
		    (int)(left_ms / 1000) + 1);
	if (payload_load(&config->provisioning.payload, &payload, err))
		return err->code;
	request.payload = payload;
	return dps_register(
	    &request, ret_assignment, &provision->not_before, err);
}

static enum error_code
copy_origin(const struct origin *from, struct origin *to, struct error *err)
{
	to->endpoint = strdup(from->endpoint);
	to->scope_id = strdup(from->scope_id);
	to->registration_id = strdup(from->registration_id);
	to->thumbprint = strdup(from->thumbprint);
	if (!to->endpoint || !to->scope_id || !to->registration_id ||
	    !to->thumbprint)
		return error_no_memory(err);
	return ERROR_NONE;
}

/* What can be seen to be wrong without asking; a key says nothing. */
static enum error_code
check_credentials(const struct credentials *credentials, const char *configured,
    char **ret_registration_id, struct error *err)
{
	if (credentials->chain)
		return preflight_check(credentials->chain, credentials->key,
		    configured, time_now(), ret_registration_id, err);
	*ret_registration_id = strdup(configured);
	return *ret_registration_id ? ERROR_NONE : error_no_memory(err);
}

/* Asks DPS; what it assigns is in use even if it cannot be stored. */
static enum error_code
register_device(struct provision *provision,
    const struct credentials *credentials, struct error *err)
{
	CLEANUP(string) char *registration_id = NULL;
	CLEANUP_DONE(record) struct record record = {0};
	struct origin origin = wanted_origin(provision);
	enum error_code code;

	/* Until all of it is done, whatever is in use meanwhile. */
	provision->ask_dps = true;
	if (check_credentials(
		credentials, origin.registration_id, &registration_id, err))
		return err->code;
	origin.registration_id = registration_id;
	if (copy_origin(&origin, &record.origin, err) ||
	    ask_dps(provision, credentials, registration_id, &record.assignment,
		err))
		return err->code;

	record.assigned_at = time_now();
	code = store_save(provision->directory, &record, err);
	replace_stored(provision, &record);
	return code;
}

static enum error_code
attempt(struct provision *provision, struct error *err)
{
	const struct attestation_settings *attestation =
	    &provision->config->provisioning.attestation;
	CLEANUP_DONE(credentials) struct credentials credentials = {0};

	if (attestation_obtain(
		attestation, attestation->registration_id, &credentials, err))
		return err->code;
	(void)memcpy(provision->thumbprint, credentials.digest,
	    sizeof(provision->thumbprint));
	if (!provision->ask_dps && stored_is_ours(provision))
		return ERROR_NONE;
	return register_device(provision, &credentials, err);
}

/* DPS has said that this device is none of its own. */
static void
forget_assignment(struct provision *provision, const struct error *why)
{
	struct error err;

	if (!stored_is_ours(provision))
		return;
	(void)pthread_mutex_lock(&provision->lock);
	record_done(&provision->stored);
	provision->has_stored = false;
	set_status(provision, PROVISION_FAILED, why->message);
	(void)pthread_mutex_unlock(&provision->lock);
	if (store_remove(provision->directory, &err))
		log_error("%s", err.message);
}

static int64_t
succeed(struct provision *provision)
{
	const struct dps_assignment *assignment = &provision->stored.assignment;

	provision->ask_dps = false;
	provision->soon.failures = 0;
	provision->later.failures = 0;
	provision->refused.failures = 0;
	publish(provision, PROVISION_PROVISIONED, "");
	log_info("device '%s' belongs to hub '%s'", assignment->device_id,
	    assignment->hub);
	return PROVISION_IDLE;
}

static int64_t
fail(struct provision *provision, const struct error *why)
{
	struct backoff *backoff = &provision->later;
	int64_t delay, left_ms;

	if (may_pass(why->code))
		backoff = &provision->soon;
	if (why->code == ERROR_UPSTREAM) {
		backoff = &provision->refused;
		forget_assignment(provision, why);
	}
	delay = backoff_next(backoff);
	left_ms = provision->not_before - time_monotonic_ms();
	if (delay < left_ms)
		delay = left_ms;
	publish_trouble(provision, why);
	log_warning(
	    "%s: trying again in %d s", why->message, (int)(delay / 1000));
	return delay;
}

/* Notes which requests the coming attempt serves, and returns the last one. */
static uint64_t
begin(struct provision *provision)
{
	uint64_t request;
	bool hopeful;

	(void)pthread_mutex_lock(&provision->lock);
	request = provision->requests;
	provision->serving = request > provision->served;
	hopeful = provision->serving && provision->status == PROVISION_FAILED;
	(void)pthread_mutex_unlock(&provision->lock);

	if (provision->serving)
		provision->ask_dps = true;
	if (hopeful)
		publish(provision, PROVISION_PROVISIONING, "");
	if (!provision->loaded)
		load_stored(provision);
	return request;
}

static void
serve(
    struct provision *provision, uint64_t request, const struct error *outcome)
{
	(void)pthread_mutex_lock(&provision->lock);
	provision->served = request;
	provision->outcome = *outcome;
	(void)pthread_mutex_unlock(&provision->lock);
}

int64_t
provision_step(struct provision *provision)
{
	uint64_t request = begin(provision);
	struct error outcome = {.code = ERROR_NONE};
	int64_t delay;

	/* What was overcome on the way may have left its words in outcome. */
	if (attempt(provision, &outcome) == ERROR_NONE)
		outcome.code = ERROR_NONE;
	if (provision->ended)
		return PROVISION_IDLE;
	serve(provision, request, &outcome);
	delay = outcome.code == ERROR_NONE ? succeed(provision)
					   : fail(provision, &outcome);
	return is_requested(provision) ? 0 : delay;
}
