/* SPDX-License-Identifier: MIT */
/* The sources that need no DPS. */
#include "provision_inside.h"

#include <string.h>

#include "common/time.h"
#include "preflight.h"

/* Source manual: the configuration is the assignment. */
static enum error_code
store_configured(struct provision *provision, struct error *err)
{
	const struct provisioning_settings *settings =
	    &provision->config->provisioning;
	CLEANUP_DONE(record) struct record record = {0};

	record.assignment.hub = strdup(settings->iothub_hostname);
	record.assignment.device_id = strdup(settings->device_id);
	if (!record.assignment.hub || !record.assignment.device_id)
		return error_no_memory(err);
	provision_replace_stored(provision, &record);
	return ERROR_NONE;
}

/* Dates make nobody wait: who the device is does not depend on them. */
enum error_code
provision_configure(struct provision *provision,
    const struct credentials *credentials, struct error *err)
{
	if (credentials->chain &&
	    preflight_check_pair(credentials->chain, credentials->key, err))
		return err->code;
	if (!provision->has_stored && store_configured(provision, err))
		return err->code;
	if (machine_callers(provision->state) != CALLERS_GET_IDENTITY)
		provision_apply(provision, EVENT_CONFIGURED, "");
	if (credentials->chain &&
	    preflight_check_dates(credentials->chain, time_now(), err))
		return err->code;
	if (provision->state != STATE_PROVISIONED)
		provision_apply(provision, EVENT_CONFIGURED, "");
	return ERROR_NONE;
}

enum error_code
provision_without_source(struct provision *provision, struct error *err)
{
	static const char reason[] = "provisioning.source is none: there is no "
				     "device to provision";

	provision_apply(provision, EVENT_NO_SOURCE, reason);
	return provision->serving ? error_set(err, ERROR_INVALID, "%s", reason)
				  : ERROR_NONE;
}
