/* SPDX-License-Identifier: MIT */
/*
 * Sends signet-cloud a request: the first line is method and target, the
 * second the Authorization header, the rest the body. The caller has a
 * certificate that one individual and one group enrollment know, so that what
 * comes behind is reached too. A request is always answered.
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

	FUZZ_REQUIRE(plant_setup(&state) == 0);
	plant = state;
	cloud_enroll(plant->cloud, ENROLLMENT_INDIVIDUAL, "dev",
	    plant->device.certificate, NULL, NULL);
	cloud_enroll(plant->cloud, ENROLLMENT_GROUP, "line",
	    plant->root.certificate, NULL, NULL);
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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct plant *plant; /* kept: opening it takes long */
	const char *body = (const char *)data;
	char line[LINE_MAX_BYTES], authorization[LINE_MAX_BYTES];
	CLEANUP_DONE(reply) struct reply reply = {0};
	struct request request = {0};
	char *target = line;

	if (!plant)
		plant = open_plant();
	take_line(&body, &size, line);
	take_line(&body, &size, authorization);
	request = (struct request){
	    .method = strsep(&target, " "),
	    .target_text = target ? target : "",
	    .headers = {.host = FIXTURE_HOST,
			.authorization = *authorization ? authorization : NULL,
			.content_type = "application/pkcs10"},
	    .body = body,
	    .body_length = size,
	    .chain = plant->chain,
	    .tls_version = "TLS1.3"
        };
	dispatch(plant->cloud, &request, &reply);
	FUZZ_REQUIRE(reply.status >= 200 && reply.status < 600);
	FUZZ_REQUIRE(reply.status != 500);
	FUZZ_REQUIRE(reply.status == 204 || reply.status == 303 || reply.body ||
		     reply.text);
	return 0;
}
