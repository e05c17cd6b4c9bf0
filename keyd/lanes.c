/* SPDX-License-Identifier: MIT */
#include "lanes.h"

#include <stdio.h>

#include "store.h"
#include "visit.h"

#define WAIT_MS 30000
/* Before it may be others' key generations, each of which may take minutes. */
#define WAIT_FOR_CHANGE_MS (5 * 60 * 1000)
#define DESK_PLACES 2
/* The token's own limit is for one call; it is to be reached first. */
#define MARGIN_MS 2000

unsigned
keyd_lane_of(unsigned place)
{
	unsigned last = KEYD_LANES_MAX - KEYD_LANES;

	if (place == 0)
		return KEYD_TOKEN;
	return KEYD_LANES - 1 + (place < last ? place : last);
}

/* The token says more than that it takes long: which call of which token. */
static void
say_late(void *context, unsigned lane, struct error *err)
{
	const struct keyd_lanes *lanes = context;
	const struct preloaded *preloaded = lanes->preloaded;
	struct error hang;

	if (!lanes->store)
		return;
	for (size_t i = 0; lane >= KEYD_LANES && i < preloaded->count; i++)
		if (keyd_lane_of(preloaded->keys[i].place) == lane &&
		    key_store_hang(
			lanes->store, preloaded->keys[i].uri, &hang)) {
			*err = hang;
			return;
		}
	if (key_store_hang(lanes->store, NULL, &hang))
		*err = hang;
}

/* What the token has turns for, as far as we know, so nobody waits there. */
static unsigned
places(void *context, unsigned lane)
{
	const struct keyd_lanes *lanes = context;
	const struct preloaded *preloaded = lanes->preloaded;
	unsigned sessions = 0;

	if (!lanes->store || lane == KEYD_DESK || lane == KEYD_CHANGE)
		return lanes->lanes[lane].workers;
	if (lane == KEYD_TOKEN)
		sessions = key_store_sessions(lanes->store, NULL);
	for (size_t i = 0; sessions == 0 && i < preloaded->count; i++)
		if (keyd_lane_of(preloaded->keys[i].place) == lane)
			sessions = key_store_sessions(
			    lanes->store, preloaded->keys[i].uri);
	return sessions ? sessions : lanes->lanes[lane].workers;
}

static bool
is_alive(void *context)
{
	const struct keyd_lanes *lanes = context;

	return !lanes->store || key_store_alive(lanes->store);
}

static unsigned
limit_ms(unsigned seconds, unsigned otherwise)
{
	return (seconds ? seconds : otherwise) * 1000 + MARGIN_MS;
}

static void
add_lane(struct keyd_lanes *lanes, const struct http_lane *pattern,
    struct daemon_service *service)
{
	size_t lane = service->lane_count++;

	(void)snprintf(lanes->names[lane], sizeof(lanes->names[lane]),
	    "token-%zu", lane - KEYD_LANES + 2);
	lanes->lanes[lane] = *pattern;
	lanes->lanes[lane].name = lanes->names[lane];
}

void
keyd_lanes_set(struct keyd_lanes *lanes, const struct keyd_config *config,
    const struct preloaded *preloaded, struct key_store *store,
    struct daemon_service *service)
{
	unsigned use_ms = limit_ms(config->token_timeout, VISIT_CALL_SECONDS);
	unsigned change_ms =
	    limit_ms(config->generation_timeout, VISIT_SLOW_SECONDS);
	const struct http_lane token = {"token",
	    config->sessions ? config->sessions : KEY_STORE_SESSIONS_DEFAULT,
	    WAIT_MS, use_ms};

	*lanes = (struct keyd_lanes){
	    .lanes =
		{
			[KEYD_DESK] = {"desk", DESK_PLACES, WAIT_MS, use_ms},
			[KEYD_TOKEN] = token,
			[KEYD_CHANGE] = {"change", 1, WAIT_FOR_CHANGE_MS,
			change_ms},
			},
	    .preloaded = preloaded,
	    .store = store,
	};
	service->lanes = lanes->lanes;
	service->lane_count = KEYD_LANES;
	while (service->lane_count <= keyd_lane_of(preloaded->other_places))
		add_lane(lanes, &token, service);
	service->late = say_late;
	service->places = places;
	service->alive = is_alive;
	service->clock_context = lanes;
}
