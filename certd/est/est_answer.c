/* SPDX-License-Identifier: MIT */
#include "est_answer.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SAID_MAX 240

#define PKCS7 "application/pkcs7-mime"
#define CSRATTRS "application/csrattrs"

struct said {
	char text[SAID_MAX];
};

/* The server's body on one line, without tags and control characters. */
static struct said
what_was_said(const struct https_response *response)
{
	struct said said = {""};
	size_t used = 0;
	bool is_tag = false;

	for (const char *c = response->body; *c && used < SAID_MAX - 1; c++) {
		bool is_space = !isgraph((unsigned char)*c);

		is_tag |= *c == '<';
		if (!is_tag &&
		    !(is_space && (used == 0 || said.text[used - 1] == ' ')))
			said.text[used++] = (char)(is_space ? ' ' : *c);
		is_tag &= *c != '>';
	}
	while (used > 0 && said.text[used - 1] == ' ')
		used--;
	said.text[used] = '\0';
	return said;
}

static bool
is_type(const char *content_type, const char *wanted)
{
	size_t length = strlen(wanted);

	return strncasecmp(content_type, wanted, length) == 0 &&
	       strchr("; ", content_type[length]);
}

static enum est_verdict
refuse(
    const struct https_response *response, const char *why, struct error *err)
{
	struct said said = what_was_said(response);

	(void)error_set(err, ERROR_UPSTREAM, "%s (HTTP status %ld)%s%s%s", why,
	    response->status, *said.text ? ": '" : "", said.text,
	    *said.text ? "'" : "");
	return EST_REFUSED;
}

static enum est_verdict
wait_for(const struct https_response *response, const char *why,
    int64_t *ret_wait_seconds, struct error *err)
{
	struct said said = what_was_said(response);

	*ret_wait_seconds = response->retry_after_seconds >= 0
				? response->retry_after_seconds
				: EST_RETRY_AFTER_SECONDS;
	(void)error_set(err, ERROR_UNAVAILABLE, "%s (HTTP status %ld)%s%s%s",
	    why, response->status, *said.text ? ": '" : "", said.text,
	    *said.text ? "'" : "");
	return EST_LATER;
}

static enum est_verdict
judge_200(const char *operation, const struct https_response *response,
    struct error *err)
{
	const char *wanted =
	    strcmp(operation, EST_CSRATTRS) == 0 ? CSRATTRS : PKCS7;

	if (is_type(response->content_type, wanted))
		return EST_DONE;
	(void)error_set(err, ERROR_UPSTREAM,
	    "the answer is '%s', not '%s'; is the URL that of an EST server?",
	    response->content_type, wanted);
	return EST_REFUSED;
}

static enum est_verdict
judge_redirect(const struct https_response *response, struct error *err)
{
	(void)error_set(err, ERROR_UPSTREAM,
	    "the server redirects to '%s' (HTTP status %ld), which is not "
	    "followed; put the right URL into the configuration",
	    response->location, response->status);
	return EST_REFUSED;
}

static bool
is_passing(long status)
{
	return status == 408 || status == 429 || status >= 500;
}

enum est_verdict
est_answer_judge(const char *operation, const struct https_response *response,
    int64_t *ret_wait_seconds, struct error *err)
{
	bool is_optional = strcmp(operation, EST_CSRATTRS) == 0;
	long status = response->status;

	if (status == 200)
		return judge_200(operation, response, err);
	if (status == 202)
		return wait_for(response, "the server has not decided yet",
		    ret_wait_seconds, err);
	if (is_optional && (status == 204 || status == 404 || status == 501))
		return EST_NOTHING;
	if (status == 501)
		return refuse(response, "the server does not do this", err);
	if (is_passing(status))
		return wait_for(response, "the server is in trouble",
		    ret_wait_seconds, err);
	if (status / 100 == 3)
		return judge_redirect(response, err);
	if (status == 401 || status == 403)
		return refuse(
		    response, "the server does not accept who we are", err);
	return refuse(response, "the server refuses the request", err);
}
