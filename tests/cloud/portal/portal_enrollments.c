/* SPDX-License-Identifier: MIT */
/* Pages of one enrollment, individual or group. */
#include <string.h>

#include "common/file.h"
#include "dps_enrollments.h"
#include "enrollment_change.h"
#include "enrollment_form.h"
#include "enrollment_store.h"
#include "portal.h"
#include "portal_enrollments.h"
#include "portal_frame.h"
#include "portal_registrations.h"
#include "registration_store.h"
#include "symmetric_key.h"

/* ---- the form of a new one ---- */

static enum error_code
reply_new(struct cloud *cloud, enum enrollment_kind kind,
    const struct request *request, const json_t *values,
    const struct problem *problem, struct reply *reply, struct error *err)
{
	CLEANUP_DONE(html) struct html html = {0};
	const struct enrollment_form form = {
	    .kind = kind, .values = values, .problem = problem};

	frame_begin(
	    &html, request, SECTION_ENROLLMENTS, enrollment_words[kind].add);
	if (enrollment_form_write(&html, cloud, request, &form, err))
		return err->code;
	return frame_end(&html, problem ? problem->status : 200, reply, err);
}

static enum error_code
show_new(struct cloud *cloud, enum enrollment_kind kind,
    const struct request *request, struct reply *reply, struct error *err)
{
	CLEANUP(json) json_t *values = enrollment_values_new();

	return reply_new(cloud, kind, request, values, NULL, reply, err);
}

/* Stores what values and files make of record, under condition. */
static enum error_code
write(struct cloud *cloud, enum enrollment_kind kind,
    const struct request *request, const struct id_text *id,
    const json_t *values, json_t *record,
    const struct enrollment_condition *condition, struct problem *problem,
    struct error *err)
{
	CLEANUP_DONE(enrollment) struct enrollment enrollment = {0};
	enum enrollment_obstacle obstacle;
	struct error refused;

	if (enrollment_values_apply(
		kind, values, request->form, record, problem, err))
		return err->code;
	if (problem->status)
		return ERROR_NONE;
	if (enrollment_write(cloud->database, kind, id, record, condition,
		&obstacle, &enrollment, &refused)) {
		problem_from_error(problem, enrollment_fields, &refused);
		return ERROR_NONE;
	}
	if (obstacle == OBSTACLE_EXISTS)
		problem_set(problem, 409, "id",
		    "'%s' is enrolled already; choose another id, or change "
		    "that one",
		    id->text);
	else if (obstacle)
		problem_set(problem, 412, "",
		    "Somebody else has changed it since this page was opened. "
		    "Below is what you entered: save again to replace theirs, "
		    "or open the page again to see it");
	return ERROR_NONE;
}

static enum error_code
add(struct cloud *cloud, enum enrollment_kind kind,
    const struct request *request, struct reply *reply, struct error *err)
{
	const struct enrollment_condition condition = {.may_create = true};
	const char *name = form_text(request->form, "id");
	CLEANUP(json) json_t *values = values_of_form(request->form);
	CLEANUP(json) json_t *record = json_object();
	struct problem problem = {0};
	struct id_text id;
	struct error refused;

	if (!values || !record)
		return error_no_memory(err);
	if (id_parse(name ? name : "", &id, &refused))
		problem_set(&problem, 400, "id", "%s", refused.message);
	else if (write(cloud, kind, request, &id, values, record, &condition,
		     &problem, err))
		return err->code;
	if (problem.status)
		return reply_new(
		    cloud, kind, request, values, &problem, reply, err);
	return frame_done(
	    reply, enrollment_words[kind].folder, id.text, "added", err);
}

/* ---- one of them ---- */

/* Reads the one in the path; if there is none, it is answered. */
static enum error_code
find(struct cloud *cloud, enum enrollment_kind kind,
    const struct request *request, struct reply *reply,
    struct enrollment *ret_enrollment, struct error *err)
{
	struct id_text id;

