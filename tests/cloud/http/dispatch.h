/* SPDX-License-Identifier: MIT */
/* The HTTP interface as data: who may call what, in one table (routes.c). */
#ifndef CLOUD_DISPATCH_H
#define CLOUD_DISPATCH_H

#include "cloud.h"

/* How a caller proves who it is. */
enum authority {
	AUTHORITY_HANDLER, /* the handler asks, if it does */
	AUTHORITY_POLICY,  /* by a shared access signature */
	AUTHORITY_ADMIN,   /* by the administrator's token, as a bearer */
	AUTHORITY_SESSION, /* by being signed in to the portal */
};

/* What is read of the body of a PUT, PATCH or POST. */
enum body_reader {
	BODY_RAW, /* nothing: the handler does */
	BODY_JSON,
	BODY_FORM,
};

struct route {
	const char *method;
	const char *pattern;  /* words match in any case, {} any segment */
	const char *endpoint; /* what a fault may be ordered for, or NULL */
	handler *handle;
};

/* Routes for the same kind of caller. */
struct route_table {
	enum surface surface;
	enum authority authority;
	bool has_versions;       /* the query has an api-version */
	enum body_reader reader; /* of a body, if there is one */
	const struct route *routes;
	size_t count;
};

extern const struct route_table cloud_tables[];
extern const size_t cloud_table_count;

/*
 * Answers request, as one transaction of the database. Always fills reply,
 * which the caller releases.
 */
void dispatch(
    struct cloud *cloud, struct request *request, struct reply *reply);

#endif
