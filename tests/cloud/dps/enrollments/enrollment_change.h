/* SPDX-License-Identifier: MIT */
/*
 * How an enrollment is created, changed and deleted: under which condition, and
 * what stands in the way. The service API, its bulk call, the command line and
 * whoever else changes enrollments all come here.
 */
#ifndef CLOUD_ENROLLMENT_CHANGE_H
#define CLOUD_ENROLLMENT_CHANGE_H

#include "database.h"
#include "enrollment.h"

/* What a change insists on. */
struct enrollment_condition {
	bool may_create;
	bool may_replace;
	bool whole;       /* the info of a certificate does not stand for it */
	const char *etag; /* of what is replaced or deleted; NULL: any */
};

/* Why nothing was changed. */
enum enrollment_obstacle {
	OBSTACLE_NONE,
	OBSTACLE_EXISTS,
	OBSTACLE_MISSING,
	OBSTACLE_CHANGED, /* its etag is another */
};

/*
 * Reads body (enrollment_read()) and stores it under id. Unless *ret_obstacle
 * is OBSTACLE_NONE nothing has happened; else the contents of ret_enrollment,
 * what is stored now, are the caller's.
 *
 * Fails as enrollment_read() does, and if the database does.
 */
MUST_CHECK enum error_code enrollment_write(struct database *database,
    enum enrollment_kind kind, const struct id_text *id, const json_t *body,
    const struct enrollment_condition *condition,
    enum enrollment_obstacle *ret_obstacle, struct enrollment *ret_enrollment,
    struct error *err);

/* Deletes the enrollment; etag (or NULL) is what it must have. */
MUST_CHECK enum error_code enrollment_remove(struct database *database,
    enum enrollment_kind kind, const struct id_text *id, const char *etag,
    enum enrollment_obstacle *ret_obstacle, struct error *err);

/*
 * Enables the enrollment or disables it; it gets a new etag. Fails with
 * ERROR_NOT_FOUND.
 */
MUST_CHECK enum error_code enrollment_set_enabled(struct database *database,
    enum enrollment_kind kind, const struct id_text *id, bool is_enabled,
    struct error *err);

#endif
