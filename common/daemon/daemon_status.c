/* SPDX-License-Identifier: MIT */
#include "daemon_status.h"

#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

bool
daemon_status_is_wanted(const struct daemon_status *status)
{
	return status->service->describe && getenv("NOTIFY_SOCKET");
}

/* A line break would begin another variable. */
static void
make_one_line(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ')
			*text = ' ';
}

void
daemon_status_tell(struct daemon_status *status)
{
	const struct daemon_service *service = status->service;
	char text[DAEMON_STATUS_MAX] = "";

	service->describe(service->context, text);
	make_one_line(text);
	if (strcmp(text, status->told) == 0)
		return;
	memcpy(status->told, text, sizeof(text));
	(void)sd_notifyf(0, "STATUS=%s", text);
}
