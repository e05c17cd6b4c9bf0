/* SPDX-License-Identifier: MIT */
#include "lanes.h"

#include <stdio.h>
#include <stdlib.h>

#define DESK_PLACES 4
#define ISSUE_PLACES 8
/* For each server, and for all together, but one for each at least. */
#define EST_PLACES 4
#define EST_PLACES_ALL 32

#define WAIT_MS 30000
#define WAIT_FOR_EST_MS 60000

void
certd_lanes_done(struct certd_lanes *lanes)
{
	free(lanes->lanes);
	free(lanes->names);
}

unsigned
certd_lane_of(size_t server)
{
	return CERTD_EST + (unsigned)server;
}

/* A place is a thread, also while nothing is asked of its server. */
static unsigned
places_of_each(size_t servers)
{
	size_t places = servers ? EST_PLACES_ALL / servers : 0;

	if (places < 1)
		return 1;
	return places < EST_PLACES ? (unsigned)places : EST_PLACES;
}

enum error_code
certd_lanes_set(size_t servers, struct certd_lanes *ret_lanes,
    struct daemon_service *service, struct error *err)
{
	size_t count = CERTD_EST + servers;
	unsigned places = places_of_each(servers);
	CLEANUP_DONE(certd_lanes)
	struct certd_lanes lanes = {
	    .lanes = calloc(count, sizeof(*lanes.lanes)),
	    .names = calloc(count, sizeof(*lanes.names))};

	if (!lanes.lanes || !lanes.names)
		return error_no_memory(err);
	lanes.lanes[CERTD_DESK] =
	    (struct http_lane){"desk", DESK_PLACES, WAIT_MS, 0};
	lanes.lanes[CERTD_ISSUE] =
	    (struct http_lane){"issue", ISSUE_PLACES, WAIT_MS, 0};
	for (size_t server = 0; server < servers; server++) {
		unsigned lane = certd_lane_of(server);
		char *name = lanes.names[lane].text;

		(void)snprintf(name, sizeof(lanes.names[lane].text), "est-%u",
		    (unsigned)server + 1);
		lanes.lanes[lane] =
		    (struct http_lane){name, places, WAIT_FOR_EST_MS, 0};
	}
	service->lanes = lanes.lanes;
	service->lane_count = count;
	*ret_lanes = TAKE_CONTENTS(lanes);
	return ERROR_NONE;
}
