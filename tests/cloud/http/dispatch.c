/* SPDX-License-Identifier: MIT */
#include "dispatch.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#include "access.h"
#include "common/time.h"
#include "portal.h"

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

/* RFC 9110 section 9.3.2: as GET; the server leaves the content out. */
static const char *
method_of_route(const struct request *request)
{
	return strcmp(request->method, "HEAD") == 0 ? "GET" : request->method;
}

/* A route, and the table that it stands in. */
struct match {
	const struct route_table *table;
	const struct route *route; /* NULL: nothing matches */
};

static struct match
find_route(struct request *request, const struct target *target)
{
	const char *method = method_of_route(request);

	for (size_t i = 0; i < cloud_table_count; i++) {
		const struct route_table *table = &cloud_tables[i];

		for (size_t j = 0; j < table->count; j++) {
			const struct route *route = &table->routes[j];

			if (strcmp(route->method, method) == 0 &&
			    path_matches(
				route->pattern, target, request->params))
				return (struct match){table, route};
		}
	}
	return (struct match){NULL, NULL};
}

/* Which service a path belongs to that has no route. */
static enum surface
guess_surface(const struct target *target)
{
	const char *first =
	    target->segment_count > 0 ? target->segments[0] : "";

	if (strcasecmp(first, ".well-known") == 0)
		return SURFACE_EST;
	if (strcasecmp(first, "portal") == 0)
		return SURFACE_PORTAL;
	return strcasecmp(first, "devices") == 0 ||
		       strcasecmp(first, "statistics") == 0 ||
		       strcasecmp(first, "twins") == 0
		   ? SURFACE_HUB
		   : SURFACE_DPS;
}

/*
 * Other methods' bodies are read and forgotten: SDKs send one with a GET. What
 * is missing the handlers notice.
 */
static bool
has_body(const struct request *request)
{
	return request->body_length > 0 &&
	       (strcmp(request->method, "PUT") == 0 ||
		   strcmp(request->method, "POST") == 0 ||
		   strcmp(request->method, "PATCH") == 0);
}

/* Whether the caller may; if it is refused, reply->status is not 0. */
static enum error_code
authorize(struct cloud *cloud, const struct match *match,
    struct request *request, struct reply *reply, struct error *err)
{
	const struct route_table *table = match->table;

	switch (table->authority) {
	case AUTHORITY_HANDLER:
		return ERROR_NONE;
	case AUTHORITY_POLICY:
		return access_check(cloud, table->surface,
		    right_needed(table->surface, match->route->pattern,
			match->route->method),
		    request, err);
	case AUTHORITY_ADMIN:
		return access_check_admin(cloud, request, err);
	case AUTHORITY_SESSION:
		return portal_admit(cloud, request, reply, err);
	}
	return error_set(err, ERROR_INTERNAL, "no such authority");
}

/* Reads the body as the table says, and lets the handler answer. */
static enum error_code
read_and_handle(struct cloud *cloud, const struct match *match,
    struct request *request, struct reply *reply, struct error *err)
{
	enum body_reader reader =
	    has_body(request) ? match->table->reader : BODY_RAW;
	CLEANUP(json) json_t *json = NULL;
	CLEANUP_DONE(form) struct form form = {0};

	if (reader == BODY_JSON &&
	    json_parse(request->body, request->body_length, &json, err))
		return err->code;
	if (reader == BODY_FORM &&
	    form_parse(request->headers.content_type, request->body,
		request->body_length, &form, err))
		return err->code;
	request->json = json;
	request->form = &form;
	if (match->table->surface == SURFACE_PORTAL &&
	    portal_refuse_foreign(request, reply))
		return ERROR_NONE;
	return match->route->handle(cloud, request, reply, err);
}

static enum error_code
handle(struct cloud *cloud, const struct match *match, struct request *request,
    struct reply *reply, struct error *err)
{
	if (authorize(cloud, match, request, reply, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	return read_and_handle(cloud, match, request, reply, err);
}

/* What a failed request has written is taken back. */
static enum error_code
handle_in_transaction(struct cloud *cloud, const struct match *match,
    struct request *request, struct reply *reply, struct error *err)
{
	if (database_begin(cloud->database, err))
		return err->code;
	if (handle(cloud, match, request, reply, err)) {
		database_rollback(cloud->database);
		return err->code;
	}
	if (database_commit(cloud->database, err)) {
		database_rollback(cloud->database);
		return err->code;
	}
	return ERROR_NONE;
}

/* With what the tester ordered for the endpoint, if anything. */
static enum error_code
handle_or_fail(struct cloud *cloud, const struct match *match,
    struct request *request, struct reply *reply, struct error *err)
{
	const char *endpoint = match->route->endpoint;

	if (endpoint &&
	    fault_take(cloud->database, endpoint, &request->fault, err))
		return err->code;
	request->now = time_now() + fault_clock_skew(&request->fault);
	if (fault_answer(&request->fault, reply))
		return ERROR_NONE;
	return handle_in_transaction(cloud, match, request, reply, err);
}

/* RFC 9110 section 6.6.1; a right one the server adds itself. */
static void
add_wrong_date(const struct request *request, struct reply *reply)
{
	time_t now = (time_t)request->now;
	char text[40] = "";
	struct error ignored;
	struct tm parts;

	if (fault_clock_skew(&request->fault) && gmtime_r(&now, &parts) &&
	    strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts))
		(void)!reply_add_header(reply, "Date", text, &ignored);
}

/* False if it has refused. */
static bool
check_version(const struct quirks *quirks, const struct target *target,
    struct reply *reply)
{
	const char *version = target_query(target, "api-version");

	if (quirks_has(quirks, QUIRK_ANY_VERSION) || target_version(target))
		return true;
	if (!version)
		(void)refuse(reply, REFUSE_VERSION,
		    "The query must have an api-version.");
	else
		(void)refuse(reply, REFUSE_VERSION,
		    "The api-version '%s' is not supported.", version);
	return false;
}

/* Only Azure's own surfaces have versions. */
static bool
has_versions(const struct match *match, enum surface surface)
{
	if (match->route)
		return match->table->has_versions;
	return surface == SURFACE_DPS || surface == SURFACE_HUB;
}

static void
answer(struct cloud *cloud, struct request *request, struct reply *reply)
{
	struct match match = find_route(request, request->target);
	struct error err;

	reply->surface =
	    match.route ? match.table->surface : guess_surface(request->target);
	if (request->has_two_lengths) {
		(void)refuse(reply, REFUSE_ARGUMENT,
		    "The request has more than one Content-Length.");
		return;
	}
	if (has_versions(&match, reply->surface) &&
	    !check_version(&cloud->options.quirks, request->target, reply))
		return;
	if (!match.route)
		(void)refuse(reply, REFUSE_ROUTE,
		    "There is nothing at this path for %s.", request->method);
	else if (request->body_limit)
		(void)refuse(reply, REFUSE_TOO_LARGE,
		    "The body has more than %zu bytes.", request->body_limit);
	else if (handle_or_fail(cloud, &match, request, reply, &err))
		refuse_error(reply, &err);
	add_wrong_date(request, reply);
}

void
dispatch(struct cloud *cloud, struct request *request, struct reply *reply)
{
	CLEANUP_DONE(target) struct target target = {0};
	struct error err;

	if (target_parse(request->target_text, &target, &err)) {
		refuse_error(reply, &err);
		return;
	}
	request->target = &target;
	answer(cloud, request, reply);
	quirks_apply(&cloud->options.quirks, reply);
	if (reply->surface == SURFACE_PORTAL)
		portal_finish(request, reply);
	request->target = NULL;
}
