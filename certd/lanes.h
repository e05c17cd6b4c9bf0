/* SPDX-License-Identifier: MIT */
/* How requests share certd's threads. */
#ifndef CERTD_LANES_H
#define CERTD_LANES_H

#include "certs.h"
#include "common/cleanup.h"
#include "common/daemon.h"

/*
 * Who reads is never held up by what waits for keyd, whose token may hang; and
 * neither by an EST server: behind these each of those that the configuration
 * names has a lane of its own, so that one that is stuck holds up no other.
 */
enum certd_lane { CERTD_DESK, CERTD_ISSUE, CERTD_EST };

struct certd_lane_name {
	char text[sizeof("est-4294967295")];
};

struct certd_lanes {
	struct http_lane *lanes;
	struct certd_lane_name *names;
};

/* Releases the contents, not the struct. */
void certd_lanes_done(struct certd_lanes *lanes);

/* The lane for the server with this number (certs_est_server()). */
unsigned certd_lane_of(size_t server);

/*
 * Describes the lanes of service, for so many EST servers. The contents of
 * *ret_lanes are the caller's, and live as long as it serves.
 */
MUST_CHECK enum error_code certd_lanes_set(size_t servers,
    struct certd_lanes *ret_lanes, struct daemon_service *service,
    struct error *err);

#endif
