/* SPDX-License-Identifier: MIT */
#include "common/http.h"

#include <ctype.h>
#include <string.h>

#include "common/http_metrics.h"
#include "common/time.h"
#include "http_target.h"

#define VERSION_TEXT_MAX 16

static unsigned
status_of(enum error_code code)
{
	switch (code) {
	case ERROR_NONE:
		return 200;
	case ERROR_INVALID:
	case ERROR_NOT_FOUND:
	case ERROR_EXISTS:
		return 400;
	case ERROR_DENIED:
		return 401;
	case ERROR_UPSTREAM:
		return 404;
	case ERROR_MALFORMED:
		return 422;
	case ERROR_UNAVAILABLE:
	case ERROR_TIMEOUT:
		return 503;
	case ERROR_INTERNAL:
		break;
	}
	return 500;
}

/* An error's text may quote a client, or be cut within a character. */
static json_t *
message_to_json(const struct error *err)
{
	char ascii[ERROR_MESSAGE_MAX];
	json_t *text = json_string(err->message);

	if (text)
		return text;
	for (size_t i = 0; i < sizeof(ascii); i++) {
		ascii[i] = err->message[i];
		if ((unsigned char)ascii[i] >= 0x80)
			ascii[i] = '?';
		if (!ascii[i])
			break;
	}
	return json_string(ascii);
}

static void
reply_status(struct http_reply *ret_reply, unsigned version, unsigned status,
    const struct error *err)
{
	json_t *body = json_pack("{s:o}", "message", message_to_json(err));

	if (body && version >= HTTP_VERSION_SIGNET &&
	    json_object_set_new(
		body, "code", json_string(error_code_name(err->code)))) {
		json_decref(body);
		body = NULL;
	}
	*ret_reply = (struct http_reply){.status = status, .body = body};
}

void
http_reply_error(
    struct http_reply *ret_reply, unsigned version, const struct error *err)
{
	reply_status(ret_reply, version, status_of(err->code), err);
}

/* "2020-09-01" as 20200901, or 0. */
static unsigned
parse_date(const char *text)
{
	static const char form[] = "dddd-dd-dd";
	unsigned date = 0;

	for (size_t i = 0; i < sizeof(form); i++) {
		bool is_digit = text[i] >= '0' && text[i] <= '9';

		if (form[i] == 'd' ? !is_digit : text[i] != form[i])
			return 0;
		if (is_digit)
			date = date * 10 + (unsigned)(text[i] - '0');
	}
	return date;
}

static enum error_code
read_version(const struct http_service *service, const char *query,
    unsigned *ret_version, struct error *err)
{
	char text[VERSION_TEXT_MAX];
	unsigned version;

	if (http_query_find(query, "api-version", text, sizeof(text), err))
		return err->code;
	if (!text[0])
		return error_set(err, ERROR_INVALID, "api-version is missing");

	version = parse_date(text);
	for (size_t i = 0; i < service->version_count; i++)
		if (service->versions[i] == version) {
			*ret_version = version;
			return ERROR_NONE;
		}
	return error_set(
	    err, ERROR_INVALID, "api-version '%s' is not known here", text);
}

/* Matches path, which a query may follow, against pattern; what stands at each
 * {} goes to params. */
