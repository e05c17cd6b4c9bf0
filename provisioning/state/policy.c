/* SPDX-License-Identifier: MIT */
#include "policy.h"

#include <string.h>

#include "common/time.h"

bool
policy_is_old(int64_t assigned_at, int64_t now)
{
	return assigned_at > 0 && now >= CLOCK_FLOOR &&
	       now - assigned_at > POLICY_AGE_MAX_SECONDS;
}

enum machine_event
policy_of_stored(const struct provisioning_settings *settings,
    int64_t assigned_at, int64_t now)
{
	if (settings->always_reprovision_on_startup)
		return EVENT_STORED_FIRST;
	return policy_is_old(assigned_at, now) ? EVENT_STORED_OLD
					       : EVENT_STORED;
}

bool
policy_heeds_hub(const struct provisioning_settings *settings)
{
	return settings->dynamic_reprovisioning &&
	       strcmp(settings->source, "dps") == 0;
}
