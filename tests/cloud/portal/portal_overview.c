/* SPDX-License-Identifier: MIT */
/* The first page, and files. */
#include <string.h>

#include "ca_store.h"
#include "common/file.h"
#include "portal.h"
#include "portal_assets.h"
#include "portal_frame.h"
#include "registration_store.h"
#include "settings.h"

static const char *
type_of(const char *name)
{
	const char *extension = strrchr(name, '.');

	if (extension && strcmp(extension, ".css") == 0)
		return "text/css; charset=utf-8";
	if (extension && strcmp(extension, ".js") == 0)
		return "text/javascript; charset=utf-8";
	return "image/svg+xml";
}

enum error_code
portal_asset(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	(void)cloud;
	for (size_t i = 0; i < portal_asset_count; i++)
		if (strcmp(portal_assets[i].name, request->params[0]) == 0)
			return reply_text_of(reply, 200,
			    type_of(portal_assets[i].name),
			    strdup(portal_assets[i].text), err);
	return refuse(reply, REFUSE_ROUTE, "There is no such file.");
}

enum error_code
portal_ca(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	char *pem;

	(void)request;
	if (setting_get(cloud->database, SETTING_CA_CERTIFICATE, &pem, err))
		return err->code;
	return reply_text_of(reply, 200, "application/x-pem-file", pem, err);
}

/* ---- the overview ---- */

/* What there is, how much, and where. */
static const struct {
	const char *name;
	const char *path;
	const char *count; /* SQL */
} counts[] = {
    {"individual enrollments", "individuals",
     "SELECT count(*) FROM enrollment WHERE kind = 'individual'"                     },
    {"enrollment groups",      "groups",
     "SELECT count(*) FROM enrollment WHERE kind = 'group'"                          },
    {"CA certificates",        "certificates",  "SELECT count(*) FROM ca_certificate"},
    {"registrations",          "registrations", "SELECT count(*) FROM registration"  },
    {"devices in the hub",     "devices",       "SELECT count(*) FROM device"        },
};

static enum error_code
write_counts(struct html *html, struct database *database, struct error *err)
{
	html_print(html, "<ul class=\"counts\">\n");
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		CLEANUP(statement) struct statement *statement = NULL;

		if (database_query(database, counts[i].count, SQL_NO_VALUES,
			&statement, err) ||
		    statement_only_row(statement, err))
			return err->code;
		html_print(html,
		    "<li><a href=\"" PORTAL "/%s\"><strong>%s</strong> %s</a>"
		    "</li>\n",
		    counts[i].path, statement_text(statement, 0),
		    counts[i].name);
	}
	html_print(html, "</ul>\n");
	return ERROR_NONE;
}

/* What a device needs to come here. */
static enum error_code
write_configuration(struct html *html, const struct cloud *cloud,
    const struct request *request, struct error *err)
{
	CLEANUP(string)
	char *url = string_format("https://%s", request->headers.host);

	if (!url)
		return error_no_memory(err);
	html_print(html, "<section class=\"card\">\n<h2>For devices</h2>\n");
	part_copy(html, "scope", "ID scope", cloud->id_scope);
	part_copy(html, "endpoint", "Global endpoint", url);
	html_print(html, "<h3>Hubs</h3>\n<ul>\n");
	for (size_t i = 0; i < cloud->options.hub_count; i++)
		html_print(html, "<li><code>%s</code></li>\n",
		    cloud->options.hubs[i].name);
	html_print(html, "</ul>\n"
			 "<p>They must trust <a href=\"" PORTAL "/ca.pem\""
			 " download=\"ca.pem\">this CA certificate</a>.</p>\n"
			 "</section>\n");
	return ERROR_NONE;
}

static void
write_steps(struct html *html)
{
	html_print(html,
	    "<section class=\"card\">\n<h2>From here to a device that is"
	    " assigned</h2>\n"
	    "<ol>\n"
	    "<li><a href=\"" PORTAL "/new/individual\">Enroll one device</a>"
	    " by its own certificate, key or TPM, or <a href=\"" PORTAL
	    "/new/group\">enroll a group</a> by the CA that signs its"
	    " devices.</li>\n"
	    "<li>A group can name a CA that is <a href=\"" PORTAL
	    "/certificates\">kept here and verified</a> by proof of"
	    " possession.</li>\n"
	    "<li>Give the device the ID scope and the endpoint, and start"
	    " it.</li>\n"
	    "<li>See it <a href=\"" PORTAL "/registrations\">assigned</a>, and"
	    " its <a href=\"" PORTAL "/devices\">twin and messages</a> in the"
	    " hub.</li>\n"
	    "</ol>\n</section>\n");
}

enum error_code
portal_overview(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(html) struct html html = {0};

	if (!request->headers.host)
		return error_set(
		    err, ERROR_INVALID, "A Host header is needed.");
	frame_begin(&html, request, SECTION_OVERVIEW, "Overview");
	if (write_counts(&html, cloud->database, err))
		return err->code;
	html_print(&html, "<div class=\"columns\">\n");
	write_steps(&html);
	if (write_configuration(&html, cloud, request, err))
		return err->code;
	html_print(&html, "</div>\n");
	return frame_end(&html, 200, reply, err);
}
