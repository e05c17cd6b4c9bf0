/* SPDX-License-Identifier: MIT */
/*
 * A daemon's HTTP interface as data: a table of routes.
 *
 * A route says who may call it, so the whole attack surface of a daemon is
 * readable in one table. Dispatch knows nothing of sockets or threads: a
 * message goes in, a reply comes out. http_server.c frames messages off a Unix
 * socket, daemon.c runs dispatch on a worker, tests call it with a struct on
 * the stack.
 *
 * The order of checks is the one that aziot's clients know: api-version (400),
 * path (404), method (400), content type (415) and body (422), permission
 * (401), handler. An error is {"message":"..."}; from api-version 2026-12-01
 * on it also has "code", the error_code_name().
 */
#ifndef COMMON_HTTP_H
#define COMMON_HTTP_H

#include <stddef.h>
#include <stdint.h>

#include "common/json.h"
#include "common/peer.h"

/* The version with everything aziot does not have. Dates are yyyymmdd. */
#define HTTP_VERSION_SIGNET 20261201U

#define HTTP_PARAMS_MAX 2
#define HTTP_PARAM_MAX 1024 /* bytes of a decoded path segment */

/* Classes of callers that every daemon has; a daemon may add bits above. */
enum http_class {
	HTTP_ANYONE = 1 << 0,    /* whoever may open the socket */
	HTTP_PRINCIPAL = 1 << 1, /* a uid that the configuration names */
	HTTP_ROOT = 1 << 2,      /* uid 0 */
};

struct http_call;

/* One request as it was framed. All pointers are borrowed. */
struct http_message {
	const char *method;
	const char *target;       /* path and query, still encoded */
	const char *content_type; /* NULL if absent */
	const char *body;
	size_t body_length;
	struct peer peer;
	struct http_call *call; /* NULL when there is no connection behind */
	unsigned lane;          /* where it runs */
	int64_t end_ms;         /* http_call_end(); 0: nobody has asked */
};

/* One request as a handler sees it. All pointers are borrowed. */
struct http_request {
	const char *method;
	const char *path; /* still encoded */
	const char *query;
	unsigned version;
	unsigned classes; /* what the caller is, enum http_class bits */
	struct peer peer;
	const json_t *body; /* NULL if the request has none */
	struct http_call *call;
	unsigned lane; /* where it runs: that of the route, or another */
	char params[HTTP_PARAMS_MAX][HTTP_PARAM_MAX]; /* decoded, for {} */
};

struct http_reply {
	unsigned status;
	json_t *body;  /* owned by whoever owns the reply; may be NULL */
	bool deferred; /* the handler kept request->call and answers later */
	/* If set, body is a string, to be sent as this content type. */
	const char *type;
};

/*
 * Answers one request. On success fills reply (status is preset to 200). On
 * failure leaves reply alone and sets err; dispatch renders it.
 */
typedef enum error_code http_handler(void *context,
    const struct http_request *request, struct http_reply *reply,
    struct error *err);

struct http_route {
	const char *method; /* DELETE, GET, POST or PUT */
	const char
	    *pattern;   /* a path with at most HTTP_PARAMS_MAX {} segments */
	unsigned since; /* the first api-version that has it, yyyymmdd */
	unsigned allow; /* enum http_class bits, any of which suffices */
	unsigned lane;  /* whose threads run it; 0 has all that is refused */
	http_handler *handle;
};

/* A daemon's whole interface. */
struct http_service {
	const struct http_route *routes;
	size_t route_count;
	const unsigned *versions; /* yyyymmdd, accepted api-versions */
	size_t version_count;
	/* What peer is, beside HTTP_ANYONE and HTTP_ROOT; may be NULL. */
	unsigned (*classify)(void *context, const struct peer *peer);
	/* Told of each request that its classes do not allow; may be NULL. */
	void (*denied)(void *context, const struct http_route *route,
	    const struct http_request *request);
	/*
	 * The lane of a request for route, whose first {} param is; NULL: that
	 * of the route. Called by who reads requests, so it must not block.
	 */
	unsigned (*lane)(void *context, const struct http_route *route,
	    const struct http_message *message, const char *param);
	void *context; /* for all of these */
	/* Counts what is answered; may be NULL (common/http_metrics.h). */
	struct http_metrics *metrics;
};

/*
 * Answers message. Always fills ret_reply, unless the handler deferred its
 * answer, in which case only ret_reply->deferred is set.
 */
void http_dispatch(const struct http_service *service,
    const struct http_message *message, struct http_reply *ret_reply);

/* The lane in which message is to wait; 0 if there is no route for it. */
unsigned http_lane_of(
    const struct http_service *service, const struct http_message *message);

/* Fills ret_reply as dispatch would if the handler failed with err. */
void http_dispatch_error(const struct http_service *service,
    const struct http_message *message, const struct error *err,
    struct http_reply *ret_reply);

/* Fills ret_reply with the status and the JSON form of err. */
void http_reply_error(
    struct http_reply *ret_reply, unsigned version, const struct error *err);

/*
 * The value of name in request's query, decoded into value; an empty string if
 * it is absent. The last one wins. Fails with ERROR_INVALID if it does not fit.
 */
MUST_CHECK enum error_code http_query(const struct http_request *request,
    const char *name, char *value, size_t size, struct error *err);

/* Fails with ERROR_INVALID if request has no JSON body. */
MUST_CHECK enum error_code http_require_body(
    const struct http_request *request, struct error *err);

/*
 * Percent-encodes text as one path segment (RFC 3986 section 3.3; '/' too).
 * The caller frees it; NULL: no memory.
 */
char *http_encode_segment(const char *text);

#endif
