/* SPDX-License-Identifier: MIT */
/* The HTTP interface as data: who may call what, in one table (routes.c). */
#ifndef CLOUD_DISPATCH_H
#define CLOUD_DISPATCH_H

#include "cloud.h"

/* How a caller proves who it is. */
enum authority {
	AUTHORITY_DEVICE, /* by a client certificate; the handler decides */
	AUTHORITY_POLICY, /* by a shared access signature */
};

struct route {
	const char *method;
	const char *pattern; /* words match in any case, {} any segment */
	enum surface surface;
	enum authority authority;
	bool wants_json;
	const char *endpoint; /* what a fault may be ordered for, or NULL */
	handler *handle;
};

extern const struct route cloud_routes[];
extern const size_t cloud_route_count;

/*
 * Answers request, as one transaction of the database. Always fills reply,
 * which the caller releases.
 */
void dispatch(
    struct cloud *cloud, struct request *request, struct reply *reply);

#endif
