/* SPDX-License-Identifier: MIT */
/* In which lane a request waits: that of the token in which its key is. */
#include <string.h>

#include "lanes.h"
#include "routes_shared.h"

/* Whether the handle is good is for the handler to say. */
static unsigned
place_of_handle(const struct keyd *keyd, const struct http_message *message)
{
	CLEANUP_DONE(handle) struct handle handle = {.id = NULL};
	CLEANUP(json) json_t *body = NULL;
	const char *text;
	struct error ignored;

	if (json_parse(message->body, message->body_length, &body, &ignored) ||
	    json_get_string(body, "keyHandle", &text, &ignored) ||
	    handles_verify(keyd->handles, text, &handle, &ignored))
		return 0;
	return preloaded_place(keyd->preloaded, handle.key.id);
}

static bool
names_key(const struct http_route *route)
{
	return strncmp(route->pattern, "/key", strlen("/key")) == 0 &&
	       strstr(route->pattern, "{}");
}

unsigned
routes_lane(void *context, const struct http_route *route,
    const struct http_message *message, const char *param)
{
	const struct keyd *keyd = context;
	unsigned place;

	if (route->lane != KEYD_TOKEN || !keyd->preloaded ||
	    keyd->preloaded->other_places == 0)
		return route->lane;
	place = names_key(route) ? preloaded_place(keyd->preloaded, param)
				 : place_of_handle(keyd, message);
	return keyd_lane_of(place);
}
