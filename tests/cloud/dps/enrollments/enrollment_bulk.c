/* SPDX-License-Identifier: MIT */
#include "enrollment_bulk.h"

#include <strings.h>

#include "dps_attest.h"
#include "dps_enrollments.h"
#include "enrollment_change.h"

#define BULK_MAX 10 /* enrollments of a call */

enum bulk_mode { BULK_CREATE, BULK_UPDATE, BULK_UPDATE_IF_MATCH, BULK_DELETE };

/* SDKs do not agree on the case. */
static enum error_code
parse_mode(const char *text, enum bulk_mode *ret_mode, struct error *err)
{
	static const char *const names[] = {
	    [BULK_CREATE] = "create",
	    [BULK_UPDATE] = "update",
	    [BULK_UPDATE_IF_MATCH] = "updateIfMatchETag",
	    [BULK_DELETE] = "delete",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(names[i], text) == 0) {
			*ret_mode = (enum bulk_mode)i;
			return ERROR_NONE;
		}
	return error_set(err, ERROR_INVALID,
	    "'mode' cannot be '%.32s'; there are create, update, "
	    "updateIfMatchETag and delete",
	    text);
}

struct bulk {
	enum enrollment_kind kind;
	enum bulk_mode mode;
	bool whole;
	const char *id_member;
	const json_t *items;
};

static enum error_code
read_bulk(const struct cloud *cloud, enum enrollment_kind kind,
    const json_t *body, struct bulk *ret_bulk, struct error *err)
{
	bool groups = kind == ENROLLMENT_GROUP;
	const char *member = groups ? "enrollmentGroups" : "enrollments";
	struct bulk bulk = {.kind = kind,
	    .whole = quirks_has(&cloud->options.quirks, QUIRK_INFO_REFUSED),
	    .id_member = groups ? "enrollmentGroupId" : "registrationId",
	    .items = json_object_get(body, member)};
	const char *mode;

	if (!json_is_object(body))
		return error_set(
		    err, ERROR_MALFORMED, "the body must be a JSON object");
	if (json_get_string(body, "mode", &mode, err) ||
	    parse_mode(mode, &bulk.mode, err))
		return err->code;
	if (json_array_size(bulk.items) < 1 ||
	    json_array_size(bulk.items) > BULK_MAX)
		return error_set(err, ERROR_INVALID,
		    "'%s' must be an array of 1 to %d enrollments", member,
		    BULK_MAX);
	*ret_bulk = bulk;
	return ERROR_NONE;
}

/* ---- one of them ---- */

static enum error_code
write_one(struct database *database, const struct bulk *bulk,
    const struct id_text *id, const json_t *item,
    enum enrollment_obstacle *ret_obstacle, struct error *err)
{
	CLEANUP_DONE(enrollment) struct enrollment ignored = {0};
	struct enrollment_condition condition = {
	    .may_create = bulk->mode == BULK_CREATE,
	    .may_replace = bulk->mode != BULK_CREATE,
	    .whole = bulk->whole};

	if (bulk->mode == BULK_UPDATE_IF_MATCH &&
	    json_get_string(item, "etag", &condition.etag, err))
		return err->code;
	return enrollment_write(database, bulk->kind, id, item, &condition,
	    ret_obstacle, &ignored, err);
}

static enum error_code
change_one(struct database *database, const struct bulk *bulk,
    const json_t *item, enum enrollment_obstacle *ret_obstacle,
    struct error *err)
{
	const char *text;
	struct id_text id;

	if (json_get_string(item, bulk->id_member, &text, err) ||
	    id_parse(text, &id, err))
		return err->code;
	if (bulk->mode == BULK_DELETE)
		return enrollment_remove(
		    database, bulk->kind, &id, NULL, ret_obstacle, err);
	return write_one(database, bulk, &id, item, ret_obstacle, err);
}

/* ---- what is said of those that failed ---- */

