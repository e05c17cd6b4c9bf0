/* SPDX-License-Identifier: MIT */
#include "portal_frame.h"

#include <string.h>

#include "common/file.h"
#include "etag.h"
#include "portal.h"

/* What "done" in the query makes a page say. */
static const struct {
	const char *done;
	const char *notice;
} notices[] = {
    {"added",      "Added."			   },
    {"saved",      "Saved."			   },
    {"deleted",    "Deleted."                         },
    {"code",       "A new verification code was made."},
    {"verified",   "The certificate is verified."     },
    {"forgotten",  "The registration is forgotten."   },
    {"signed-out", "You are signed out."              },
};

static const struct {
	enum portal_section section;
	const char *path;
	const char *name;
} sections[] = {
    {SECTION_OVERVIEW,      "",               "Overview"     },
    {SECTION_ENROLLMENTS,   "/individuals",   "Enrollments"  },
    {SECTION_CERTIFICATES,  "/certificates",  "Certificates" },
    {SECTION_REGISTRATIONS, "/registrations", "Registrations"},
    {SECTION_DEVICES,       "/devices",       "Devices"      },
};

static void
write_head(struct html *html, const char *title)
{
	html_print(html,
	    "<!DOCTYPE html>\n"
	    "<html lang=\"en\">\n"
	    "<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\""
	    " content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<title>%s - signet-cloud</title>\n"
	    "<link rel=\"icon\" href=\"" PORTAL "/assets/icon.svg\">\n"
	    "<link rel=\"stylesheet\" href=\"" PORTAL "/assets/portal.css\">\n"
	    "<script src=\"" PORTAL "/assets/portal.js\" defer></script>\n"
	    "</head>\n"
	    "<body>\n"
	    "<a class=\"skip\" href=\"#content\">Skip to content</a>\n",
	    title);
}

static void
write_navigation(struct html *html, const struct request *request,
    enum portal_section current)
{
	html_print(html, "<nav aria-label=\"Portal\">\n<ul>\n");
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		html_print(
		    html, "<li><a href=\"" PORTAL "%s\"", sections[i].path);
		if (sections[i].section == current)
			html_print(html, " aria-current=\"page\"");
		html_print(html, ">%s</a></li>\n", sections[i].name);
	}
	html_print(html, "</ul>\n");
	frame_form(html, request, "sign-out");
	html_print(
	    html, "<button class=\"quiet\">Sign out</button></form>\n</nav>\n");
}

static void
write_notice(struct html *html, const struct request *request)
{
	const char *done =
	    request->target ? target_query(request->target, "done") : NULL;

	for (size_t i = 0; done && i < sizeof(notices) / sizeof(notices[0]);
	     i++)
		if (strcmp(notices[i].done, done) == 0)
			html_print(html,
			    "<p class=\"notice\" role=\"status\">%s</p>\n",
			    notices[i].notice);
}

void
frame_begin(struct html *html, const struct request *request,
    enum portal_section section, const char *title)
{
	write_head(html, title);
	html_print(html,
	    "<header><a class=\"brand\" href=\"" PORTAL "\">"
	    "<img src=\"" PORTAL "/assets/icon.svg\" alt=\"\" width=\"28\""
	    " height=\"28\">signet-cloud</a>\n");
	if (request->session)
		write_navigation(html, request, section);
	html_print(html, "</header>\n<main id=\"content\" tabindex=\"-1\">\n");
	write_notice(html, request);
	html_print(html, "<h1>%s</h1>\n", title);
}

static void
write_end(struct html *html)
{
	html_print(html,
	    "</main>\n"
	    "<footer>signet-cloud stands in for Azure in tests; it serves"
	    " this machine only.</footer>\n"
	    "</body>\n"
	    "</html>\n");
}

enum error_code
frame_end(
    struct html *html, unsigned status, struct reply *reply, struct error *err)
{
	write_end(html);
	return reply_text_of(
	    reply, status, PORTAL_PAGE_TYPE, html_take(html), err);
}

char *
frame_refusal(const struct request *request, const struct reply *reply)
{
	struct html html = {0};

	frame_begin(&html, request, SECTION_NONE,
	    reply->status == 404   ? "Not found"
	    : reply->status == 403 ? "Refused"
				   : "That did not work");
	html_print(&html,
	    "<p>%s</p>\n"
	    "<p><a class=\"button\" href=\"" PORTAL
	    "\">Back to the overview</a></p>\n",
	    reply->reason);
	write_end(&html);
	return html_take(&html);
}

void
frame_form(struct html *html, const struct request *request, const char *action)
{
	html_print(
	    html, "<form method=\"post\" enctype=\"multipart/form-data\"");
	if (action)
		html_print(html, " action=\"" PORTAL "/%s\"", action);
	html_print(html, ">");
	if (request->session)
		html_print(html,
		    "<input type=\"hidden\" name=\"form_token\" value=\"%s\">",
		    request->session->form_token);
	html_print(html, "\n");
}

enum error_code
frame_ask(const struct request *request, const struct frame_question *question,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(html) struct html html = {0};
	CLEANUP(string)
	char *title = string_format("Delete '%s'?", question->id);

	if (!title)
		return error_no_memory(err);
	frame_begin(&html, request, question->section, title);
	html_print(&html, "<p>%s</p>\n", question->consequence);
	frame_form(&html, request, NULL);
	html_print(&html,
	    "<input type=\"hidden\" name=\"etag\" value=\"%s\">\n"
	    "<p class=\"actions\"><button class=\"danger\">Delete</button>"
	    " <a class=\"button quiet\" href=\".\">Cancel</a></p>\n</form>\n",
	    question->etag);
	return frame_end(&html, 200, reply, err);
}

