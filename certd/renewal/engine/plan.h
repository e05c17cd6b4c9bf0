/* SPDX-License-Identifier: MIT */
/*
 * Which certificates are kept fresh, by the configuration: those of
 * cert_issuance.certs that are to be, and the EST identities that they need.
 */
#ifndef CERTD_PLAN_H
#define CERTD_PLAN_H

#include "certs.h"
#include "renewals.h"

struct plan {
	size_t count;
	struct managed *items;
	unsigned lanes; /* > 0; the first for all that needs no network */
};

/* Releases the contents, not the struct. */
void plan_done(struct plan *plan);

/*
 * *ret_plan borrows from certs; each EST server has a lane of its own. The
 * contents are the caller's.
 */
MUST_CHECK enum error_code plan_create(
    const struct certs *certs, struct plan *ret_plan, struct error *err);

#endif
