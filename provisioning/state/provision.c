/* SPDX-License-Identifier: MIT */
#include "provision_inside.h"

#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "common/time.h"

/*
 * What may pass by itself is tried again soon. What must be put right on this
 * device costs nobody anything to look at; DPS is spared what it has refused.
 */
static const struct backoff soon = {.first_ms = 2000, .maximum_ms = 60000};
static const struct backoff later = {.first_ms = 10000, .maximum_ms = 60000};
static const struct backoff refused = {
    .first_ms = INT64_C(5) * 60 * 1000, .maximum_ms = INT64_C(60) * 60 * 1000};

/* Two devices that are taken for one another must not chase each other. */
static const struct backoff signals = {
    .first_ms = INT64_C(60) * 1000, .maximum_ms = INT64_C(60) * 60 * 1000};

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
	    .soon = soon,
	    .later = later,
	    .refused = refused,
	    .lock = PTHREAD_MUTEX_INITIALIZER,
	    .expected_lock = PTHREAD_MUTEX_INITIALIZER,
	    .state = STATE_STARTING,
	    .signals = signals,
	    .settled_for = -1,
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
	(void)pthread_mutex_destroy(&provision->expected_lock);
	record_done(&provision->stored);
	free(provision);
}

static void
remove_file(struct provision *provision)
{
	struct error err;

	/* What is expected counts where nothing is stored, so it goes first. */
	provision->has_void_file =
	    provision_void_expected(provision, provision->refused_at, &err) ||
	    store_remove(provision->directory, STORE_ASSIGNMENT, &err);
	if (provision->has_void_file)
		log_error("%s", err.message);
}

void
provision_forget(struct provision *provision)
{
	(void)pthread_mutex_lock(&provision->lock);
	record_done(&provision->stored);
	provision->has_stored = false;
	(void)pthread_mutex_unlock(&provision->lock);
	remove_file(provision);
}

void
provision_start_over(struct provision *provision)
{
	(void)pthread_mutex_lock(&provision->lock);
	provision->state = STATE_STARTING;
	*provision->message = '\0';
	(void)pthread_mutex_unlock(&provision->lock);
}

static void
apply(struct provision *provision, enum machine_event event, bool passing,
    const char *message)
{
	struct machine_step step = machine_next(provision->state, event);

	if (step.next != provision->state)
		log_debug("provisioning: %s, %s: %s",
		    machine_state_name(provision->state),
		    machine_event_name(event), machine_state_name(step.next));
	(void)pthread_mutex_lock(&provision->lock);
	provision->state = step.next;
	(void)snprintf(
	    provision->message, sizeof(provision->message), "%s", message);
	provision->passing = passing;
	if (step.act == ACT_FORGET) {
		record_done(&provision->stored);
		provision->has_stored = false;
	}
	(void)pthread_mutex_unlock(&provision->lock);
	provision->hooks.changed(provision->hooks.context);
	if (step.act == ACT_FORGET)
		remove_file(provision);
}

void
provision_apply(
    struct provision *provision, enum machine_event event, const char *message)
{
	apply(provision, event, event == EVENT_PASSING, message);
}

bool
provision_is_requested(struct provision *provision)
{
	bool requested;

	(void)pthread_mutex_lock(&provision->lock);
	requested = provision->requests > provision->served;
	(void)pthread_mutex_unlock(&provision->lock);
	return requested;
}

static bool
may_pass(enum error_code code)
{
	return code == ERROR_UNAVAILABLE || code == ERROR_TIMEOUT;
}

static enum machine_event
event_of(const struct provision *provision, enum error_code code)
{
	if (machine_is_undecided(provision->state) &&
	    provision_stored_is_ours(provision))
		return EVENT_UNSEEN;
	if (code == ERROR_UPSTREAM)
		return EVENT_REFUSED;
	return may_pass(code) ? EVENT_PASSING : EVENT_WRONG;
}

/* Which credentials DPS is to be spared, and for how long. */
static void
note_refusal(struct provision *provision, int64_t delay_ms)
{
	provision->refused_until = time_monotonic_ms() + delay_ms;
	provision->refused_at = provision->asked_at;
	(void)snprintf(provision->refused_digest,
	    sizeof(provision->refused_digest), "%s", provision->digest);
}

