/* SPDX-License-Identifier: MIT */
/* One attempt: the credentials, what is stored, DPS. */
#include "provision_inside.h"

#include <stdio.h>
#include <string.h>

#include "attestation.h"
#include "common/log.h"
#include "common/time.h"
#include "dps.h"
#include "payload.h"
#include "policy.h"
#include "preflight.h"

/* Somebody stands at the other end of a request and wants to know why not. */
#define REQUEST_DEADLINE_MS INT64_C(60000)

/* --- asking DPS ----------------------------------------------------------- */

/* The wait of struct dps_request. */
static bool
wait_for_dps(void *context, int64_t milliseconds, const struct error *why)
{
	struct provision *provision = context;

	if (why) {
		log_warning("%s: trying again in %d s", why->message,
		    (int)(milliseconds / 1000));
		provision_apply(provision, EVENT_PASSING, why->message);
	}
	if (!provision->hooks.wait(provision->hooks.context, milliseconds)) {
		provision->ended = true;
		return false;
	}
	/* Whoever asks for a new registration gets one that is new. */
	return provision->serving || !provision_is_requested(provision);
}

static enum error_code
ask_dps(struct provision *provision, const struct credentials *credentials,
    const char *registration_id, struct dps_assignment *ret_assignment,
    struct error *err)
{
	const struct config *config = provision->config;
	const struct proof proof = credentials_proof(credentials);
	struct dps_tpm tpm;
	CLEANUP(json) json_t *payload = NULL;
	int64_t left_ms = provision->not_before - time_monotonic_ms();
	struct dps_request request = {
	    .endpoint = config->provisioning.global_endpoint,
	    .scope_id = config->provisioning.scope_id,
	    .registration_id = registration_id,
	    .proof = &proof,
	    .tpm = credentials_tpm(credentials, &tpm) ? &tpm : NULL,
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
	provision->asked_at = provision_count_expected(provision);
	return dps_register(
	    &request, ret_assignment, &provision->not_before, err);
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

static enum error_code
register_device(struct provision *provision,
    const struct credentials *credentials, struct error *err)
{
	CLEANUP(string) char *registration_id = NULL;
	CLEANUP_DONE(record) struct record record = {0};
	struct origin origin = provision_origin(provision);

	if (check_credentials(
		credentials, origin.registration_id, &registration_id, err))
		return err->code;
	origin.registration_id = registration_id;
	if (credentials->endorsement_key)
		provision_note_renewal(provision);
	if (origin_copy(&origin, &record.origin, err) ||
	    ask_dps(provision, credentials, registration_id, &record.assignment,
		err))
		return err->code;
	record.assigned_at = time_now();
	return provision_take_assignment(provision, &record, err);
}

/* --- the attempt ---------------------------------------------------------- */

static int64_t
rest_ms(const struct provision *provision)
{
	return provision->has_certificate ? PROVISION_LOOK_MS
					  : PROVISION_KEY_LOOK_MS;
}

static bool
is_old(const struct provision *provision)
{
	return policy_is_old(provision->stored.assigned_at, time_now());
}

static bool
is_refused(const struct provision *provision)
{
	return provision->refused_until != 0 &&
	       strcmp(provision->digest, provision->refused_digest) == 0;
}

/* DPS is not asked about the same credentials that it has just refused. */
static int64_t
spare_ms(const struct provision *provision)
{
	int64_t left_ms = provision->refused_until - time_monotonic_ms();

	if (!is_refused(provision) || provision->serving || left_ms <= 0)
		return 0;
	return left_ms < rest_ms(provision) ? left_ms : rest_ms(provision);
}

/*
 * True if what is stored was made for the same registration, whatever the
 * device proves itself with, and whatever it has to say beside that.
 */
static bool
is_same_registration(
    const struct provision *provision, const struct credentials *credentials)
{
	struct origin wanted = provision_origin(provision);
	CLEANUP(string) char *name = NULL;
	struct error ignored;

	wanted.thumbprint = NULL;
	wanted.payload = NULL;
	if (!wanted.registration_id && credentials->chain) {
		if (preflight_name(credentials->chain, &name, &ignored))
			return false;
		wanted.registration_id = name;
	}
	return provision->has_stored &&
	       origin_agrees(&provision->stored.origin, &wanted);
}

static enum machine_event
first_look(
    const struct provision *provision, const struct credentials *credentials)
{
	enum machine_event event;

	if (!is_same_registration(provision, credentials))
		return EVENT_MISSING;
	if (provision->serving)
		return EVENT_STORED_FIRST;
	event = policy_of_stored(&provision->config->provisioning,
	    provision->stored.assigned_at, time_now());
	if (event == EVENT_STORED_FIRST)
		return event;
	if (!provision_stored_is_ours(provision))
		return EVENT_STORED_OTHER;
	/* The registration that would have replaced it was cut off. */
	return provision->stored.is_renewed ? EVENT_STORED_OLD : event;
}

/* The credentials are others than those that all of this is about. */
static bool
has_changed(const struct provision *provision)
{
	if (provision->state == STATE_FAILED)
		return !is_refused(provision);
	return !provision_stored_is_ours(provision);
}

/* What is stored is what was in use before, and somebody puts that back. */
static void
take_back(struct provision *provision, enum machine_event event)
{
	if (is_refused(provision) ||
	    machine_next(provision->state, event).next == provision->state)
		return;
	provision_apply(provision, event, "");
	if (provision->serving)
		provision_apply(provision, EVENT_REQUEST, "");
}

static enum error_code
adopt(struct provision *provision, struct record *record, struct error *err)
{
	if (provision_take_assignment(provision, record, err) == ERROR_NONE)
		return ERROR_NONE;
	/* Else it would be taken for a look that saw nothing. */
	provision_apply(provision, EVENT_WRONG, err->message);
	return err->code;
}

/* There are other credentials than those of the assignment. */
static enum machine_event
change(const struct provision *provision, const struct credentials *credentials)
{
	if (is_same_registration(provision, credentials))
		return machine_callers(provision->state) == CALLERS_GET_IDENTITY
			   ? EVENT_CHANGED
			   : EVENT_STORED_OTHER;
	return provision->state == STATE_FAILED && provision->refused_until != 0
		   ? EVENT_CHANGED
		   : EVENT_MISSING;
}

/* What the credentials, as they are now, mean for the state. */
static enum error_code
settle(struct provision *provision, const struct credentials *credentials,
    struct error *err)
{
	const struct origin wanted = provision_origin(provision);
	CLEANUP_DONE(record) struct record record = {0};
	enum machine_event event;

