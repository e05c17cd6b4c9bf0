/* SPDX-License-Identifier: MIT */
#include "lanes.h"

#include <stdio.h>

#define DESK_PLACES 4
#define ISSUE_PLACES 8
#define EST_PLACES 4 /* for each server */

#define WAIT_MS 30000
#define WAIT_FOR_EST_MS 60000

unsigned
certd_lane_of(size_t server)
{
	size_t last = CERTD_LANES_MAX - 1 - CERTD_EST;

	return CERTD_EST + (unsigned)(server < last ? server : last);
}

void
certd_lanes_set(struct certd_lanes *lanes, const struct certs *certs,
    struct daemon_service *service)
{
	size_t servers = certs ? certs_est_servers(certs) : 0;

	*lanes = (struct certd_lanes){
	    .lanes =
		{
			[CERTD_DESK] = {"desk", DESK_PLACES, WAIT_MS, 0},
			[CERTD_ISSUE] = {"issue", ISSUE_PLACES, WAIT_MS, 0},
			},
	};
	service->lanes = lanes->lanes;
	service->lane_count = CERTD_EST;
	while (
	    servers > 0 && service->lane_count <= certd_lane_of(servers - 1)) {
		size_t lane = service->lane_count++;

		(void)snprintf(lanes->names[lane], sizeof(lanes->names[lane]),
		    "est-%zu", lane - CERTD_EST + 1);
		lanes->lanes[lane] = (struct http_lane){
		    lanes->names[lane], EST_PLACES, WAIT_FOR_EST_MS, 0};
	}
}
