/* SPDX-License-Identifier: MIT */
/* Lists of individual enrollments and of groups. */
#include <string.h>

#include "enrollment_store.h"
#include "portal.h"
#include "portal_enrollments.h"
#include "portal_field.h"
#include "portal_frame.h"
#include "portal_table.h"

const struct enrollment_words enrollment_words[2] = {
    [ENROLLMENT_INDIVIDUAL] = {"individuals", "registrationId",
			       "individual enrollments",                                "Add individual enrollment"},
    [ENROLLMENT_GROUP] = {"groups",      "enrollmentGroupId", "enrollment groups",
			       "Add enrollment group"							      },
};

const char *
attestation_label(const json_t *record)
{
	const json_t *attestation = json_object_get(record, "attestation");
	const char *type = member_text(attestation, "type");

	if (json_is_object(json_object_get(
		json_object_get(attestation, "x509"), "caReferences")))
		return "X.509, by CA";
	if (strcmp(type, "x509") == 0)
		return "X.509";
	return strcmp(type, "tpm") == 0 ? "TPM" : "Symmetric key";
}

static void
write_tabs(struct html *html, enum enrollment_kind kind)
{
	static const char *const names[] = {"Individual", "Groups"};

	html_print(html, "<div class=\"tabs\">\n");
	for (size_t i = 0; i < 2; i++) {
		html_print(html, "<a href=\"" PORTAL "/%s\"",
		    enrollment_words[i].folder);
		if (i == kind)
			html_print(html, " aria-current=\"page\"");
		html_print(html, ">%s</a>\n", names[i]);
	}
	html_print(html, "</div>\n");
}

/* The columns that both kinds have at the end. */
static void
write_rest(struct table *table, const json_t *record)
{
	table_text(table, member_text(record, "allocationPolicy"));
	table_cell(table);
	part_badge(table->html, member_text(record, "provisioningStatus"));
	table_cell_end(table);
	table_cell(table);
	part_time(table->html, member_text(record, "lastUpdatedDateTimeUtc"));
	table_cell_end(table);
}

static void
write_individual(struct table *table, const json_t *record)
{
	const char *device = member_text(record, "deviceId");

	table_text(table, attestation_label(record));
	table_text(
	    table, *device ? device : member_text(record, table->id_member));
	write_rest(table, record);
}

static void
write_group(struct table *table, const json_t *record)
{
	table_text(table, attestation_label(record));
	write_rest(table, record);
}

static void
write_table(struct html *html, enum enrollment_kind kind, const json_t *records)
{
	static const char *const of_individuals[] = {"Registration id",
	    "Attestation", "Device id", "Allocation", "Status", "Changed (UTC)",
	    NULL};
	static const char *const of_groups[] = {"Group", "Attestation",
	    "Allocation", "Status", "Changed (UTC)", NULL};
	bool groups = kind == ENROLLMENT_GROUP;

	table_write(&(struct table){.html = html,
			.folder = enrollment_words[kind].folder,
			.id_member = enrollment_words[kind].id_member,
			.columns = groups ? of_groups : of_individuals,
			.none = groups ? "There are no enrollment groups here."
				       : "There are no individual enrollments "
					 "here.",
			.write_row = groups ? write_group : write_individual},
	    records);
}

static enum error_code
list(struct cloud *cloud, enum enrollment_kind kind,
    const struct request *request, struct reply *reply, struct error *err)
{
	const struct listing listing = list_wanted(request);
	CLEANUP_DONE(html) struct html html = {0};
	CLEANUP(json) json_t *records = json_array();
	const char *last;

	if (enrollment_store_list(
		cloud->database, kind, &listing, records, err))
		return err->code;
	last = list_cut(records, enrollment_words[kind].id_member);
	frame_begin(&html, request, SECTION_ENROLLMENTS, "Enrollments");
	write_tabs(&html, kind);
	html_print(&html, "<div class=\"tools\">\n");
	list_search(&html, request, enrollment_words[kind].many);
	html_print(&html,
	    "<a class=\"button\" href=\"" PORTAL "/new/%s\">%s</a>\n",
	    kind == ENROLLMENT_GROUP ? "group" : "individual",
	    enrollment_words[kind].add);
	html_print(&html, "</div>\n");
	write_table(&html, kind, records);
	list_pages(&html, request, last);
	return frame_end(&html, 200, reply, err);
}

enum error_code
portal_list_individuals(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	return list(cloud, ENROLLMENT_INDIVIDUAL, request, reply, err);
}

enum error_code
portal_list_groups(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	return list(cloud, ENROLLMENT_GROUP, request, reply, err);
}
