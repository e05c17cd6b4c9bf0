/* SPDX-License-Identifier: MIT */
/* What others see of provisioning, and what they may ask for. */
#include "provision_inside.h"

#include <stdio.h>
#include <string.h>

#include "common/time.h"
#include "policy.h"

const char *
provision_status_name(enum provision_status status)
{
	switch (status) {
	case PROVISION_PROVISIONING:
		return "provisioning";
	case PROVISION_PROVISIONED:
		return "provisioned";
	case PROVISION_FAILED:
		return "failed";
	case PROVISION_UNMANAGED:
		break;
	}
	return "unmanaged";
}

void
provision_view_done(struct provision_view *view)
{
	dps_assignment_done(&view->assignment);
	free(view->registration_id);
	*view = (struct provision_view){0};
}

/* NULL stays NULL. */
static enum error_code
copy_text(const char *from, char **ret_to, struct error *err)
{
	*ret_to = from ? strdup(from) : NULL;
	return from && !*ret_to ? error_no_memory(err) : ERROR_NONE;
}

static enum provision_status
status_of(enum machine_state state)
{
	if (state == STATE_UNMANAGED)
		return PROVISION_UNMANAGED;
	switch (machine_callers(state)) {
	case CALLERS_WAIT:
		return PROVISION_PROVISIONING;
	case CALLERS_GET_IDENTITY:
		return PROVISION_PROVISIONED;
	case CALLERS_GET_REASON:
		break;
	}
	return PROVISION_FAILED;
}

/* Of the device itself first. */
static void
fill_message(const struct provision *provision, struct provision_view *view)
{
	const bool is_modules = view->status == PROVISION_PROVISIONED &&
				!*provision->message &&
				*provision->modules_message;

	view->passing = is_modules || provision->passing;
	(void)snprintf(view->message, sizeof(view->message), "%s",
	    is_modules ? provision->modules_message : provision->message);
}

static enum error_code
fill_view(const struct provision *provision, struct provision_view *view,
    struct error *err)
{
	const struct record *stored = &provision->stored;

	view->status = status_of(provision->state);
	fill_message(provision, view);
	if (view->status != PROVISION_PROVISIONED)
		return copy_text(
		    provision->config->provisioning.attestation.registration_id,
		    &view->registration_id, err);
	view->assigned_at = stored->assigned_at;
	if (copy_text(
		stored->origin.registration_id, &view->registration_id, err) ||
	    copy_text(stored->assignment.hub, &view->assignment.hub, err))
		return err->code;
	return copy_text(
	    stored->assignment.device_id, &view->assignment.device_id, err);
}

enum error_code
provision_look(struct provision *provision, struct provision_view *ret_view,
    struct error *err)
{
	CLEANUP_DONE(provision_view) struct provision_view view = {0};
	enum error_code code;

	(void)pthread_mutex_lock(&provision->lock);
	code = fill_view(provision, &view, err);
	(void)pthread_mutex_unlock(&provision->lock);
	if (code)
		return code;
	*ret_view = TAKE_CONTENTS(view);
	return ERROR_NONE;
}

bool
provision_is_pending(struct provision *provision)
{
	bool pending;

	(void)pthread_mutex_lock(&provision->lock);
	pending = machine_callers(provision->state) == CALLERS_WAIT;
	(void)pthread_mutex_unlock(&provision->lock);
	return pending;
}

uint64_t
provision_request(struct provision *provision)
{
	uint64_t request;

	(void)pthread_mutex_lock(&provision->lock);
	request = ++provision->requests;
	(void)pthread_mutex_unlock(&provision->lock);
	provision->hooks.wake(provision->hooks.context);
	return request;
}

void
provision_look_again(struct provision *provision)
{
	provision->hooks.wake(provision->hooks.context);
}

bool
provision_hub_refuses(struct provision *provision)
{
	bool heeded = false;

	(void)pthread_mutex_lock(&provision->lock);
	if (policy_heeds_hub(&provision->config->provisioning) &&
	    time_monotonic_ms() >= provision->signals_not_before) {
		heeded = true;
		provision->requests++;
		provision->signals_not_before =
		    time_monotonic_ms() + backoff_next(&provision->signals);
	}
	(void)pthread_mutex_unlock(&provision->lock);
	if (heeded)
		provision->hooks.wake(provision->hooks.context);
	return heeded;
}

void
provision_note_modules(struct provision *provision, const char *why)
{
	(void)pthread_mutex_lock(&provision->lock);
	(void)snprintf(provision->modules_message,
	    sizeof(provision->modules_message), "%s%s",
	    why ? "the modules are not in step with the hub: " : "",
	    why ? why : "");
	(void)pthread_mutex_unlock(&provision->lock);
}

bool
provision_is_served(
    struct provision *provision, uint64_t request, struct error *ret_outcome)
{
	bool served;

	(void)pthread_mutex_lock(&provision->lock);
	served = provision->served >= request;
	if (served)
		*ret_outcome = provision->outcome;
	(void)pthread_mutex_unlock(&provision->lock);
	return served;
}
