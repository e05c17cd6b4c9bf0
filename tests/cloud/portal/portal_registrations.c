/* SPDX-License-Identifier: MIT */
/* Pages of the devices that have registered. */
#include "portal_registrations.h"

#include "portal.h"
#include "portal_field.h"
#include "portal_frame.h"
#include "portal_table.h"
#include "registration_store.h"

#define FOLDER "registrations"

static void
write_device_link(struct html *html, const char *device)
{
	if (!*device) {
		html_print(html, "-");
		return;
	}
	html_print(html, "<a href=\"" PORTAL "/devices/");
	html_url(html, device);
	html_print(html, "\">%s</a>", device);
}

static void
write_row(struct table *table, const json_t *state)
{
	table_cell(table);
	part_badge(table->html, member_text(state, "status"));
	table_cell_end(table);
	table_cell(table);
	write_device_link(table->html, member_text(state, "deviceId"));
	table_cell_end(table);
	table_text(table, member_text(state, "assignedHub"));
	table_cell(table);
	part_time(table->html, member_text(state, "lastUpdatedDateTimeUtc"));
	table_cell_end(table);
}

void
registrations_write_table(struct html *html, const json_t *states)
{
	static const char *const columns[] = {"Registration id", "Status",
	    "Device", "Hub", "Changed (UTC)", NULL};

	table_write(&(struct table){.html = html,
			.folder = FOLDER,
			.id_member = "registrationId",
			.columns = columns,
			.none = "No device has registered here.",
			.write_row = write_row},
	    states);
}

enum error_code
portal_list_registrations(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	const struct listing listing = list_wanted(request);
	CLEANUP_DONE(html) struct html html = {0};
	CLEANUP(json) json_t *states = json_array();
	const char *last;

	if (registration_store_list(
		cloud->database, NULL, &listing, states, err))
		return err->code;
	last = list_cut(states, "registrationId");
	frame_begin(&html, request, SECTION_REGISTRATIONS, "Registrations");
	html_print(&html, "<div class=\"tools\">\n");
	list_search(&html, request, "registrations");
	html_print(&html, "</div>\n<div id=\"live\" data-live>\n");
	registrations_write_table(&html, states);
	html_print(&html, "</div>\n");
	list_pages(&html, request, last);
	return frame_end(&html, 200, reply, err);
}

/* Reads the one in the path; if there is none, it is answered. */
static enum error_code
find(struct cloud *cloud, const struct request *request, struct reply *reply,
    struct registration *ret_registration, struct error *err)
{
	struct id_text id;

	if (id_parse(request->params[0], &id, err))
		return err->code;
	if (registration_store_get(cloud->database, &id, ret_registration, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : refuse(reply, REFUSE_ROUTE,
				 "There is no registration '%s'.", id.text);
	return ERROR_NONE;
}

static void
write_enrollment_link(
    struct html *html, const struct registration *registration)
{
	bool is_member = *registration->group_id.text;
	const char *id =
	    is_member ? registration->group_id.text : registration->id.text;

	html_print(html,
	    "<div><dt>Enrolled by</dt><dd><a href=\"" PORTAL "/%s/",
	    is_member ? "groups" : "individuals");
	html_url(html, id);
	html_print(html, "\">%s</a></dd></div>\n", id);
}

enum error_code
portal_show_registration(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(registration) struct registration registration = {0};
	CLEANUP_DONE(html) struct html html = {0};
	const json_t *state;

	if (find(cloud, request, reply, &registration, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	state = registration.state;
	frame_begin(
	    &html, request, SECTION_REGISTRATIONS, registration.id.text);
	html_print(&html, "<p class=\"kind\">Registration ");
	part_badge(&html, member_text(state, "status"));
	html_print(&html,
	    "</p>\n<section class=\"card\">\n<h2>Assignment</h2>\n<dl>\n"
	    "<div><dt>Device</dt><dd>");
	write_device_link(&html, member_text(state, "deviceId"));
	html_print(&html, "</dd></div>\n");
	part_fact(&html, "Hub", member_text(state, "assignedHub"));
	write_enrollment_link(&html, &registration);
	part_fact(&html, "Substatus",
	    json_string_value(json_object_get(state, "substatus")));
	part_fact(&html, "Error",
	    json_string_value(json_object_get(state, "errorMessage")));
	part_fact_time(
	    &html, "Created", member_text(state, "createdDateTimeUtc"));
	part_fact(
	    &html, "Changed", member_text(state, "lastUpdatedDateTimeUtc"));
	html_print(&html, "</dl>\n</section>\n<section class=\"card\">\n"
			  "<h2>As the service API shows it</h2>\n");
	part_json(&html, "Registration state", state);
	html_print(&html, "</section>\n<p class=\"apart\"><a class=\"button "
			  "danger\" href=\"" PORTAL "/" FOLDER "/");
	html_url(&html, registration.id.text);
	html_print(&html, "/delete\">Forget this registration</a></p>\n");
	return frame_end(&html, 200, reply, err);
}

enum error_code
portal_ask_registration(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(registration) struct registration registration = {0};

	if (find(cloud, request, reply, &registration, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	return frame_ask(request,
	    &(struct frame_question){.section = SECTION_REGISTRATIONS,
		.id = registration.id.text,
		.etag = member_text(registration.state, "etag"),
		.consequence = "The device stays in the hub; when it registers "
			       "again, it is as for the first time."},
	    reply, err);
}

enum error_code
portal_delete_registration(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(registration) struct registration registration = {0};

	if (find(cloud, request, reply, &registration, err))
		return err->code;
	if (reply->status ||
	    !frame_is_fresh(
		request, member_text(registration.state, "etag"), reply))
		return ERROR_NONE;
	if (registration_store_delete(cloud->database, &registration.id, err))
		return err->code;
	return frame_done(reply, FOLDER, NULL, "forgotten", err);
}
