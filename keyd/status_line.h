/* SPDX-License-Identifier: MIT */
/* What 'systemctl status' shows of keyd. */
#ifndef KEYD_STATUS_LINE_H
#define KEYD_STATUS_LINE_H

#include "common/daemon.h"
#include "routes.h"

/* How many keys there are, and how the tokens do, which are not asked. */
void status_line(
    const struct keyd *keyd, char ret_text[static DAEMON_STATUS_MAX]);

#endif