	if (id_parse(request->params[0], &id, err))
		return err->code;
	if (enrollment_store_get(
		cloud->database, kind, &id, ret_enrollment, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : refuse(reply, REFUSE_ROUTE,
				 "There is no enrollment '%s'.", id.text);
	return ERROR_NONE;
}

static void
write_certificate(struct html *html, const char *label, const json_t *slot)
{
	const json_t *info = json_object_get(slot, "info");

	if (!info)
		return;
	html_print(html, "<h3>%s</h3>\n<dl>\n", label);
	part_fact(html, "Subject", member_text(info, "subjectName"));
	part_fact(html, "Issuer", member_text(info, "issuerName"));
	part_fact_time(html, "Valid until", member_text(info, "notAfterUtc"));
	part_fact(html, "SHA-256", member_text(info, "sha256Thumbprint"));
	html_print(html, "</dl>\n");
}

static void
write_credentials(struct html *html, const struct enrollment *enrollment)
{
	const json_t *x509 = json_object_get(
	    json_object_get(enrollment->record, "attestation"), "x509");
	const json_t *certificates = json_object_get(
	    x509, enrollment->kind == ENROLLMENT_GROUP ? "signingCertificates"
						       : "clientCertificates");

	if (!certificates && !enrollment->keys)
		return;
	html_print(html, "<section class=\"card\">\n<h2>Credentials</h2>\n");
	write_certificate(html, "Primary certificate",
	    json_object_get(certificates, "primary"));
	write_certificate(html, "Secondary certificate",
	    json_object_get(certificates, "secondary"));
	if (enrollment->keys) {
		html_print(html, "<details><summary>Show the keys</summary>\n");
		part_copy(html, "key1", "Primary key",
		    enrollment_key(enrollment, "primaryKey"));
		part_copy(html, "key2", "Secondary key",
		    enrollment_key(enrollment, "secondaryKey"));
		html_print(html, "</details>\n");
	}
	html_print(html, "</section>\n");
}

/* How far the device of an individual enrollment has come. */
static enum error_code
write_registration(struct html *html, struct cloud *cloud,
    const struct id_text *id, struct error *err)
{
	CLEANUP_DONE(registration) struct registration registration = {0};
	enum error_code code =
	    registration_store_get(cloud->database, id, &registration, err);

	if (code && code != ERROR_NOT_FOUND)
		return code;
	html_print(html, "<section class=\"card\">\n<h2>Registration</h2>\n");
	if (code) {
		html_print(html,
		    "<p>The device has not registered yet.</p>\n</section>\n");
		return ERROR_NONE;
	}
	html_print(html, "<p>");
	part_badge(html, member_text(registration.state, "status"));
	html_print(html, "</p>\n<dl>\n");
	part_fact(html, "Device", member_text(registration.state, "deviceId"));
	part_fact(html, "Hub", member_text(registration.state, "assignedHub"));
	html_print(html, "</dl>\n<p><a href=\"" PORTAL "/registrations/");
	html_url(html, id->text);
	html_print(html, "\">More of it</a></p>\n</section>\n");
	return ERROR_NONE;
}

/* The key of one device of a group, as the field "device" asks for it. */
static enum error_code
write_derived_key(struct html *html, const struct request *request,
    const struct enrollment *group, struct error *err)
{
	const char *name = target_query(request->target, "device");
	struct id_text id;
	struct error refused;
	CLEANUP(secret) char *key = NULL;

	if (!group->keys)
		return ERROR_NONE;
	html_print(html,
	    "<section class=\"card\">\n<h2>Key of a device</h2>\n"
	    "<form method=\"get\">\n"
	    "<div class=\"field\"><label for=\"device\">Registration id"
	    "</label>\n"
	    "<input id=\"device\" name=\"device\" value=\"%s\" required"
	    " autocomplete=\"off\"></div>\n"
	    "<p class=\"actions\"><button class=\"quiet\">Derive its key"
	    "</button></p>\n</form>\n",
	    name);
	if (name && id_parse(name, &id, &refused)) {
		html_print(html, "<p class=\"error\" role=\"alert\">%s.</p>\n",
		    refused.message);
	} else if (name) {
		if (symmetric_key_derive(enrollment_key(group, "primaryKey"),
			id.text, &key, err))
			return err->code;
		part_copy(html, "derived", "Its primary key", key);
	}
	html_print(html, "</section>\n");
	return ERROR_NONE;
}

/* The devices that have registered by a group. */
static enum error_code
write_members(struct html *html, struct cloud *cloud,
    const struct enrollment *group, struct error *err)
{
	const struct listing listing = {.limit = LIST_ROWS + 1};
	CLEANUP(json) json_t *states = json_array();
	bool are_more;

	if (registration_store_list(
		cloud->database, group->id.text, &listing, states, err))
		return err->code;
	are_more = list_cut(states, "registrationId") != NULL;
	html_print(
	    html, "<section>\n<h2 class=\"part\">Registered devices</h2>\n");
	registrations_write_table(html, states);
	if (are_more)
		html_print(html,
		    "<p class=\"hint\">These are the first %d; find others "
		    "under "
		    "<a href=\"" PORTAL
		    "/registrations\">Registrations</a>.</p>\n",
		    LIST_ROWS);
	html_print(html, "</section>\n");
	return ERROR_NONE;
}

static enum error_code
reply_one(struct cloud *cloud, const struct request *request,
    const struct enrollment *enrollment, const json_t *values,
    const struct problem *problem, struct reply *reply, struct error *err)
{
	CLEANUP_DONE(html) struct html html = {0};
	CLEANUP(json) json_t *record = enrollment_to_json(enrollment);
	const struct enrollment_form form = {.kind = enrollment->kind,
	    .record = record,
	    .values = values,
	    .problem = problem};

	if (!record || !values)
		return error_no_memory(err);
	frame_begin(&html, request, SECTION_ENROLLMENTS, enrollment->id.text);
	html_print(&html, "<p class=\"kind\">%s, %s ",
	    enrollment->kind == ENROLLMENT_GROUP ? "Enrollment group"
						 : "Individual enrollment",
	    attestation_label(record));
	part_badge(&html, member_text(record, "provisioningStatus"));
	html_print(&html, "</p>\n<div class=\"columns\">\n");
	if (enrollment->kind == ENROLLMENT_INDIVIDUAL
		? write_registration(&html, cloud, &enrollment->id, err)
		: write_derived_key(&html, request, enrollment, err))
		return err->code;
	write_credentials(&html, enrollment);
	html_print(&html, "</div>\n");
	if (enrollment->kind == ENROLLMENT_GROUP &&
	    write_members(&html, cloud, enrollment, err))
		return err->code;
	html_print(&html, "<h2 class=\"part\">Change it</h2>\n");
	if (enrollment_form_write(&html, cloud, request, &form, err))
		return err->code;
	html_print(&html,
	    "<p class=\"apart\"><a class=\"button danger\" href=\"" PORTAL
	    "/%s/",
	    enrollment_words[enrollment->kind].folder);
	html_url(&html, enrollment->id.text);
	html_print(&html, "/delete\">Delete this enrollment</a></p>\n");
	return frame_end(&html, problem ? problem->status : 200, reply, err);
}

static enum error_code
show(struct cloud *cloud, enum enrollment_kind kind,
    const struct request *request, struct reply *reply, struct error *err)
{
	CLEANUP_DONE(enrollment) struct enrollment enrollment = {0};
	CLEANUP(json) json_t *values = NULL;

	if (find(cloud, kind, request, reply, &enrollment, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	values = enrollment_values_of(enrollment.record);
	return reply_one(cloud, request, &enrollment, values, NULL, reply, err);
}

static enum error_code
save(struct cloud *cloud, enum enrollment_kind kind,
    const struct request *request, struct reply *reply, struct error *err)
{
	const char *etag = form_text(request->form, "etag");
	const struct enrollment_condition condition = {
	    .may_replace = true, .etag = etag ? etag : ""};
	CLEANUP_DONE(enrollment) struct enrollment enrollment = {0};
	CLEANUP(json) json_t *values = values_of_form(request->form);
	CLEANUP(json) json_t *record = NULL;
	struct problem problem = {0};

	if (find(cloud, kind, request, reply, &enrollment, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	record = json_deep_copy(enrollment.record);
	if (!values || !record)
		return error_no_memory(err);
	if (write(cloud, kind, request, &enrollment.id, values, record,
		&condition, &problem, err))
		return err->code;
	if (problem.status)
		return reply_one(
		    cloud, request, &enrollment, values, &problem, reply, err);
	return frame_done(reply, enrollment_words[kind].folder,
	    enrollment.id.text, "saved", err);
}

static enum error_code
ask(struct cloud *cloud, enum enrollment_kind kind,
    const struct request *request, struct reply *reply, struct error *err)
{
	CLEANUP_DONE(enrollment) struct enrollment enrollment = {0};

	if (find(cloud, kind, request, reply, &enrollment, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	return frame_ask(request,
	    &(struct frame_question){.section = SECTION_ENROLLMENTS,
		.id = enrollment.id.text,
		.etag = enrollment.etag.text,
		.consequence =
		    "Devices can no longer register by it. Those that have "
		    "registered stay in the hub."},
	    reply, err);
}

static enum error_code
forget(struct cloud *cloud, enum enrollment_kind kind,
    const struct request *request, struct reply *reply, struct error *err)
{
	CLEANUP_DONE(enrollment) struct enrollment enrollment = {0};

	if (find(cloud, kind, request, reply, &enrollment, err))
		return err->code;
	if (reply->status ||
	    !frame_is_fresh(request, enrollment.etag.text, reply))
		return ERROR_NONE;
	if (enrollment_store_delete(cloud->database, kind, &enrollment.id, err))
		return err->code;
	return frame_done(
	    reply, enrollment_words[kind].folder, NULL, "deleted", err);
}

DEFINE_ENROLLMENT_HANDLER(
    portal_new_individual, show_new, ENROLLMENT_INDIVIDUAL)
DEFINE_ENROLLMENT_HANDLER(portal_add_individual, add, ENROLLMENT_INDIVIDUAL)
DEFINE_ENROLLMENT_HANDLER(portal_show_individual, show, ENROLLMENT_INDIVIDUAL)
DEFINE_ENROLLMENT_HANDLER(portal_save_individual, save, ENROLLMENT_INDIVIDUAL)
DEFINE_ENROLLMENT_HANDLER(portal_ask_individual, ask, ENROLLMENT_INDIVIDUAL)
DEFINE_ENROLLMENT_HANDLER(
    portal_delete_individual, forget, ENROLLMENT_INDIVIDUAL)
DEFINE_ENROLLMENT_HANDLER(portal_new_group, show_new, ENROLLMENT_GROUP)
DEFINE_ENROLLMENT_HANDLER(portal_add_group, add, ENROLLMENT_GROUP)
DEFINE_ENROLLMENT_HANDLER(portal_show_group, show, ENROLLMENT_GROUP)
DEFINE_ENROLLMENT_HANDLER(portal_save_group, save, ENROLLMENT_GROUP)
DEFINE_ENROLLMENT_HANDLER(portal_ask_group, ask, ENROLLMENT_GROUP)
DEFINE_ENROLLMENT_HANDLER(portal_delete_group, forget, ENROLLMENT_GROUP)
