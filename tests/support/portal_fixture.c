/* SPDX-License-Identifier: MIT */
#include "portal_fixture.h"

#include <string.h>

#include "cmocka_wrap.h"

#include "common/file.h"
#include "common/time.h"

#define BOUNDARY "x-fixture-boundary"

struct visitor
visitor_create(struct cloud *cloud)
{
	struct visitor visitor = {.cloud = cloud};
	struct error err;

	assert_int_equal(session_open(&cloud->sessions, time_monotonic_ms(),
			     &visitor.session, &err),
	    ERROR_NONE);
	return visitor;
}

char *
visitor_cookie(const struct visitor *visitor)
{
	char *cookie = string_format(
	    "a=b; __Host-signet-cloud=%s; c=d", visitor->session->id);

	assert_non_null(cookie);
	return cookie;
}

struct reply
visitor_get(const struct visitor *visitor, const char *target)
{
	CLEANUP(string) char *cookie = visitor_cookie(visitor);
	struct request request = {
	    .method = "GET",
	    .target_text = target,
	    .headers = {.host = FIXTURE_HOST, .cookie = cookie}
        };
	struct reply reply = {0};

	dispatch(visitor->cloud, &request, &reply);
	return reply;
}

/* Appends a part to *body. */
static void
add_part(char **body, const struct sent_field *field)
{
	char *longer = string_format("%s--" BOUNDARY "\r\n"
				     "Content-Disposition: form-data; "
				     "name=\"%s\"%s%s%s\r\n\r\n%s\r\n",
	    *body, field->name, field->file_name ? "; filename=\"" : "",
	    field->file_name ? field->file_name : "",
	    field->file_name ? "\"" : "", field->value);

	assert_non_null(longer);
	free(*body);
	*body = longer;
}

struct reply
portal_post(
    struct cloud *cloud, const char *target, const struct sent_form *form)
{
	CLEANUP(string) char *body = strdup("");
	CLEANUP(string) char *whole = NULL;
	struct request request = {
	    .method = "POST",
	    .target_text = target,
	    .headers = {.host = FIXTURE_HOST,
			.cookie = form->cookie,
			.origin = form->origin,
			.content_type = "multipart/form-data; boundary=" BOUNDARY}
        };
	struct reply reply = {0};

	for (const struct sent_field *field = form->fields; field->name;
	     field++)
		add_part(&body, field);
	whole = string_format("%s--" BOUNDARY "--\r\n", body);
	assert_non_null(whole);
	request.body = whole;
	request.body_length = strlen(whole);
	dispatch(cloud, &request, &reply);
	return reply;
}

struct reply
visitor_post(const struct visitor *visitor, const char *target,
    const struct sent_field *fields)
{
	struct sent_field all[FORM_FIELDS_MAX + 1] = {
	    {.name = "form_token", .value = visitor->session->form_token}
        };
	CLEANUP(string) char *cookie = visitor_cookie(visitor);

	for (size_t i = 1; fields->name && i < FORM_FIELDS_MAX; i++)
		all[i] = *fields++;
	return portal_post(visitor->cloud, target,
	    &(struct sent_form){.cookie = cookie,
		.origin = "https://" FIXTURE_HOST,
		.fields = all});
}
