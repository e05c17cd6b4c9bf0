/* SPDX-License-Identifier: MIT */
#include "enrollment_change.h"

#include "ca_store.h"
#include "enrollment_store.h"
#include "etag.h"

/* Sets *ret_found to whether there is one; only then *ret_enrollment is set. */
static enum error_code
find(struct database *database, enum enrollment_kind kind,
    const struct id_text *id, bool *ret_found,
    struct enrollment *ret_enrollment, struct error *err)
{
	enum error_code code =
	    enrollment_store_get(database, kind, id, ret_enrollment, err);

	if (code && code != ERROR_NOT_FOUND)
		return code;
	*ret_found = code == ERROR_NONE;
	return ERROR_NONE;
}

/* stored is NULL if there is nothing. */
static enum enrollment_obstacle
find_obstacle(const struct enrollment_condition *condition,
    const struct enrollment *stored)
{
	if (!stored)
		return condition->may_create ? OBSTACLE_NONE : OBSTACLE_MISSING;
	if (!condition->may_replace)
		return OBSTACLE_EXISTS;
	if (condition->etag &&
	    !etag_matches(condition->etag, stored->etag.text))
		return OBSTACLE_CHANGED;
	return OBSTACLE_NONE;
}

enum error_code
enrollment_write(struct database *database, enum enrollment_kind kind,
    const struct id_text *id, const json_t *body,
    const struct enrollment_condition *condition,
    enum enrollment_obstacle *ret_obstacle, struct enrollment *ret_enrollment,
    struct error *err)
{
	CLEANUP_DONE(enrollment) struct enrollment stored = {0};
	CLEANUP_DONE(enrollment) struct enrollment enrollment = {0};
	struct enrollment_context context = {.whole = condition->whole,
	    .find_ca = ca_store_find_verified,
	    .find_context = database};
	bool found;

	if (find(database, kind, id, &found, &stored, err))
		return err->code;
	context.stored = found ? &stored : NULL;
	*ret_obstacle = find_obstacle(condition, context.stored);
	if (*ret_obstacle)
		return ERROR_NONE;
	if (enrollment_read(kind, id, body, &context, &enrollment, err) ||
	    enrollment_store_put(database, &enrollment, err))
		return err->code;
	*ret_enrollment = TAKE_CONTENTS(enrollment);
	return ERROR_NONE;
}

enum error_code
enrollment_remove(struct database *database, enum enrollment_kind kind,
    const struct id_text *id, const char *etag,
    enum enrollment_obstacle *ret_obstacle, struct error *err)
{
	const struct enrollment_condition condition = {
	    .may_replace = true, .etag = etag};
	CLEANUP_DONE(enrollment) struct enrollment stored = {0};
	bool found;

	if (find(database, kind, id, &found, &stored, err))
		return err->code;
	*ret_obstacle = find_obstacle(&condition, found ? &stored : NULL);
	if (*ret_obstacle)
		return ERROR_NONE;
	return enrollment_store_delete(database, kind, id, err);
}

enum error_code
enrollment_set_enabled(struct database *database, enum enrollment_kind kind,
    const struct id_text *id, bool is_enabled, struct error *err)
{
	CLEANUP_DONE(enrollment) struct enrollment enrollment = {0};

	if (enrollment_store_get(database, kind, id, &enrollment, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : error_set(err, ERROR_NOT_FOUND,
				 "there is no enrollment '%s'", id->text);
	if (json_object_set_new(enrollment.record, "provisioningStatus",
		json_string(is_enabled ? "enabled" : "disabled")))
		return error_no_memory(err);
	enrollment.updated = utc_now();
	if (etag_create(&enrollment.etag, err))
		return err->code;
	return enrollment_store_put(database, &enrollment, err);
}