bool
frame_is_fresh(
    const struct request *request, const char *etag, struct reply *reply)
{
	const char *seen = form_text(request->form, "etag");

	if (seen && etag_matches(seen, etag))
		return true;
	(void)refuse(reply, REFUSE_PRECONDITION,
	    "Somebody else has changed it since the page was opened. Open the "
	    "page again.");
	return false;
}

enum error_code
frame_done(struct reply *reply, const char *folder, const char *id,
    const char *done, struct error *err)
{
	struct html url = {0};
	CLEANUP(string) char *text = NULL;

	html_print(&url, PORTAL "/%s", folder);
	if (id) {
		html_print(&url, "/");
		html_url(&url, id);
	}
	html_print(&url, "?done=%s", done);
	text = html_take(&url);
	return text ? reply_see_other(reply, text, err) : error_no_memory(err);
}

/* ---- lists ---- */

/* A field of the query that is not empty, or NULL. */
static const char *
wanted(const struct request *request, const char *name)
{
	const char *text = target_query(request->target, name);

	return text && *text ? text : NULL;
}

struct listing
list_wanted(const struct request *request)
{
	return (struct listing){.containing = wanted(request, "q"),
	    .after = wanted(request, "after"),
	    .limit = LIST_ROWS + 1};
}

void
list_search(struct html *html, const struct request *request, const char *what)
{
	html_print(html,
	    "<form class=\"search\" role=\"search\" method=\"get\">\n"
	    "<label for=\"q\" class=\"unseen\">Find %s</label>\n"
	    "<input id=\"q\" name=\"q\" type=\"search\" value=\"%s\""
	    " placeholder=\"Find %s by id\" autocomplete=\"off\">\n"
	    "<button class=\"quiet\">Find</button>\n"
	    "</form>\n",
	    what, wanted(request, "q"), what);
}

void
list_pages(struct html *html, const struct request *request, const char *last)
{
	const char *query = wanted(request, "q");
	bool is_first = !wanted(request, "after");

	if (is_first && !last)
		return;
	html_print(html, "<p class=\"pages\">");
	if (!is_first) {
		html_print(html, "<a class=\"button quiet\" href=\"?q=");
		html_url(html, query ? query : "");
		html_print(html, "\">First page</a> ");
	}
	if (last) {
		html_print(
		    html, "<a class=\"button quiet\" rel=\"next\" href=\"?q=");
		html_url(html, query ? query : "");
		html_print(html, "&amp;after=");
		html_url(html, last);
		html_print(html, "\">Next page</a>");
	}
	html_print(html, "</p>\n");
}

const char *
list_cut(json_t *items, const char *id_member)
{
	if (json_array_size(items) <= LIST_ROWS)
		return NULL;
	(void)json_array_remove(items, LIST_ROWS);
	return json_string_value(
	    json_object_get(json_array_get(items, LIST_ROWS - 1), id_member));
}

/* ---- small parts ---- */

void
part_time(struct html *html, const char *utc)
{
	char date[] = "2026-01-01";
	char time[] = "00:00:00";

	if (!utc || strlen(utc) < sizeof(date) + sizeof(time) - 1) {
		html_print(html, "-");
		return;
	}
	memcpy(date, utc, sizeof(date) - 1);
	memcpy(time, utc + sizeof(date), sizeof(time) - 1);
	html_print(html, "<time datetime=\"%s\">%s %s</time>", utc, date, time);
}

void
part_badge(struct html *html, const char *word)
{
	static const char *const good[] = {
	    "enabled", "assigned", "verified", NULL};
	static const char *const bad[] = {"failed", "disabled", NULL};
	const char *tone = "";

	for (size_t i = 0; good[i]; i++)
		if (strcmp(good[i], word) == 0)
			tone = "good";
	for (size_t i = 0; bad[i]; i++)
		if (strcmp(bad[i], word) == 0)
			tone = "bad";
	html_print(html, "<span class=\"badge %s\">%s</span>", tone, word);
}

void
part_copy(
    struct html *html, const char *id, const char *label, const char *text)
{
	html_print(html,
	    "<div class=\"field\"><label for=\"%s\">%s</label>"
	    "<div class=\"copy\"><input id=\"%s\" value=\"%s\" readonly>"
	    "<button type=\"button\" class=\"quiet\" data-copy=\"%s\" hidden>"
	    "Copy</button></div></div>\n",
	    id, label, id, text, id);
}

void
part_fact(struct html *html, const char *label, const char *value)
{
	if (value)
		html_print(
		    html, "<div><dt>%s</dt><dd>%s</dd></div>\n", label, value);
}

void
part_fact_time(struct html *html, const char *label, const char *utc)
{
	html_print(html, "<div><dt>%s</dt><dd>", label);
	part_time(html, utc);
	html_print(html, " UTC</dd></div>\n");
}

char *
json_pretty(const json_t *value)
{
	return json_dumps(value, JSON_INDENT(2) | JSON_ENCODE_ANY);
}

void
part_json(struct html *html, const char *label, const json_t *value)
{
	CLEANUP(string) char *text = value ? json_pretty(value) : NULL;

	if (text)
		html_print(html,
		    "<pre tabindex=\"0\" role=\"region\" aria-label=\"%s\">"
		    "%s</pre>\n",
		    label, text);
}
