/* SPDX-License-Identifier: MIT */
/*
 * The portal without a browser: somebody who is signed in, and forms as a
 * browser sends them. Goes beyond cloud_fixture.h.
 */
#ifndef PORTAL_FIXTURE_H
#define PORTAL_FIXTURE_H

#include "cloud_fixture.h"

struct visitor {
	struct cloud *cloud;
	const struct session *session;
};

/* Signs in, without the page for it. */
struct visitor visitor_create(struct cloud *cloud);

/* A field of a form; file_name makes it a file. */
struct sent_field {
	const char *name; /* NULL ends the fields */
	const char *value;
	const char *file_name;
};

/* Opens a page. The caller releases the reply. */
struct reply visitor_get(const struct visitor *visitor, const char *target);

/* Sends a form with the token of the session. Likewise. */
struct reply visitor_post(const struct visitor *visitor, const char *target,
    const struct sent_field *fields);

/* The same with what else a request may have. cookie, origin: or NULL. */
struct sent_form {
	const char *cookie;
	const char *origin;
	const struct sent_field *fields;
};
struct reply portal_post(
    struct cloud *cloud, const char *target, const struct sent_form *form);

/* The header of who is signed in. The caller frees it. */
char *visitor_cookie(const struct visitor *visitor);

#endif
