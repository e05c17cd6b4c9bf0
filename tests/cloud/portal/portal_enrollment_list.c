/* SPDX-License-Identifier: MIT */
/* Lists of individual enrollments and of groups. */
#include <string.h>

#include "enrollment_store.h"
#include "portal.h"
#include "portal_enrollments.h"
#include "portal_field.h"
#include "portal_frame.h"

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

static void
write_row(struct html *html, enum enrollment_kind kind, const json_t *record)
{
	const char *id = member_text(record, enrollment_words[kind].id_member);
	const char *device = member_text(record, "deviceId");

	html_print(html, "<tr><th scope=\"row\"><a href=\"" PORTAL "/%s/",
	    enrollment_words[kind].folder);
	html_url(html, id);
	html_print(html, "\">%s</a></th><td data-label=\"Attestation\">%s</td>",
	    id, attestation_label(record));
	if (kind == ENROLLMENT_INDIVIDUAL)
		html_print(html, "<td data-label=\"Device id\">%s</td>",
		    *device ? device : id);
	html_print(html,
	    "<td data-label=\"Allocation\">%s</td><td data-label=\"Status\">",
	    member_text(record, "allocationPolicy"));
	part_badge(html, member_text(record, "provisioningStatus"));
	html_print(html, "</td><td data-label=\"Changed (UTC)\">");
	part_time(html, member_text(record, "lastUpdatedDateTimeUtc"));
	html_print(html, "</td></tr>\n");
}

static void
write_table(struct html *html, enum enrollment_kind kind, const json_t *records)
{
	if (json_array_size(records) == 0) {
		html_print(html,
		    "<p class=\"empty\">There are no %s here.</p>\n",
		    enrollment_words[kind].many);
		return;
	}
	html_print(html,
	    "<table>\n<thead><tr><th scope=\"col\">%s</th>"
	    "<th scope=\"col\">Attestation</th>",
	    kind == ENROLLMENT_GROUP ? "Group" : "Registration id");
	if (kind == ENROLLMENT_INDIVIDUAL)
		html_print(html, "<th scope=\"col\">Device id</th>");
	html_print(html,
	    "<th scope=\"col\">Allocation</th><th scope=\"col\">Status</th>"
	    "<th scope=\"col\">Changed (UTC)</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < json_array_size(records); i++)
		write_row(html, kind, json_array_get(records, i));
	html_print(html, "</tbody>\n</table>\n");
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
