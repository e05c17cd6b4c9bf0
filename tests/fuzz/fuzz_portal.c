/* SPDX-License-Identifier: MIT */
/*
 * Sends the portal, as somebody who is signed in, a request: the first line is
 * method and target, each further one a field of the form, "name=value" or, for
 * a file, "name:value". No answer of the portal is an error of ours, and no
 * page has other scripts and pictures than its own.
 */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "portal_fixture.h"

#define FIELDS_MAX 40

static struct plant *
open_plant(void)
{
	void *state = NULL;
	struct plant *plant;

	FUZZ_REQUIRE(plant_setup(&state) == 0);
	plant = state;
	cloud_enroll(plant->cloud, ENROLLMENT_INDIVIDUAL, "dev",
	    plant->device.certificate, NULL, NULL);
	cloud_enroll(plant->cloud, ENROLLMENT_GROUP, "line",
	    plant->root.certificate, NULL, NULL);
	assert_registers(plant, "status", "assigned");
	return plant;
}

static size_t
count(const char *text, const char *part)
{
	size_t found = 0;

	while ((text = strstr(text, part))) {
		text += strlen(part);
		found++;
	}
	return found;
}

static void
check(const struct reply *reply)
{
	bool is_page = reply->text_type && strcmp(reply->text_type,
					       "text/html; charset=utf-8") == 0;

	if (reply->surface == SURFACE_PORTAL)
		FUZZ_REQUIRE(reply->status >= 200 && reply->status < 500 &&
			     *reply_header(reply, "Content-Security-Policy"));
	if (is_page)
		FUZZ_REQUIRE(count(reply->text, "<script") == 1 &&
			     count(reply->text, "<img") == 1);
}

/* A line as a field; one that is none has no value. */
static struct sent_field
read_field(char *line)
{
	struct sent_field field = {.name = line, .value = ""};
	char *sign = strpbrk(line, "=:");

	if (sign) {
		field.file_name = *sign == ':' ? "file" : NULL;
		*sign = '\0';
		field.value = sign + 1;
	}
	return field;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct plant *plant; /* kept: opening it takes long */
	struct sent_field fields[FIELDS_MAX + 1] = {{0}};
	CLEANUP_DONE(reply) struct reply reply = {0};
	CLEANUP(string) char *text = strndup((const char *)data, size);
	struct visitor visitor;
	char *rest = text;
	char *target, *line;

	if (!plant)
		plant = open_plant();
	visitor = visitor_create(plant->cloud);
	target = strsep(&rest, "\n");
	for (size_t i = 0; i < FIELDS_MAX && (line = strsep(&rest, "\n")); i++)
		fields[i] = read_field(line);
	if (strncmp(target, "POST ", 5) == 0)
		reply = visitor_post(&visitor, target + 5, fields);
	else
		reply = visitor_get(&visitor, target);
	check(&reply);
	return 0;
}
