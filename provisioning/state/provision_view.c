/* SPDX-License-Identifier: MIT */
/* What others see of provisioning, and what they may ask for. */
#include "provision_inside.h"

#include <stdio.h>
#include <string.h>

const char *
provision_status_name(enum provision_status status)
{
	switch (status) {
	case PROVISION_PROVISIONING:
		return "provisioning";
	case PROVISION_PROVISIONED:
		return "provisioned";
	case PROVISION_FAILED:
		break;
	}
	return "failed";
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

static enum error_code
fill_view(const struct provision *provision, struct provision_view *view,
    struct error *err)
{
	const struct record *stored = &provision->stored;

	view->status = provision->status;
	(void)snprintf(
	    view->message, sizeof(view->message), "%s", provision->message);
	if (view->status != PROVISION_PROVISIONED)
		return copy_text(
		    provision->config->provisioning.attestation.registration_id,
		    &view->registration_id, err);
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
	pending = provision->status == PROVISION_PROVISIONING;
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
