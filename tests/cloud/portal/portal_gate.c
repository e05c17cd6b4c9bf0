/* SPDX-License-Identifier: MIT */
/* Signing in and out, and what every page of the portal is guarded by. */
#include <string.h>

#include "access.h"
#include "common/file.h"
#include "common/time.h"
#include "portal.h"
#include "portal_frame.h"

/* The prefix has browsers insist on Secure, Path=/ and no Domain. */
#define COOKIE "__Host-signet-cloud"

/* The cookie's value, which ends at ret_length; NULL: it was not sent. */
static const char *
find_cookie(const struct request *request, size_t *ret_length)
{
	const char *at = request->headers.cookie;

	while (at) {
		at += strspn(at, "; ");
		if (strncmp(at, COOKIE "=", strlen(COOKIE) + 1) == 0) {
			at += strlen(COOKIE) + 1;
			*ret_length = strcspn(at, "; ");
			return at;
		}
		at = strchr(at, ';');
	}
	return NULL;
}

enum error_code
portal_admit(struct cloud *cloud, struct request *request, struct reply *reply,
    struct error *err)
{
	char id[2 * SESSION_SECRET_BYTES + 1] = "";
	size_t length = 0;
	const char *cookie = find_cookie(request, &length);

	if (cookie && length < sizeof(id)) {
		memcpy(id, cookie, length);
		request->session =
		    session_find(&cloud->sessions, id, time_monotonic_ms());
	}
	if (!request->session)
		return reply_see_other(reply, PORTAL "/sign-in", err);
	return ERROR_NONE;
}

/* A browser says whose page a POST comes from; others need not. */
static bool
is_same_origin(const struct request *request)
{
	const char *origin = request->headers.origin;
	const char *host = request->headers.host;
	size_t scheme = strlen("https://");

	if (!origin)
		return true;
	return host && strncmp(origin, "https://", scheme) == 0 &&
	       strcmp(origin + scheme, host) == 0;
}

bool
portal_refuse_foreign(const struct request *request, struct reply *reply)
{
	if (strcmp(request->method, "POST") != 0)
		return false;
	if (!is_same_origin(request)) {
		(void)refuse(reply, REFUSE_FORBIDDEN,
		    "The form comes from another site.");
		return true;
	}
	if (request->session && !session_has_form_token(request->session,
				    form_text(request->form, "form_token"))) {
		(void)refuse(reply, REFUSE_FORBIDDEN,
		    "The form is not of this session. Open its page again and "
		    "send it from there.");
		return true;
	}
	return false;
}

static const struct {
	const char *name;
	const char *value;
} headers[] = {
    {"Content-Security-Policy",
     "default-src 'none'; style-src 'self'; script-src 'self'; "
	"img-src 'self'; connect-src 'self'; form-action 'self'; "
	"base-uri 'none'; frame-ancestors 'none'" },
    {"Cache-Control",                "no-store"   },
    {"Cross-Origin-Opener-Policy",   "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Referrer-Policy",              "same-origin"},
    {"X-Content-Type-Options",       "nosniff"    },
};

void
portal_finish(const struct request *request, struct reply *reply)
{
	struct error err;

	if (*reply->reason && !reply->text) {
		reply->text = frame_refusal(request, reply);
		reply->text_type = PORTAL_PAGE_TYPE;
	}
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		if (reply_add_header(
			reply, headers[i].name, headers[i].value, &err)) {
			/* Nothing goes out without them. */
			refuse_error(reply, &err);
			return;
		}
}

/* ---- pages ---- */

enum error_code
portal_root(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	(void)cloud;
	(void)request;
	return reply_see_other(reply, PORTAL, err);
}

static enum error_code
reply_sign_in(const struct request *request, unsigned status,
    const char *problem, struct reply *reply, struct error *err)
{
	CLEANUP_DONE(html) struct html html = {0};

	frame_begin(&html, request, SECTION_NONE, "Sign in");
	html_print(&html, "<div class=\"card narrow\">\n");
	frame_form(&html, request, "sign-in");
	html_print(&html,
	    "<div class=\"field\"><label for=\"token\">"
	    "Administrator's token</label>\n"
	    "<input id=\"token\" name=\"token\" type=\"password\""
	    " autocomplete=\"current-password\" required autofocus"
	    " aria-describedby=\"token-hint\"");
	if (problem)
		html_print(&html,
		    " aria-invalid=\"true\" aria-errormessage=\"token-error\"");
	html_print(&html,
	    ">\n"
	    "<p class=\"hint\" id=\"token-hint\">"
	    "<code>signet-cloud serve</code> printed it when it started;"
	    " <code>admin_token</code> in <code>cloud.json</code> is the"
	    " same.</p>\n");
	if (problem)
		html_print(&html,
		    "<p class=\"error\" id=\"token-error\" role=\"alert\">"
		    "%s</p>\n",
		    problem);
	html_print(&html,
	    "</div>\n<p class=\"actions\"><button>Sign in</button></p>\n"
	    "</form>\n</div>\n");
	return frame_end(&html, status, reply, err);
}

enum error_code
portal_show_sign_in(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	(void)cloud;
	return reply_sign_in(request, 200, NULL, reply, err);
}

static enum error_code
set_cookie(
    struct reply *reply, const char *value, const char *more, struct error *err)
{
	CLEANUP(secret)
	char *header = string_format(COOKIE
	    "=%s; Path=/; Secure; HttpOnly; SameSite=Strict%s",
	    value, more);

	if (!header)
		return error_no_memory(err);
	return reply_add_header(reply, "Set-Cookie", header, err);
}

enum error_code
portal_sign_in(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	const char *token = form_text(request->form, "token");
	int64_t now = time_monotonic_ms();
	const struct session *session;
	bool is_admin;

	reply->retry_after_seconds = session_pause(&cloud->sessions, now);
	if (reply->retry_after_seconds)
		return reply_sign_in(request, 429,
		    "Too many wrong tokens. Wait half a minute.", reply, err);
	if (access_is_admin(cloud, token ? token : "", &is_admin, err))
		return err->code;
	session_note_token(&cloud->sessions, is_admin, now);
	if (!is_admin)
		return reply_sign_in(
		    request, 403, "That is not the token.", reply, err);
	if (session_open(&cloud->sessions, now, &session, err) ||
	    set_cookie(reply, session->id, "", err))
		return err->code;
	return reply_see_other(reply, PORTAL, err);
}

enum error_code
portal_sign_out(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	session_close(&cloud->sessions, request->session->id);
	if (set_cookie(reply, "", "; Max-Age=0", err))
		return err->code;
	return frame_done(reply, "sign-in", NULL, "signed-out", err);
}
