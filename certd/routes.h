/* SPDX-License-Identifier: MIT */
/* certd's HTTP interface: docs/protocol-certd.md. */
#ifndef CERTD_ROUTES_H
#define CERTD_ROUTES_H

#include "certs.h"
#include "common/http.h"
#include "waiters.h"

extern const struct http_route certd_routes[];
extern const size_t certd_route_count;

struct certd {
	const struct certs *certs;    /* NULL if they could not be opened */
	struct error problem;         /* why not */
	struct waiters *waiters;      /* NULL: nobody can wait */
	struct http_metrics *metrics; /* of the routes; may be NULL */
};

/* The service that answers for certd, which must outlive it. */
struct http_service certd_service(struct certd *certd);

#endif
