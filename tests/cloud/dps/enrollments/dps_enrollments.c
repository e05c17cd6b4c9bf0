/* SPDX-License-Identifier: MIT */
#include "dps_enrollments.h"

#include <string.h>

#include "dps_attest.h"
#include "enrollment_change.h"
#include "enrollment_store.h"
#include "page.h"
#include "registration_store.h"

static enum error_code
parse_id(enum enrollment_kind kind, const struct request *request,
    struct reply *reply, struct id_text *ret_id, struct error *err)
{
	if (id_parse(request->params[0], ret_id, err))
		return refuse(reply,
		    kind == ENROLLMENT_GROUP ? REFUSE_GROUP_ID
					     : REFUSE_REGISTRATION_ID,
		    "%s.", err->message);
	return ERROR_NONE;
}

static enum error_code
refuse_unknown(
    enum enrollment_kind kind, const struct id_text *id, struct reply *reply)
{
	if (kind == ENROLLMENT_GROUP)
		return refuse(reply, REFUSE_GROUP_NOT_FOUND,
		    "There is no enrollment group '%s'.", id->text);
	return refuse(reply, REFUSE_ENROLLMENT_NOT_FOUND,
	    "There is no individual enrollment '%s'.", id->text);
}

static enum error_code
set_unassigned(const struct id_text *id, json_t *record, struct error *err)
{
	return json_set(record, "registrationState",
	    json_pack("{s:s, s:s}", "registrationId", id->text, "status",
		"unassigned"),
	    err);
}

/* An individual's record also shows how far its device has come. */
static enum error_code
add_registration_state(struct cloud *cloud, const struct id_text *id,
    json_t *record, struct error *err)
{
	CLEANUP_DONE(registration) struct registration registration = {0};

	if (registration_store_get(cloud->database, id, &registration, err))
		return err->code == ERROR_NOT_FOUND
			   ? set_unassigned(id, record, err)
			   : err->code;
	if (json_object_set(record, "registrationState", registration.state))
		return error_no_memory(err);
	return ERROR_NONE;
}

static enum error_code
add_registration_states(struct cloud *cloud, json_t *records, struct error *err)
{
	for (size_t i = 0; i < json_array_size(records); i++) {
		json_t *record = json_array_get(records, i);
		const char *text;
		struct id_text id;

		if (json_get_string(record, "registrationId", &text, err) ||
		    id_parse(text, &id, err) ||
		    add_registration_state(cloud, &id, record, err))
			return err->code;
	}
	return ERROR_NONE;
}

static enum error_code
reply_enrollment(struct cloud *cloud, const struct enrollment *enrollment,
    struct reply *reply, struct error *err)
{
	CLEANUP(json) json_t *record = enrollment_to_json(enrollment);

	if (!record)
		return error_no_memory(err);
	if (enrollment->kind == ENROLLMENT_INDIVIDUAL &&
	    add_registration_state(cloud, &enrollment->id, record, err))
		return err->code;
	return reply_record(reply, TAKE(record), err);
}

/* Reads the one in the path; if there is none, it is answered. */
static enum error_code
find(struct cloud *cloud, enum enrollment_kind kind,
    const struct request *request, struct reply *reply,
    struct enrollment *ret_enrollment, struct error *err)
{
	struct id_text id;