/* As if it had been the only one. */
static enum refusal
refusal_of_item(const struct bulk *bulk, const json_t *item)
{
	const char *text =
	    json_string_value(json_object_get(item, bulk->id_member));
	struct error ignored;
	struct id_text id;

	if (text && id_parse(text, &id, &ignored))
		return bulk->kind == ENROLLMENT_GROUP ? REFUSE_GROUP_ID
						      : REFUSE_REGISTRATION_ID;
	return refusal_of_tpm_keys(
	    json_object_get(json_object_get(item, "attestation"), "tpm"));
}

static enum refusal
refusal_of(enum enrollment_kind kind, enum enrollment_obstacle obstacle)
{
	bool groups = kind == ENROLLMENT_GROUP;

	switch (obstacle) {
	case OBSTACLE_EXISTS:
		return groups ? REFUSE_GROUP_EXISTS : REFUSE_ENROLLMENT_EXISTS;
	case OBSTACLE_MISSING:
		return groups ? REFUSE_GROUP_NOT_FOUND
			      : REFUSE_ENROLLMENT_NOT_FOUND;
	case OBSTACLE_CHANGED:
		return REFUSE_PRECONDITION;
	case OBSTACLE_NONE:
		break;
	}
	return REFUSE_ARGUMENT;
}

static const char *
reason_of(enum enrollment_obstacle obstacle)
{
	switch (obstacle) {
	case OBSTACLE_EXISTS:
		return "It exists.";
	case OBSTACLE_MISSING:
		return "There is none.";
	case OBSTACLE_CHANGED:
		return "It has changed since; get it again.";
	case OBSTACLE_NONE:
		break;
	}
	return "";
}

/* An item without an id is told of by null. */
static enum error_code
note(json_t *errors, const struct bulk *bulk, const json_t *item,
    enum refusal refusal, const char *reason, struct error *err)
{
	const char *id =
	    json_string_value(json_object_get(item, bulk->id_member));

	if (json_array_append_new(errors,
		json_pack("{s:s?, s:i, s:s}", bulk->id_member, id, "errorCode",
		    refusal_code(refusal), "errorStatus", reason)))
		return error_no_memory(err);
	return ERROR_NONE;
}

/* What the client has done wrong ends this item, the rest ends the call. */
static bool
is_the_clients(enum error_code code)
{
	return code == ERROR_INVALID || code == ERROR_MALFORMED;
}

static enum error_code
change_all(struct database *database, const struct bulk *bulk, json_t *errors,
    struct error *err)
{
	for (size_t i = 0; i < json_array_size(bulk->items); i++) {
		const json_t *item = json_array_get(bulk->items, i);
		enum enrollment_obstacle obstacle = OBSTACLE_NONE;
		struct error why;
		enum error_code code =
		    change_one(database, bulk, item, &obstacle, &why);

		if (!code && !obstacle)
			continue;
		if (code && !is_the_clients(code)) {
			*err = why;
			return code;
		}
		if (code)
			reason_make_plain(why.message);
		if (note(errors, bulk, item,
			code ? refusal_of_item(bulk, item)
			     : refusal_of(bulk->kind, obstacle),
			code ? why.message : reason_of(obstacle), err))
			return err->code;
	}
	return ERROR_NONE;
}

static enum error_code
change(struct cloud *cloud, enum enrollment_kind kind,
    const struct request *request, struct reply *reply, struct error *err)
{
	CLEANUP(json) json_t *errors = json_array();
	struct bulk bulk;

	if (!errors)
		return error_no_memory(err);
	if (read_bulk(cloud, kind, request->json, &bulk, err) ||
	    change_all(cloud->database, &bulk, errors, err))
		return err->code;
	return reply_json(reply, 200,
	    json_pack("{s:b, s:O}", "isSuccessful",
		json_array_size(errors) == 0, "errors", errors),
	    err);
}

DEFINE_ENROLLMENT_HANDLER(change_individuals, change, ENROLLMENT_INDIVIDUAL)
DEFINE_ENROLLMENT_HANDLER(change_groups, change, ENROLLMENT_GROUP)
