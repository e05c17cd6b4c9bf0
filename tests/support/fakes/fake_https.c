/* SPDX-License-Identifier: MIT */
#include "fake_https.h"

#include <stdio.h>
#include <string.h>

#include "cmocka_wrap.h"

#include "common/https_client.h"
#include "common/time.h"

#define BASIC "authorization: Basic "
#define SIGNATURE "Authorization: SharedAccessSignature "

static struct {
	const struct fake_answer *answers;
	unsigned answer_count;
	unsigned requests;
	struct fake_request request[FAKE_EXCHANGES_MAX];
	unsigned waits;
	unsigned give_up_after;
	int64_t waited[FAKE_EXCHANGES_MAX];
	int64_t now_ms;
} fake;

void
fake_https_script(const struct fake_answer *answers, unsigned count)
{
	memset(&fake, 0, sizeof(fake));
	fake.answers = answers;
	fake.answer_count = count;
}

unsigned
fake_https_count(void)
{
	return fake.requests;
}

const struct fake_request *
fake_https_request(unsigned index)
{
	assert_true(index < fake.requests);
	return &fake.request[index];
}

/* Nothing is behind it: it is only told from others. */
struct https_connection {
	char unused;
};

enum error_code
https_connection_create(
    struct https_connection **ret_connection, struct error *err)
{
	(void)err;
	*ret_connection = calloc(1, sizeof(**ret_connection));
	assert_non_null(*ret_connection);
	return ERROR_NONE;
}

void
https_connection_free(struct https_connection *connection)
{
	free(connection);
}

void
https_response_done(struct https_response *response)
{
	free(response->body);
	*response = (struct https_response){0};
}

/* Keeps what follows prefix, if text begins with that. */
static void
keep(const char *text, const char *prefix, char *to, size_t size)
{
	if (strncmp(text, prefix, strlen(prefix)) == 0)
		(void)snprintf(to, size, "%s", text + strlen(prefix));
}

static void
remember(const struct https_request *request)
{
	struct fake_request *kept = &fake.request[fake.requests];

	assert_true(fake.requests < FAKE_EXCHANGES_MAX);
	fake.requests++;
	(void)snprintf(
	    kept->method, sizeof(kept->method), "%s", request->method);
	(void)snprintf(kept->url, sizeof(kept->url), "%s", request->url);
	if (request->ca_file)
		(void)snprintf(kept->ca_file, sizeof(kept->ca_file), "%s",
		    request->ca_file);
	kept->connection = request->connection;
	kept->any_peer = request->any_peer;
	kept->has_key = request->key != NULL;
	for (size_t i = 0; i < HTTPS_HEADERS_MAX && request->headers[i]; i++) {
		kept->only_if_there |=
		    strcmp(request->headers[i], "If-Match: *") == 0;
		keep(request->headers[i], BASIC, kept->basic,
		    sizeof(kept->basic));
		keep(request->headers[i], SIGNATURE, kept->signature,
		    sizeof(kept->signature));
	}
	if (request->ca_pem)
		(void)snprintf(
		    kept->ca_pem, sizeof(kept->ca_pem), "%s", request->ca_pem);
	if (request->body)
		(void)snprintf(kept->body, sizeof(kept->body), "%.*s",
		    (int)request->body_length, (const char *)request->body);
}

enum error_code
https_send(const struct https_request *request,
    struct https_response *ret_response, struct error *err)
{
	unsigned index = fake.requests < fake.answer_count
			     ? fake.requests
			     : fake.answer_count - 1;
	const struct fake_answer *answer = &fake.answers[index];

	remember(request);
	if (answer->failure)
		return error_set(err, answer->failure, "fake failure");
	*ret_response = (struct https_response){
	    .status = answer->status,
	    .body = strdup(answer->body ? answer->body : ""),
	    .body_length = answer->body ? strlen(answer->body) : 0,
	    .retry_after_seconds =
		answer->retry_after ? answer->retry_after : -1,
	    .date = answer->date,
	};
	(void)snprintf(ret_response->content_type,
	    sizeof(ret_response->content_type), "%s",
	    answer->content_type ? answer->content_type : "");
	assert_non_null(ret_response->body);
	return ERROR_NONE;
}

bool
fake_wait(void *context, int64_t milliseconds, const struct error *why)
{
	(void)context;
	(void)why;
	assert_true(fake.waits < FAKE_EXCHANGES_MAX);
	fake.waited[fake.waits++] = milliseconds;
	fake.now_ms += milliseconds;
	return fake.give_up_after == 0 || fake.waits < fake.give_up_after;
}

unsigned
fake_wait_count(void)
{
	return fake.waits;
}

int64_t
fake_waited(unsigned index)
{
	assert_true(index < fake.waits);
	return fake.waited[index];
}

void
fake_give_up_after(unsigned waits)
{
	fake.give_up_after = waits;
}

/* Takes the place of time_monotonic_ms(); the linker (--wrap) names it so. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
int64_t __wrap_time_monotonic_ms(void);

int64_t
__wrap_time_monotonic_ms(void)
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
{
	return fake.now_ms;
}
