/* SPDX-License-Identifier: MIT */
#include "dps_registrations.h"

#include "enrollment_store.h"
#include "etag.h"
#include "page.h"
#include "registration_store.h"

/* Reads the registration of the path; if there is none, it is answered. */
static enum error_code
find(struct cloud *cloud, const struct request *request, struct reply *reply,
    struct registration *ret_registration, struct error *err)
{
	struct id_text id;

	if (id_parse(request->params[0], &id, err))
		return refuse(
		    reply, REFUSE_REGISTRATION_ID, "%s.", err->message);
	if (!registration_store_get(
		cloud->database, &id, ret_registration, err))
		return ERROR_NONE;
	if (err->code == ERROR_NOT_FOUND)
		return refuse(reply, REFUSE_REGISTRATION_NOT_FOUND,
		    "There is no registration '%s'.", id.text);
	return err->code;
}

enum error_code
get_registration(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(registration) struct registration registration = {0};

	if (find(cloud, request, reply, &registration, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	return reply_record(reply, json_incref(registration.state), err);
}

enum error_code
delete_registration(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(registration) struct registration registration = {0};
	const char *if_match = request->headers.if_match;
	const char *etag;

	if (find(cloud, request, reply, &registration, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	if (json_get_string(registration.state, "etag", &etag, err))
		return err->code;
	if (if_match && !etag_matches(if_match, etag))
		return refuse(reply, REFUSE_PRECONDITION,
		    "The registration '%s' has changed since.",
		    registration.id.text);
	if (registration_store_delete(cloud->database, &registration.id, err))
		return err->code;
	reply->status = 204;
	return ERROR_NONE;
}

enum error_code
query_registrations(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(enrollment) struct enrollment group = {0};
	CLEANUP(json) json_t *states = json_array();
	CLEANUP_DONE(page) struct page page = {0};
	struct listing listing;
	struct id_text id;

	if (!states)
		return error_no_memory(err);
	if (id_parse(request->params[0], &id, err))
		return refuse(reply, REFUSE_GROUP_ID, "%s.", err->message);
	if (enrollment_store_get(
		cloud->database, ENROLLMENT_GROUP, &id, &group, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : refuse(reply, REFUSE_GROUP_NOT_FOUND,
				 "There is no enrollment group '%s'.", id.text);
	if (page_parse(request, &page, err))
		return err->code;
	listing = page_listing(&page);
	if (registration_store_list(
		cloud->database, id.text, &listing, states, err))
		return err->code;
	reply->item_type = "deviceRegistration";
	return page_reply(&page, TAKE(states), "registrationId", reply, err);
}
