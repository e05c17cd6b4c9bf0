/* SPDX-License-Identifier: MIT */
/*
 * Sends signet-cloud a request: the first line is method and target, the
 * second says who sends it, the rest is the body. Who: "dps", "hub" or "admin",
 * who then may; or the Authorization header as it is; or nothing: a device with
 * a certificate that enrollments know. So what comes behind is reached too. A
 * request is always answered.
 */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>

#include "cloud_fixture.h"
#include "est_store.h"

#define LINE_MAX_BYTES 1024

static struct plant *
open_plant(void)
{
	void *state = NULL;
	CLEANUP(string) char *root = NULL;
	const struct plant *plant;
	struct error err;

	FUZZ_REQUIRE(plant_setup_full(&state) == 0);
	plant = state;
	cloud_add_est(plant->cloud);
	FUZZ_REQUIRE(certificate_to_pem(plant->root.certificate, &root, &err) ==
		     ERROR_NONE);
	FUZZ_REQUIRE(
	    est_anchor_add(plant->cloud->database, root, &err) == ERROR_NONE);
	return state;
}

/* Cuts the first line off *data, as far as it fits. */
static void
take_line(const char **data, size_t *size, char line[LINE_MAX_BYTES])
{
	const char *newline = memchr(*data, '\n', *size);
	size_t length = newline ? (size_t)(newline - *data) : *size;

	(void)snprintf(line, LINE_MAX_BYTES, "%.*s", (int)length, *data);
	*data += length + (newline != NULL);
	*size -= length + (newline != NULL);
}

static enum plant_caller
caller_of(const char *word)
{
	if (strcmp(word, "dps") == 0)
		return BY_DPS_POLICY;
	if (strcmp(word, "hub") == 0)
		return BY_HUB_POLICY;
	return strcmp(word, "admin") == 0 ? BY_ADMIN : BY_DEVICE;
}

/* That of a batch for what a device sends as an array, else EST's. */
static const char *
content_type_of(const char *target, const char *body, size_t size)
{
	return size > 0 && *body == '[' && strstr(target, "/messages/events")
		   ? "application/vnd.microsoft.iothub.json"
		   : "application/pkcs10";
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct plant *plant; /* kept: opening it takes long */
	const char *body = (const char *)data;
	char line[LINE_MAX_BYTES], who[LINE_MAX_BYTES];
	CLEANUP_DONE(reply) struct reply reply = {0};
	struct plant_request request = {.headers = {.if_match = "*"}};
	char *target = line;

	if (!plant)
		plant = open_plant();
	take_line(&body, &size, line);
	take_line(&body, &size, who);
	request.caller = caller_of(who);
	request.method = strsep(&target, " ");
	request.target = target ? target : "";
	if (request.caller == BY_DEVICE && *who)
		request.headers.authorization = who;
	request.headers.content_type =
	    content_type_of(request.target, body, size);
	request.body = body;
	request.length = size;
	reply = plant_send(plant, &request);
	FUZZ_REQUIRE(reply.status >= 200 && reply.status < 600);
	FUZZ_REQUIRE(reply.status != 500);
	FUZZ_REQUIRE(reply.status == 204 || reply.status == 303 || reply.body ||
		     reply.text);
	return 0;
}
