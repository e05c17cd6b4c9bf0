/* SPDX-License-Identifier: MIT */
/* Pages of the hub's devices: their twins, and what they sent. */
#include <string.h>

#include "device_store.h"
#include "hub_identity.h"
#include "hub_twin.h"
#include "portal.h"
#include "portal_field.h"
#include "portal_frame.h"
#include "portal_table.h"

#define FOLDER "devices"
#define MESSAGES_SHOWN 20

static bool
is_edge(const json_t *record)
{
	return json_is_true(json_object_get(
	    json_object_get(record, "capabilities"), "iotEdge"));
}

/* ---- the list ---- */

static void
write_row(struct table *table, const json_t *record)
{
	table_cell(table);
	part_badge(table->html, member_text(record, "status"));
	table_cell_end(table);
	table_text(table,
	    member_text(json_object_get(record, "authentication"), "type"));
	table_text(table, is_edge(record) ? "yes" : "no");
	table_cell(table);
	part_time(table->html, member_text(record, "lastActivityTime"));
	table_cell_end(table);
}

static void
write_table(struct html *html, const json_t *records)
{
	static const char *const columns[] = {"Device id", "Status",
	    "Credentials", "IoT Edge", "Last seen (UTC)", NULL};

	table_write(&(struct table){.html = html,
			.folder = FOLDER,
			.id_member = "deviceId",
			.columns = columns,
			.none = "There are no devices here.",
			.write_row = write_row},
	    records);
}

enum error_code
portal_list_devices(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	const struct listing listing = list_wanted(request);
	CLEANUP_DONE(html) struct html html = {0};
	CLEANUP(json) json_t *records = json_array();
	const char *last;

	if (device_store_list(cloud->database, NULL, &listing, records, err))
		return err->code;
	last = list_cut(records, "deviceId");
	frame_begin(&html, request, SECTION_DEVICES, "Devices in the hub");
	html_print(&html, "<div class=\"tools\">\n");
	list_search(&html, request, "devices");
	html_print(&html, "</div>\n");
	write_table(&html, records);
	list_pages(&html, request, last);
	return frame_end(&html, 200, reply, err);
}

/* ---- one of them ---- */

/* Reads the one in the path; if there is none, it is answered. */
static enum error_code
find(struct cloud *cloud, const struct request *request, struct reply *reply,
    struct device *ret_device, struct error *err)
{
	if (!device_store_get(
		cloud->database, request->params[0], ret_device, err))
		return ERROR_NONE;
	return err->code != ERROR_NOT_FOUND
		   ? err->code
		   : refuse(reply, REFUSE_ROUTE, "There is no device '%s'.",
			 request->params[0]);
}

/* A section of the twin without what the hub notes in it. */
static json_t *
section_of(const struct device *device, const char *name)
{
	json_t *section = json_deep_copy(
	    json_object_get(json_object_get(device->twin, "properties"), name));

	(void)json_object_del(section, "$metadata");
	(void)json_object_del(section, "$version");
	return section;
}

/* The fields of the form, from the twin. */
static json_t *
values_of(const struct device *device)
{
	CLEANUP(json) json_t *desired = section_of(device, "desired");
	CLEANUP(string)
	char *tags = json_pretty(json_object_get(device->twin, "tags"));
	CLEANUP(string) char *text = json_pretty(desired);

	return json_pack("{s:s*, s:s*}", "tags", tags, "desired", text);
}

static void
write_facts(struct html *html, const struct device *device)
{
	const json_t *authentication =
	    json_object_get(device->record, "authentication");

	html_print(html, "<section class=\"card\">\n<h2>Device</h2>\n<dl>\n");
	part_fact(html, "Hub", device->hub);
	part_fact(html, "IoT Edge", is_edge(device->record) ? "yes" : "no");
	part_fact(html, "Credentials", member_text(authentication, "type"));
	part_fact(html, "Primary thumbprint",
	    json_string_value(json_object_get(
		json_object_get(authentication, "x509Thumbprint"),
		"primaryThumbprint")));
	part_fact(
	    html, "Generation", member_text(device->record, "generationId"));
	html_print(html, "</dl>\n</section>\n");
}

static void
write_twin(struct html *html, const struct request *request,
    const struct device *device, const json_t *values,
    const struct problem *problem)
{
	const struct form_view view = {
	    .html = html, .values = values, .problem = problem};
	CLEANUP(json) json_t *reported = section_of(device, "reported");
	CLEANUP(string)
	char *version = json_pretty(json_object_get(device->twin, "version"));

	html_print(html,
	    "<section class=\"card\">\n<h2>Twin</h2>\n"
	    "<p class=\"hint\">Version %s</p>\n",
	    version);
	view_problem(&view);
	frame_form(html, request, NULL);
	html_print(html, "<input type=\"hidden\" name=\"etag\" value=\"%s\">\n",
	    member_text(device->twin, "etag"));
	view_area(&view, &(struct field){.name = "tags",
			     .label = "Tags",
			     .is_required = true,
			     .is_json = true});
	view_area(&view, &(struct field){.name = "desired",
			     .label = "Desired properties",
			     .is_required = true,
			     .is_json = true});
	html_print(html,
	    "<p class=\"actions\"><button>Save twin</button></p>\n</form>\n"
	    "<h3>Reported properties</h3>\n");
	part_json(html, "Reported properties", reported);
	html_print(html, "</section>\n");
}

