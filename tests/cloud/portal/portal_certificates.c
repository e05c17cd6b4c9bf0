/* SPDX-License-Identifier: MIT */
/* Pages of the CA certificates, and their proof of possession. */
#include <string.h>

#include "ca_certificates.h"
#include "certificate_info.h"
#include "common/file.h"
#include "portal.h"
#include "portal_field.h"
#include "portal_frame.h"
#include "portal_table.h"

#define FOLDER "certificates"
#define FILES ".pem,.cer,.crt,.der"

static const char *
status_of(const struct ca_certificate *ca)
{
	return ca->is_verified ? "verified" : "unverified";
}

/* ---- the list ---- */

static void
write_row(struct table *table, const json_t *ca)
{
	table_text(table, member_text(ca, "subjectName"));
	table_cell(table);
	part_badge(table->html, member_text(ca, "status"));
	table_cell_end(table);
	table_cell(table);
	part_time(table->html, member_text(ca, "notAfterUtc"));
	table_cell_end(table);
}

static void
write_table(struct html *html, const json_t *cas)
{
	static const char *const columns[] = {
	    "Name", "Subject", "Status", "Valid until (UTC)", NULL};

	table_write(&(struct table){.html = html,
			.folder = FOLDER,
			.id_member = "name",
			.columns = columns,
			.none = "There are none yet.",
			.write_row = write_row},
	    cas);
}

/* Appends what the table says of ca to the array context. */
static enum error_code
append(void *context, const struct ca_certificate *ca, struct error *err)
{
	json_t *info;

	if (certificate_info(ca->certificate, &info, err))
		return err->code;
	if (json_object_set_new(info, "name", json_string(ca->name.text)) ||
	    json_object_set_new(info, "status", json_string(status_of(ca))) ||
	    json_array_append(context, info)) {
		json_decref(info);
		return error_no_memory(err);
	}
	json_decref(info);
	return ERROR_NONE;
}

static void
write_upload(struct html *html, const struct request *request,
    const json_t *values, const struct problem *problem)
{
	const struct form_view view = {
	    .html = html, .values = values, .problem = problem};

	html_print(html, "<section class=\"card narrow\">\n<h2>Add one</h2>\n");
	view_problem(&view);
	frame_form(html, request, FOLDER);
	view_text(&view, &(struct field){.name = "name",
			     .label = "Name",
			     .is_required = true,
			     .hint = "Enrollments name the CA by it."});
	view_file(
	    &view, &(struct field){.name = "certificate",
		       .label = "Certificate",
		       .is_required = true,
		       .accept = FILES,
		       .hint = "Of a root or intermediate CA, PEM or DER."});
	html_print(html,
	    "<p class=\"actions\"><button>Add</button></p>\n</form>\n"
	    "</section>\n");
}

static enum error_code
reply_list(struct cloud *cloud, const struct request *request,
    const json_t *values, const struct problem *problem, struct reply *reply,
    struct error *err)
{
	CLEANUP_DONE(html) struct html html = {0};
	CLEANUP(json) json_t *cas = json_array();

	if (ca_store_visit(cloud->database, append, cas, err))
		return err->code;
	frame_begin(&html, request, SECTION_CERTIFICATES, "CA certificates");
	html_print(&html,
	    "<p>Enrollments can name a CA certificate that is kept here, once"
	    " it is verified by proof of possession.</p>\n");
	write_table(&html, cas);
	write_upload(&html, request, values, problem);
	return frame_end(&html, problem ? problem->status : 200, reply, err);
}

enum error_code
portal_list_certificates(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	return reply_list(cloud, request, NULL, NULL, reply, err);
}

/* Reads the certificate in the file field name. */
static enum error_code
read_file(const struct request *request, const char *name,
    X509 **ret_certificate, struct error *err)
{
	const struct form_field *file = form_file(request->form, name);
	CLEANUP(string) char *text = NULL;

	if (!file)
		return error_set(err, ERROR_INVALID, "choose a file");
	text = certificate_text(file->data, file->length);
	if (!text)
		return error_no_memory(err);
	return certificate_from_text(text, ret_certificate, err);
}

/* Reads what was sent; problem says what is wrong with it. */
static void
read_upload(const struct request *request, struct ca_certificate *ca,
    struct problem *problem)
{
	const char *name = form_text(request->form, "name");
	struct error err;

	if (id_parse(name ? name : "", &ca->name, &err))
		problem_set(problem, 400, "name", "%s", err.message);
	else if (read_file(request, "certificate", &ca->certificate, &err) ||
		 ca_check(ca->certificate, &err))
		problem_set(problem, 400, "certificate", "%s", err.message);
}

enum error_code
portal_add_certificate(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(ca_certificate) struct ca_certificate ca = {0};
	CLEANUP_DONE(ca_certificate) struct ca_certificate other = {0};
	CLEANUP(json) json_t *values = values_of_form(request->form);
	struct problem problem = {0};
	struct error missing;

	read_upload(request, &ca, &problem);
	if (!problem.status &&
	    !ca_store_get(cloud->database, &ca.name, &other, &missing))
		problem_set(&problem, 409, "name",
		    "There is a CA certificate '%s' already", ca.name.text);
	if (problem.status)
		return reply_list(cloud, request, values, &problem, reply, err);
	if (ca_store_put(cloud->database, &ca, err))
		return err->code;
	return frame_done(reply, FOLDER, ca.name.text, "added", err);
}

/* ---- one of them ---- */

