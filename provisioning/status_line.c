/* SPDX-License-Identifier: MIT */
#include "status_line.h"

#include <stdio.h>

void
status_line(
    const struct provision_view *view, char ret_text[static DAEMON_STATUS_MAX])
{
	const char *separator = *view->message ? ": " : "";

	if (view->status == PROVISION_PROVISIONED)
		(void)snprintf(ret_text, DAEMON_STATUS_MAX,
		    "assigned to hub '%s' as device '%s'%s%s",
		    view->assignment.hub, view->assignment.device_id, separator,
		    view->message);
	else
		(void)snprintf(ret_text, DAEMON_STATUS_MAX, "%s%s%s",
		    provision_status_name(view->status), separator,
		    view->message);
}