	if (parse_id(kind, request, reply, &id, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	if (enrollment_store_get(
		cloud->database, kind, &id, ret_enrollment, err))
		return err->code == ERROR_NOT_FOUND
			   ? refuse_unknown(kind, &id, reply)
			   : err->code;
	return ERROR_NONE;
}

static enum error_code
get(struct cloud *cloud, enum enrollment_kind kind,
    const struct request *request, struct reply *reply, struct error *err)
{
	CLEANUP_DONE(enrollment) struct enrollment enrollment = {0};

	if (find(cloud, kind, request, reply, &enrollment, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	return reply_enrollment(cloud, &enrollment, reply, err);
}

static enum error_code
mechanism(struct cloud *cloud, enum enrollment_kind kind,
    const struct request *request, struct reply *reply, struct error *err)
{
	CLEANUP_DONE(enrollment) struct enrollment enrollment = {0};

	if (find(cloud, kind, request, reply, &enrollment, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	return reply_json(
	    reply, 200, enrollment_mechanism_to_json(&enrollment), err);
}

/* Answers that nothing was changed, and why. */
static enum error_code
refuse_change(enum enrollment_kind kind, const struct id_text *id,
    enum enrollment_obstacle obstacle, struct reply *reply)
{
	if (obstacle == OBSTACLE_MISSING)
		return refuse_unknown(kind, id, reply);
	if (obstacle == OBSTACLE_CHANGED)
		return refuse(reply, REFUSE_PRECONDITION,
		    "The enrollment '%s' is not the one that If-Match names; "
		    "get it again.",
		    id->text);
	return refuse(reply,
	    kind == ENROLLMENT_GROUP ? REFUSE_GROUP_EXISTS
				     : REFUSE_ENROLLMENT_EXISTS,
	    "The enrollment '%s' exists; name its etag in If-Match to change "
	    "it.",
	    id->text);
}

/* What was named by If-Match and is not there has changed, too. */
static enum error_code
put(struct cloud *cloud, enum enrollment_kind kind,
    const struct request *request, struct reply *reply, struct error *err)
{
	const char *if_match = request->headers.if_match;
	const struct enrollment_condition condition = {.may_create = !if_match,
	    .may_replace = if_match || cloud->options.lenient_etags,
	    .whole = quirks_has(&cloud->options.quirks, QUIRK_INFO_REFUSED),
	    .etag = if_match};
	CLEANUP_DONE(enrollment) struct enrollment enrollment = {0};
	enum enrollment_obstacle obstacle;
	struct id_text id;

	if (parse_id(kind, request, reply, &id, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	if (enrollment_write(cloud->database, kind, &id, request->json,
		&condition, &obstacle, &enrollment, err))
		return refuse_tpm_keys(
		    json_object_get(
			json_object_get(request->json, "attestation"), "tpm"),
		    reply, err);
	if (obstacle == OBSTACLE_MISSING)
		obstacle = OBSTACLE_CHANGED;
	if (obstacle)
		return refuse_change(kind, &id, obstacle, reply);
	return reply_enrollment(cloud, &enrollment, reply, err);
}

static enum error_code
remove_one(struct cloud *cloud, enum enrollment_kind kind,
    const struct request *request, struct reply *reply, struct error *err)
{
	enum enrollment_obstacle obstacle;
	struct id_text id;

	if (parse_id(kind, request, reply, &id, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	if (enrollment_remove(cloud->database, kind, &id,
		request->headers.if_match, &obstacle, err))
		return err->code;
	if (obstacle)
		return refuse_change(kind, &id, obstacle, reply);
	reply->status = 204;
	return ERROR_NONE;
}

static enum error_code
query(struct cloud *cloud, enum enrollment_kind kind,
    const struct request *request, struct reply *reply, struct error *err)
{
	bool groups = kind == ENROLLMENT_GROUP;
	CLEANUP(json) json_t *records = json_array();
	CLEANUP_DONE(page) struct page page = {0};
	struct listing listing;

	if (!records)
		return error_no_memory(err);
	if (page_parse(request, &page, err))
		return err->code;
	listing = page_listing(&page);
	if (enrollment_store_list(
		cloud->database, kind, &listing, records, err) ||
	    (!groups && add_registration_states(cloud, records, err)))
		return err->code;
	reply->item_type = groups ? "enrollmentGroup" : "enrollment";
	return page_reply(&page, TAKE(records),
	    groups ? "enrollmentGroupId" : "registrationId", reply, err);
}

DEFINE_ENROLLMENT_HANDLER(
    get_individual_mechanism, mechanism, ENROLLMENT_INDIVIDUAL)
DEFINE_ENROLLMENT_HANDLER(get_group_mechanism, mechanism, ENROLLMENT_GROUP)
DEFINE_ENROLLMENT_HANDLER(get_individual, get, ENROLLMENT_INDIVIDUAL)
DEFINE_ENROLLMENT_HANDLER(put_individual, put, ENROLLMENT_INDIVIDUAL)
DEFINE_ENROLLMENT_HANDLER(delete_individual, remove_one, ENROLLMENT_INDIVIDUAL)
DEFINE_ENROLLMENT_HANDLER(query_individuals, query, ENROLLMENT_INDIVIDUAL)
DEFINE_ENROLLMENT_HANDLER(get_group, get, ENROLLMENT_GROUP)
DEFINE_ENROLLMENT_HANDLER(put_group, put, ENROLLMENT_GROUP)
DEFINE_ENROLLMENT_HANDLER(delete_group, remove_one, ENROLLMENT_GROUP)
DEFINE_ENROLLMENT_HANDLER(query_groups, query, ENROLLMENT_GROUP)
