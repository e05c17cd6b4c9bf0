/* SPDX-License-Identifier: MIT */
#include "target.h"

#include <stdlib.h>
#include <string.h>

#include "percent.h"

/* Those that callers of the real services use. */
static const char *const versions[] = {
    "2017-11-08-preview",
    "2019-03-31",
    "2021-04-12",
    "2021-06-01",
    "2021-10-01",
    "2022-02-05",
};

void
target_done(struct target *target)
{
	free(target->text);
	*target = (struct target){0};
}

static enum error_code
refuse(const char *why, struct error *err)
{
	return error_set(err, ERROR_INVALID, "The request target %s.", why);
}

static enum error_code
split_path(char *path, struct target *target, struct error *err)
{
	char *rest = path + 1;

	while (rest && *rest) {
		char *segment = strsep(&rest, "/");

		if (target->segment_count == TARGET_SEGMENTS_MAX)
			return refuse("has too many segments", err);
		if (!percent_decode(segment))
			return refuse("has a broken escape", err);
		target->segments[target->segment_count++] = segment;
	}
	return ERROR_NONE;
}

static enum error_code
split_query(char *query, struct target *target, struct error *err)
{
	while (query && *query) {
		char *name = strsep(&query, "&");
		char *value = strchr(name, '=');

		if (value)
			*value++ = '\0';
		else
			value = name + strlen(name);
		if (target->field_count == TARGET_FIELDS_MAX)
			return refuse("has too many query fields", err);
		if (!percent_decode(name) || !percent_decode(value))
			return refuse("has a broken escape", err);
		target->fields[target->field_count++] =
		    (struct target_field){.name = name, .value = value};
	}
	return ERROR_NONE;
}

enum error_code
target_parse(const char *text, struct target *ret_target, struct error *err)
{
	CLEANUP_DONE(target) struct target target = {.text = strdup(text)};
	char *query;

	if (!target.text)
		return error_no_memory(err);
	if (target.text[0] != '/')
		return refuse("must begin with '/'", err);
	query = strchr(target.text, '?');
	if (query)
		*query++ = '\0';
	if (split_path(target.text, &target, err) ||
	    split_query(query, &target, err))
		return err->code;
	*ret_target = TAKE_CONTENTS(target);
	return ERROR_NONE;
}

const char *
target_query(const struct target *target, const char *name)
{
	for (size_t i = 0; i < target->field_count; i++)
		if (strcmp(target->fields[i].name, name) == 0)
			return target->fields[i].value;
	return NULL;
}

const char *
target_version(const struct target *target)
{
	const char *version = target_query(target, "api-version");

	for (size_t i = 0;
	     version && i < sizeof(versions) / sizeof(versions[0]); i++)
		if (strcmp(versions[i], version) == 0)
			return versions[i];
	return NULL;
}