	if (machine_is_undecided(provision->state)) {
		provision_adopt_early(provision);
		provision_apply(
		    provision, first_look(provision, credentials), "");
		return ERROR_NONE;
	}
	if (provision_stored_is_ours(provision))
		take_back(provision, EVENT_STORED);
	if (!has_changed(provision)) {
		if (provision->state == STATE_PROVISIONED && is_old(provision))
			provision_apply(provision, EVENT_STORED_OLD, "");
		return ERROR_NONE;
	}
	if (provision_find_expected(provision, &wanted, &record))
		return adopt(provision, &record, err);
	event = change(provision, credentials);
	if (machine_next(provision->state, event).next != provision->state)
		provision_apply(provision, event, "");
	return ERROR_NONE;
}

bool
provision_has_expired(const struct provision *provision)
{
	return provision->valid_until > 0 &&
	       time_now() > provision->valid_until;
}

/* The look from time to time, which is to cost nothing. */
static bool
is_at_rest(const struct provision *provision,
    const struct attestation_settings *credential)
{
	return provision->state == STATE_PROVISIONED && !provision->serving &&
	       !is_old(provision) && !provision_has_expired(provision) &&
	       provision_stored_is_ours(provision) &&
	       attestation_is_unchanged(credential, provision->digest);
}

/* An assignment is in use, also with what has ended; but that is said. */
static enum error_code
check_end(const struct provision *provision,
    const struct credentials *credentials, struct error *err)
{
	if (!credentials->chain || !provision_has_expired(provision))
		return ERROR_NONE;
	return preflight_check_dates(credentials->chain, time_now(), err);
}

/* Nothing has taken its place: that makes it no secret that it has ended. */
static enum error_code
wrap_end(const struct provision *provision, struct error *err)
{
	if (!provision_has_expired(provision))
		return err->code;
	return error_wrap(err, "the device's certificate expired at %s",
	    time_format(provision->valid_until).text);
}

/* Source dps. */
static enum error_code
provision_by_dps(struct provision *provision,
    const struct credentials *credentials, int64_t *ret_rest_ms,
    struct error *err)
{
	int64_t spare;

	if (settle(provision, credentials, err))
		return err->code;
	if (!machine_asks(provision->state))
		return check_end(provision, credentials, err);
	spare = spare_ms(provision);
	if (spare > 0) {
		*ret_rest_ms = spare;
		return ERROR_NONE;
	}
	return register_device(provision, credentials, err);
}

static void
note_credentials(
    struct provision *provision, const struct credentials *credentials)
{
	(void)snprintf(provision->digest, sizeof(provision->digest), "%s",
	    credentials->digest);
	provision->has_certificate = credentials->chain != NULL;
	provision->valid_until =
	    credentials->chain ? credentials->valid_until : 0;
	provision->lacks_key = credentials->lacks_key;
}

enum error_code
provision_attempt(
    struct provision *provision, int64_t *ret_rest_ms, struct error *err)
{
	const struct config *config = provision->config;
	const struct attestation_settings *credential =
	    config_credential(config);
	CLEANUP_DONE(credentials) struct credentials credentials = {0};

	*ret_rest_ms = PROVISION_IDLE;
	if (!credential)
		return provision_without_source(provision, err);
	payload_digest(&config->provisioning.payload, provision->payload);
	if (is_at_rest(provision, credential)) {
		*ret_rest_ms = rest_ms(provision);
		return ERROR_NONE;
	}
	if (attestation_obtain(
		credential, config_device_name(config), &credentials, err))
		return wrap_end(provision, err);
	note_credentials(provision, &credentials);
	if (credentials.endorsement_key && provision_finish_key(provision, err))
		return err->code;
	*ret_rest_ms = rest_ms(provision);
	if (credential == &config->provisioning.authentication)
		return provision_configure(provision, &credentials, err);
	return provision_by_dps(provision, &credentials, ret_rest_ms, err);
}