/* A form with one button, or with what the caller writes before it. */
static void
begin_step(struct html *html, const struct request *request,
    const struct ca_certificate *ca, const char *step)
{
	CLEANUP(string)
	char *action = string_format(FOLDER "/%s/%s", ca->name.text, step);

	frame_form(html, request, action);
	html_print(html, "<input type=\"hidden\" name=\"etag\" value=\"%s\">\n",
	    ca->etag.text);
}

static void
write_proof(struct html *html, const struct request *request,
    const struct ca_certificate *ca, const struct problem *problem)
{
	const struct form_view view = {.html = html, .problem = problem};

	html_print(html,
	    "<section class=\"card\">\n<h2>Proof of possession</h2>\n<ol>\n"
	    "<li>");
	begin_step(html, request, ca, "code");
	html_print(html,
	    "<p class=\"actions\"><button class=\"%s\">"
	    "Generate verification code</button></p></form>\n",
	    *ca->code ? "quiet" : "");
	if (*ca->code)
		part_copy(html, "code", "Verification code", ca->code);
	html_print(html,
	    "</li>\n<li>Sign, with the CA's key, a certificate whose common"
	    " name is the code:"
	    " <code>signetctl testpki verification CODE</code>.</li>\n<li>");
	begin_step(html, request, ca, "verify");
	view_problem(&view);
	view_file(&view, &(struct field){.name = "proof",
			     .label = "Verification certificate",
			     .is_required = true,
			     .accept = FILES,
			     .hint = "The one that you signed, PEM or DER."});
	html_print(html, "<p class=\"actions\"><button>Verify</button></p>"
			 "</form></li>\n</ol>\n</section>\n");
}

static enum error_code
reply_one(const struct request *request, const struct ca_certificate *ca,
    const struct problem *problem, struct reply *reply, struct error *err)
{
	CLEANUP_DONE(html) struct html html = {0};
	CLEANUP(json) json_t *info = NULL;

	if (certificate_info(ca->certificate, &info, err))
		return err->code;
	frame_begin(&html, request, SECTION_CERTIFICATES, ca->name.text);
	html_print(&html, "<p class=\"kind\">CA certificate ");
	part_badge(&html, status_of(ca));
	html_print(&html,
	    "</p>\n<div class=\"columns\">\n"
	    "<section class=\"card\">\n<h2>Certificate</h2>\n<dl>\n");
	part_fact(&html, "Subject", member_text(info, "subjectName"));
	part_fact(&html, "Issuer", member_text(info, "issuerName"));
	part_fact_time(&html, "Valid until", member_text(info, "notAfterUtc"));
	part_fact(&html, "SHA-1", member_text(info, "sha1Thumbprint"));
	part_fact_time(&html, "Added", ca->created.text);
	html_print(&html, "</dl>\n</section>\n");
	if (!ca->is_verified)
		write_proof(&html, request, ca, problem);
	html_print(&html,
	    "</div>\n<p class=\"apart\"><a class=\"button danger\""
	    " href=\"" PORTAL "/" FOLDER "/");
	html_url(&html, ca->name.text);
	html_print(&html, "/delete\">Delete this certificate</a></p>\n");
	return frame_end(&html, problem ? problem->status : 200, reply, err);
}

enum error_code
portal_show_certificate(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(ca_certificate) struct ca_certificate ca = {0};

	if (ca_find(cloud, request, reply, &ca, err))
		return err->code;
	return reply->status ? ERROR_NONE
			     : reply_one(request, &ca, NULL, reply, err);
}

enum error_code
portal_make_code(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(ca_certificate) struct ca_certificate ca = {0};

	if (ca_find(cloud, request, reply, &ca, err))
		return err->code;
	if (reply->status || !frame_is_fresh(request, ca.etag.text, reply))
		return ERROR_NONE;
	if (ca_new_code(cloud->database, &ca, err))
		return err->code;
	return frame_done(reply, FOLDER, ca.name.text, "code", err);
}

enum error_code
portal_verify_certificate(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(ca_certificate) struct ca_certificate ca = {0};
	CLEANUP(x509) X509 *proof = NULL;
	struct problem problem = {0};
	struct error refused;

	if (ca_find(cloud, request, reply, &ca, err))
		return err->code;
	if (reply->status || !frame_is_fresh(request, ca.etag.text, reply))
		return ERROR_NONE;
	if (read_file(request, "proof", &proof, &refused) ||
	    ca_verify(cloud->database, &ca, proof, &refused)) {
		problem_set(&problem, 400, "proof", "%s", refused.message);
		return reply_one(request, &ca, &problem, reply, err);
	}
	return frame_done(reply, FOLDER, ca.name.text, "verified", err);
}

/* ---- deleting ---- */

enum error_code
portal_ask_certificate(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(ca_certificate) struct ca_certificate ca = {0};

	if (ca_find(cloud, request, reply, &ca, err))
		return err->code;
	if (!reply->status && ca_refuse_if_used(cloud, &ca.name, reply, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	return frame_ask(request,
	    &(struct frame_question){.section = SECTION_CERTIFICATES,
		.id = ca.name.text,
		.etag = ca.etag.text,
		.consequence = "Enrollments can no longer name it. To have it "
			       "again it must be verified again."},
	    reply, err);
}

enum error_code
portal_delete_certificate(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(ca_certificate) struct ca_certificate ca = {0};

	if (ca_find(cloud, request, reply, &ca, err))
		return err->code;
	if (!reply->status && ca_refuse_if_used(cloud, &ca.name, reply, err))
		return err->code;
	if (reply->status || !frame_is_fresh(request, ca.etag.text, reply))
		return ERROR_NONE;
	if (ca_store_delete(cloud->database, &ca.name, err))
		return err->code;
	return frame_done(reply, FOLDER, NULL, "deleted", err);
}
