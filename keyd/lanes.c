/* SPDX-License-Identifier: MIT */
#include "lanes.h"

#include "visit.h"

#define WAIT_MS 30000
/* Before it may be others' key generations, each of which may take minutes. */
#define WAIT_FOR_CHANGE_MS (5 * 60 * 1000)
#define DESK_PLACES 2
/* The token's own limit is for one call; it is to be reached first. */
#define MARGIN_MS 2000

/* The token says more than that it takes long: which call of which token. */
static void
say_late(void *context, unsigned lane, struct error *err)
{
	const struct keyd_lanes *lanes = context;
	struct error hang;

	(void)lane;
	if (lanes->store && key_store_hang(lanes->store, &hang))
		*err = hang;
}

/* So nobody waits where the token has no turns. */
static unsigned
places(void *context, unsigned lane)
{
	const struct keyd_lanes *lanes = context;

	if (lane == KEYD_TOKEN && lanes->store)
		return key_store_parallelism(lanes->store);
	return lanes->lanes[lane].workers;
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

void
keyd_lanes_set(struct keyd_lanes *lanes, const struct keyd_config *config,
    struct key_store *store, struct daemon_service *service)
{
	unsigned use_ms = limit_ms(config->token_timeout, VISIT_CALL_SECONDS);
	unsigned change_ms =
	    limit_ms(config->generation_timeout, VISIT_SLOW_SECONDS);

	*lanes = (struct keyd_lanes){
	    .lanes =
		{
			[KEYD_DESK] = {"desk", DESK_PLACES, WAIT_MS, use_ms},
			[KEYD_TOKEN] = {"token", 1, WAIT_MS, use_ms},
			[KEYD_CHANGE] = {"change", 1, WAIT_FOR_CHANGE_MS,
			change_ms},
			},
	    .store = store,
	};
	service->lanes = lanes->lanes;
	service->lane_count = KEYD_LANES;
	service->late = say_late;
	service->places = places;
	service->alive = is_alive;
	service->clock_context = lanes;
}