static bool
path_matches(const char *pattern, const char *path,
    char params[HTTP_PARAMS_MAX][HTTP_PARAM_MAX])
{
	size_t count = 0;

	while (*pattern) {
		size_t length;

		if (strncmp(pattern, "{}", 2) != 0) {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		length = strcspn(path, "/?");
		if (length == 0 || count == HTTP_PARAMS_MAX ||
		    !http_decode(path, length, HTTP_PLUS_IS_PLUS,
			params[count++], HTTP_PARAM_MAX))
			return false;
		pattern += strlen("{}");
		path += length;
	}
	return *path == '\0' || *path == '?';
}

/* Finds the route; on failure *ret_status says which error it is. */
static const struct http_route *
find_route(const struct http_service *service, struct http_request *request,
    unsigned *ret_status, struct error *err)
{
	bool path_exists = false;

	for (size_t i = 0; i < service->route_count; i++) {
		const struct http_route *route = &service->routes[i];

		if (route->since > request->version ||
		    !path_matches(
			route->pattern, request->path, request->params))
			continue;
		if (strcmp(route->method, request->method) == 0)
			return route;
		path_exists = true;
	}
	*ret_status = path_exists ? 400 : 404;
	if (path_exists)
		(void)error_set(err, ERROR_INVALID,
		    "method %s is not supported here", request->method);
	else
		(void)error_set(err, ERROR_NOT_FOUND, "no such resource");
	return NULL;
}

/* Absent counts as JSON; parameters behind ';' do not matter. */
static bool
is_json_type(const char *content_type)
{
	static const char json[] = "application/json";
	size_t length;

	if (!content_type)
		return true;
	content_type += strspn(content_type, " \t");
	length = strcspn(content_type, ";");
	while (length > 0 && isblank((unsigned char)content_type[length - 1]))
		length--;
	return length == strlen(json) &&
	       strncmp(content_type, json, length) == 0;
}

/* Returns 0, with the body or NULL in *ret_body, or the status of err. */
static unsigned
read_body(
    const struct http_message *message, json_t **ret_body, struct error *err)
{
	bool is_put = strcmp(message->method, "PUT") == 0;

	*ret_body = NULL;
	if (strcmp(message->method, "GET") == 0)
		return 0;
	if (!is_json_type(message->content_type)) {
		if (!is_put)
			return 0;
		(void)error_set(err, ERROR_MALFORMED,
		    "the content type must be application/json");
		return 415;
	}
	if (message->body_length == 0 && !is_put)
		return 0;
	if (json_parse(message->body, message->body_length, ret_body, err)) {
		(void)error_wrap(err, "body");
		return status_of(err->code);
	}
	return 0;
}

static unsigned
classes_of(const struct http_service *service, const struct peer *peer)
{
	unsigned classes = HTTP_ANYONE;

	if (peer->uid == 0)
		classes |= HTTP_ROOT;
	if (service->classify)
		classes |= service->classify(service->context, peer);
	return classes;
}

/* Returns 0 if the handler has answered, or the status of err. */
static unsigned
serve(const struct http_service *service, const struct http_message *message,
    struct http_request *request, const struct http_route **ret_route,
    struct http_reply *reply, struct error *err)
{
	CLEANUP(json) json_t *body = NULL;
	const struct http_route *route;
	unsigned status;

	if (read_version(service, request->query, &request->version, err))
		return status_of(err->code);
	route = find_route(service, request, &status, err);
	if (!route)
		return status;
	*ret_route = route;
	status = read_body(message, &body, err);
	if (status)
		return status;

	request->classes = classes_of(service, &message->peer);
	if (!(route->allow & request->classes)) {
		if (service->denied)
			service->denied(service->context, route, request);
		(void)error_set(err, ERROR_DENIED, "uid %u may not call %s %s",
		    message->peer.uid, route->method, route->pattern);
		return status_of(err->code);
	}
	request->body = body;
	if (route->handle(service->context, request, reply, err))
		return status_of(err->code);
	return 0;
}

/* A request whose answer is deferred will be dispatched again. */
static void
count(const struct http_service *service, const struct http_route *route,
    const struct http_reply *reply, int64_t began_us)
{
	if (service->metrics && !reply->deferred)
		http_metrics_count(service->metrics, route, reply->status,
		    time_monotonic_us() - began_us);
}

void
http_dispatch(const struct http_service *service,
    const struct http_message *message, struct http_reply *ret_reply)
{
	size_t path_length = strcspn(message->target, "?");
	const char *query = message->target + path_length;
	char *path = strndup(message->target, path_length);
	struct http_request request = {.method = message->method,
	    .path = path,
	    .query = *query ? query + 1 : query,
	    .peer = message->peer,
	    .call = message->call,
	    .lane = message->lane};
	struct http_reply reply = {.status = 200};
	const struct http_route *route = NULL;
	int64_t began_us = time_monotonic_us();
	struct error err;
	unsigned status;

	if (!path) {
		(void)error_no_memory(&err);
		http_reply_error(ret_reply, 0, &err);
		return;
	}
	status = serve(service, message, &request, &route, &reply, &err);
	free(path);
	if (status == 0) {
		*ret_reply = reply;
	} else {
		json_decref(reply.body);
		reply_status(ret_reply, request.version, status, &err);
	}
	count(service, route, ret_reply, began_us);
}

unsigned
http_lane_of(
    const struct http_service *service, const struct http_message *message)
{
	char params[HTTP_PARAMS_MAX][HTTP_PARAM_MAX];

	for (size_t i = 0; i < service->route_count; i++) {
		const struct http_route *route = &service->routes[i];

		params[0][0] = '\0';
		if (strcmp(route->method, message->method) != 0 ||
		    !path_matches(route->pattern, message->target, params))
			continue;
		return service->lane ? service->lane(service->context, route,
					   message, params[0])
				     : route->lane;
	}
	return 0;
}

void
http_dispatch_error(const struct http_service *service,
    const struct http_message *message, const struct error *err,
    struct http_reply *ret_reply)
{
	const char *query = strchr(message->target, '?');
	unsigned version = 0;
	struct error ignored;

	if (query)
		(void)read_version(service, query + 1, &version, &ignored);
	http_reply_error(ret_reply, version, err);
}

enum error_code
http_require_body(const struct http_request *request, struct error *err)
{
	if (!request->body)
		return error_set(
		    err, ERROR_INVALID, "this request needs a JSON body");
	return ERROR_NONE;
}
