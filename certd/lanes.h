/* SPDX-License-Identifier: MIT */
/* How requests share certd's threads. */
#ifndef CERTD_LANES_H
#define CERTD_LANES_H

#include "certs.h"
#include "common/daemon.h"

/*
 * Who reads is never held up by what waits for keyd, whose token may hang; and
 * neither by an EST server. Behind these each further EST server has a lane of
 * its own; the last of them is shared if there are more.
 */
enum certd_lane { CERTD_DESK, CERTD_ISSUE, CERTD_EST };
#define CERTD_LANES_MAX HTTP_LANES_MAX

struct certd_lanes {
	struct http_lane lanes[CERTD_LANES_MAX];
	char names[CERTD_LANES_MAX][sizeof("est-99")];
};

/* The lane for the server with this number (certs_est_server()). */
unsigned certd_lane_of(size_t server);

/*
 * Describes the lanes of service; *lanes must live as long as it serves. certs
 * may be NULL.
 */
void certd_lanes_set(struct certd_lanes *lanes, const struct certs *certs,
    struct daemon_service *service);

#endif
