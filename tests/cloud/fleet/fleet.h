/* SPDX-License-Identifier: MIT */
/*
 * Many devices that register with a DPS at the same time, each by the client of
 * signet-provisiond: a connection and a full handshake for each request, and
 * asking again as Retry-After says until it is assigned.
 */
#ifndef CLOUD_FLEET_H
#define CLOUD_FLEET_H

#include <stdint.h>

#include "fleet_plant.h"

struct fleet_options {
	const struct fleet_plant *plant;
	const char *endpoint; /* https://HOST[:PORT] */
	const char *scope_id;
	const char *ca_file;
	size_t clients;      /* devices that are at it at the same time */
	int64_t deadline_ms; /* of each device */
};

/* Half, and all but one of a hundred, are at most so long. */
struct fleet_times {
	double p50_ms;
	double p99_ms;
};

struct fleet_result {
	size_t assigned;
	size_t failed;
	size_t retries;       /* requests that had to be sent again */
	struct error failure; /* of the first device that failed, if any */
	double seconds;       /* from the first request to the last answer */
	struct fleet_times registering; /* one request, with its handshake */
	struct fleet_times assigning;   /* until assigned, with all waiting */
};

/*
 * Lets all devices of the plant register. A device that fails is counted, and
 * is no failure of this. Fails if no client can be started.
 */
MUST_CHECK enum error_code fleet_run(const struct fleet_options *options,
    struct fleet_result *ret_result, struct error *err);

#endif
