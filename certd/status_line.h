/* SPDX-License-Identifier: MIT */
/* What 'systemctl status' shows of certd. */
#ifndef CERTD_STATUS_LINE_H
#define CERTD_STATUS_LINE_H

#include "common/daemon.h"
#include "routes.h"

/* How many certificates are kept fresh, and which is renewed next, and when. */
void status_line(
    const struct certd *certd, char ret_text[static DAEMON_STATUS_MAX]);

#endif
