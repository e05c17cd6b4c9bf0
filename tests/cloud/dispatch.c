/* SPDX-License-Identifier: MIT */
#include "dispatch.h"

#include <string.h>
#include <strings.h>

#include "access.h"

/* Those that callers of the real services use. */
static const char *const versions[] = {
    "2017-11-08-preview",
    "2019-03-31",
    "2021-04-12",
    "2021-06-01",
    "2021-10-01",
    "2022-02-05",
};

static bool
is_version(const char *text)
{
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (strcmp(versions[i], text) == 0)
			return true;
	return false;
}

/* Matches the path and collects what stands for {} in params. */
static bool
path_matches(const char *pattern, const struct target *target,
    const char *params[TARGET_SEGMENTS_MAX])
{
	size_t found = 0;

	for (size_t i = 0; i < target->segment_count; i++) {
		const char *segment = target->segments[i];
		size_t length;

		if (*pattern++ != '/')
			return false;
		length = strcspn(pattern, "/");
		if (length == 2 && strncmp(pattern, "{}", length) == 0)
			params[found++] = segment;
		else if (strlen(segment) != length ||
			 strncasecmp(pattern, segment, length) != 0)
			return false;
		pattern += length;
	}
	return *pattern == '\0';
}

static const struct route *
find_route(struct request *request, const struct target *target)
{
	for (size_t i = 0; i < cloud_route_count; i++)
		if (strcmp(cloud_routes[i].method, request->method) == 0 &&
		    path_matches(
			cloud_routes[i].pattern, target, request->params))
			return &cloud_routes[i];
	return NULL;
}

/* Which service a path belongs to that has no route. */
static enum surface
guess_surface(const struct target *target)
{
	const char *first =
	    target->segment_count > 0 ? target->segments[0] : "";

	return strcasecmp(first, "devices") == 0 ||
		       strcasecmp(first, "twins") == 0
		   ? SURFACE_HUB
		   : SURFACE_DPS;
}

static enum error_code
parse_body(struct request *request, json_t **ret_json, struct error *err)
{
	if (request->body_length == 0)
		return error_set(
		    err, ERROR_MALFORMED, "The request needs a JSON body.");
	return json_parse(request->body, request->body_length, ret_json, err);
}

static enum error_code
handle(struct cloud *cloud, const struct route *route, struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP(json) json_t *json = NULL;

	if (route->endpoint &&
	    fault_take(cloud->database, route->endpoint, &request->fault, err))
		return err->code;
	if (fault_answer(&request->fault, reply))
		return ERROR_NONE;
	if (route->authority == AUTHORITY_POLICY &&
	    access_check(cloud, route->surface, request, err))
		return err->code;
	if (route->wants_json && parse_body(request, &json, err))
		return err->code;
	request->json = json;
	return route->handle(cloud, request, reply, err);
}

/* What a failed request has written is taken back. */
static enum error_code
handle_in_transaction(struct cloud *cloud, const struct route *route,
    struct request *request, struct reply *reply, struct error *err)
{
	if (database_begin(cloud->database, err))
		return err->code;
	if (handle(cloud, route, request, reply, err)) {
		database_rollback(cloud->database);
		return err->code;
	}
	if (database_commit(cloud->database, err)) {
		database_rollback(cloud->database);
		return err->code;
	}
	return ERROR_NONE;
}

void
dispatch(struct cloud *cloud, struct request *request, struct reply *reply)
{
	CLEANUP_DONE(target) struct target target = {0};
	const struct route *route;
	const char *version;
	struct error err;

	if (target_parse(request->target_text, &target, &err)) {
		refuse_error(reply, &err);
		return;
	}
	route = find_route(request, &target);
	reply->surface = route ? route->surface : guess_surface(&target);
	version = target_query(&target, "api-version");
	if (!version)
		(void)refuse(reply, REFUSE_VERSION,
		    "The query must have an api-version.");
	else if (!is_version(version))
		(void)refuse(reply, REFUSE_VERSION,
		    "The api-version '%s' is not supported.", version);
	else if (!route)
		(void)refuse(reply, REFUSE_ROUTE,
		    "There is nothing at this path for %s.", request->method);
	else if (handle_in_transaction(cloud, route, request, reply, &err))
		refuse_error(reply, &err);
}