static void
write_message(struct html *html, const json_t *message)
{
	const char *module = member_text(message, "moduleId");
	const char *body = member_text(message, "body");

	html_print(html, "<li><p>");
	part_time(html, member_text(message, "received"));
	html_print(html, " <span class=\"hint\">%s, %s over %s %s</span></p>\n",
	    *module ? module : "by the device",
	    member_text(message, "keyAlgorithm"),
	    member_text(message, "tlsVersion"),
	    member_text(message, "contentType"));
	html_print(html, "<pre tabindex=\"0\">%s</pre>\n",
	    *body ? body : member_text(message, "bodyBase64"));
	part_json(html, "Properties", json_object_get(message, "properties"));
	html_print(html, "</li>\n");
}

static enum error_code
write_messages(struct html *html, struct cloud *cloud,
    const struct device *device, struct error *err)
{
	CLEANUP(json) json_t *messages = json_array();

	const struct message_filter filter = {
	    .device_id = device->id, .last = MESSAGES_SHOWN};

	if (message_store_list(cloud->database, &filter, messages, err))
		return err->code;
	html_print(html, "<section class=\"card\">\n<h2>Last messages</h2>\n"
			 "<div id=\"live\" data-live>\n");
	if (json_array_size(messages) == 0)
		html_print(
		    html, "<p class=\"empty\">It has not sent any.</p>\n");
	else
		html_print(html, "<ol class=\"messages\">\n");
	/* The newest first. */
	for (size_t i = json_array_size(messages); i > 0; i--)
		write_message(html, json_array_get(messages, i - 1));
	if (json_array_size(messages) > 0)
		html_print(html, "</ol>\n");
	html_print(html, "</div>\n</section>\n");
	return ERROR_NONE;
}

static enum error_code
reply_one(struct cloud *cloud, const struct request *request,
    const struct device *device, const json_t *values,
    const struct problem *problem, struct reply *reply, struct error *err)
{
	CLEANUP_DONE(html) struct html html = {0};

	if (!values)
		return error_no_memory(err);
	frame_begin(&html, request, SECTION_DEVICES, device->id);
	html_print(&html, "<p class=\"kind\">Device ");
	part_badge(&html, member_text(device->record, "status"));
	html_print(&html, "</p>\n<div class=\"columns\">\n<div>\n");
	write_facts(&html, device);
	if (write_messages(&html, cloud, device, err))
		return err->code;
	html_print(&html, "</div>\n");
	write_twin(&html, request, device, values, problem);
	html_print(&html, "</div>\n");
	return frame_end(&html, problem ? problem->status : 200, reply, err);
}

enum error_code
portal_show_device(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};
	CLEANUP(json) json_t *values = NULL;

	if (find(cloud, request, reply, &device, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	values = values_of(&device);
	return reply_one(cloud, request, &device, values, NULL, reply, err);
}

/* ---- changing the twin ---- */

/* The JSON in a field; NULL if problem says why there is none. */
static json_t *
read_json(
    const struct request *request, const char *name, struct problem *problem)
{
	const char *text = form_text(request->form, name);
	json_t *value = NULL;
	struct error err;

	if (!text)
		text = "";
	if (json_parse(text, strlen(text), &value, &err)) {
		problem_set(problem, 400, name, "%s", err.message);
		return NULL;
	}
	return value;
}

/* What the twin's tags and desired properties are to be replaced by. */
static json_t *
read_patch(const struct request *request, struct problem *problem)
{
	CLEANUP(json) json_t *tags = read_json(request, "tags", problem);
	CLEANUP(json)
	json_t *desired = tags ? read_json(request, "desired", problem) : NULL;

	return desired ? json_pack("{s:O, s:{s:O}}", "tags", tags, "properties",
			     "desired", desired)
		       : NULL;
}

static void
change(const struct request *request, struct device *device,
    struct problem *problem)
{
	static const struct field_of_member fields[] = {
	    {"'tags'",   "tags"   },
            {"desired'", "desired"},
            {NULL,       ""       }
        };
	CLEANUP(json) json_t *patch = read_patch(request, problem);
	struct error refused;

	if (problem->status)
		return;
	if (twin_update(device->twin, patch, true, &refused) ||
	    hub_set_etag(device->twin, &refused))
		problem_from_error(problem, fields, &refused);
}

enum error_code
portal_save_twin(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};
	CLEANUP(json) json_t *values = values_of_form(request->form);
	struct problem problem = {0};

	if (find(cloud, request, reply, &device, err))
		return err->code;
	if (reply->status ||
	    !frame_is_fresh(request, member_text(device.twin, "etag"), reply))
		return ERROR_NONE;
	change(request, &device, &problem);
	if (problem.status)
		return reply_one(
		    cloud, request, &device, values, &problem, reply, err);
	if (device_store_put(cloud->database, &device, err))
		return err->code;
	return frame_done(reply, FOLDER, device.id, "saved", err);
}
