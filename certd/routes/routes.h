/* SPDX-License-Identifier: MIT */
/* certd's HTTP interface: docs/protocol-certd.md. */
#ifndef CERTD_ROUTES_H
#define CERTD_ROUTES_H

#include "certs.h"
#include "common/http.h"
#include "engine.h"
#include "lanes.h"
#include "waiters.h"

extern const struct http_route certd_routes[];
extern const size_t certd_route_count;

struct certd {
	const struct certs *certs;    /* NULL if they could not be opened */
	struct error problem;         /* why not */
	struct engine *engine;        /* NULL: nothing is renewed */
	struct waiters *waiters;      /* NULL: nobody can wait */
	struct http_metrics *metrics; /* of the routes; may be NULL */
};

/* Who waits for a candidate of id looks again. Any thread. */
void candidate_wake(const struct certd *certd, const char *id);

/* The service that answers for certd, which must outlive it. */
struct http_service certd_service(struct certd *certd);

#endif