static int64_t
fail(struct provision *provision, const struct error *why)
{
	bool is_refusal = why->code == ERROR_UPSTREAM;
	struct backoff *backoff =
	    may_pass(why->code) ? &provision->soon : &provision->later;
	int64_t delay, left_ms;

	delay = backoff_next(is_refusal ? &provision->refused : backoff);
	left_ms = provision->not_before - time_monotonic_ms();
	if (delay < left_ms)
		delay = left_ms;
	if (is_refusal)
		note_refusal(provision, delay);
	log_warning(
	    "%s: trying again in %d s", why->message, (int)(delay / 1000));
	apply(provision, event_of(provision, why->code), may_pass(why->code),
	    why->message);
	if (!is_refusal)
		return delay;
	return provision->has_certificate && delay > PROVISION_LOOK_MS
		   ? PROVISION_LOOK_MS
		   : delay;
}

static void
succeed(struct provision *provision)
{
	const struct dps_assignment *assignment = &provision->stored.assignment;

	provision->soon.failures = 0;
	provision->later.failures = 0;
	provision->refused.failures = 0;
	log_info("device '%s' belongs to hub '%s'", assignment->device_id,
	    assignment->hub);
}

/* Notes which requests the coming attempt serves, and returns the last one. */
static uint64_t
begin(struct provision *provision)
{
	uint64_t request;

	(void)pthread_mutex_lock(&provision->lock);
	request = provision->requests;
	provision->serving = request > provision->served;
	(void)pthread_mutex_unlock(&provision->lock);

	if (provision->has_void_file)
		remove_file(provision);
	provision_load(provision);
	if (provision->serving && !machine_is_undecided(provision->state))
		provision_apply(provision, EVENT_REQUEST, "");
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
	provision->hooks.changed(provision->hooks.context);
}

/*
 * After each assignment, as often as somebody wants a new one, and when it was
 * put off. Returns when to do it again.
 */
static int64_t
settle(struct provision *provision)
{
	int64_t now = time_monotonic_ms();
	int64_t delay;

	if (!provision->hooks.settle ||
	    machine_callers(provision->state) != CALLERS_GET_IDENTITY)
		return PROVISION_IDLE;
	if (provision->settled_for == provision->stored.assigned_at &&
	    !provision->serving && now < provision->settle_at)
		return provision->settle_at == PROVISION_IDLE
			   ? PROVISION_IDLE
			   : provision->settle_at - now;
	provision->settled_for = provision->stored.assigned_at;
	delay = provision->hooks.settle(
	    provision->hooks.context, &provision->stored.assignment);
	provision->settle_at = delay == PROVISION_IDLE
				   ? PROVISION_IDLE
				   : time_monotonic_ms() + delay;
	return delay;
}

/* What has come of an attempt. Returns when to make the next one. */
static int64_t
conclude(struct provision *provision, enum machine_state before,
    const struct error *outcome, int64_t delay)
{
	/*
	 * A look from time to time that sees nothing is no trouble, unless it
	 * was for something to take the place of what has ended.
	 */
	if (before == STATE_PROVISIONED &&
	    provision->state == STATE_PROVISIONED && may_pass(outcome->code) &&
	    !provision_has_expired(provision))
		return PROVISION_LOOK_MS;
	if (outcome->code)
		return fail(provision, outcome);
	if (provision->state == STATE_PROVISIONED && before != provision->state)
		succeed(provision);
	return delay;
}

int64_t
provision_step(struct provision *provision)
{
	uint64_t request = begin(provision);
	enum machine_state before = provision->state;
	struct error outcome = {.code = ERROR_NONE};
	int64_t delay = PROVISION_IDLE, settled;

	/* What was overcome on the way may have left its words in outcome. */
	if (provision_attempt(provision, &delay, &outcome) == ERROR_NONE)
		outcome.code = ERROR_NONE;
	if (provision->ended)
		return PROVISION_IDLE;
	delay = conclude(provision, before, &outcome, delay);
	settled = settle(provision);
	if (provision->serving)
		serve(provision, request, &outcome);
	if (provision_is_requested(provision))
		return 0;
	if (provision->has_void_file && delay > PROVISION_LOOK_MS)
		delay = PROVISION_LOOK_MS;
	return settled < delay ? settled : delay;
}
