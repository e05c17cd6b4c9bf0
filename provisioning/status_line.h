/* SPDX-License-Identifier: MIT */
/* What 'systemctl status' shows of provisiond. */
#ifndef PROVISIONING_STATUS_LINE_H
#define PROVISIONING_STATUS_LINE_H

#include "common/daemon.h"
#include "provision.h"

/* "assigned to hub 'h' as device 'd'", or the status and why it is so. */
void status_line(
    const struct provision_view *view, char ret_text[static DAEMON_STATUS_MAX]);

#endif
