/* SPDX-License-Identifier: MIT */
#include "list.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/time.h"

#define HOUR_SECONDS INT64_C(3600)
#define DAY_SECONDS (24 * HOUR_SECONDS)
#define SOON_SECONDS (7 * DAY_SECONDS)
#define LEFT_MAX 64

const struct output_column list_module_columns[] = {
    {"MODULE", "id"    },
    {"DEVICE", "device"},
    {"HUB",    "hub"   },
    {NULL,     NULL    },
};

const struct output_column list_key_columns[] = {
    {"KEY",       "id"       },
    {"KIND",      "kind"     },
    {"ALGORITHM", "algorithm"},
    {"LOCATION",  "location" },
    {NULL,        NULL       },
};

const struct output_column list_certificate_columns[] = {
    {"CERTIFICATE", "id"      },
    {"SUBJECT",     "subject" },
    {"VALID TO",    "notAfter"},
    {"LEFT",        "left"    },
    {"STATE",       "state"   },
    {NULL,          NULL      },
};

json_t *
list_modules(const json_t *answer)
{
	const json_t *identities = json_object_get(answer, "identities");
	json_t *modules = json_array();

	for (size_t i = 0; i < json_array_size(identities); i++) {
		const json_t *spec =
		    json_object_get(json_array_get(identities, i), "spec");

		(void)json_array_append_new(
		    modules, json_pack("{s:O?, s:O?, s:O?}", "id",
				 json_object_get(spec, "moduleId"), "device",
				 json_object_get(spec, "deviceId"), "hub",
				 json_object_get(spec, "hubName")));
	}
	return modules;
}

/* Of an object, the members that columns show, and "error". */
static json_t *
pick(const json_t *object, const struct output_column *columns)
{
	json_t *picked = json_object();
	json_t *error = json_object_get(object, "error");

	for (; columns->title; columns++) {
		json_t *value = json_object_get(object, columns->member);

		if (value)
			(void)json_object_set(picked, columns->member, value);
	}
	if (error)
		(void)json_object_set(picked, "error", error);
	return picked;
}

json_t *
list_keys(const json_t *keys)
{
	json_t *list = json_array();

	for (size_t i = 0; i < json_array_size(keys); i++)
		(void)json_array_append_new(
		    list, pick(json_array_get(keys, i), list_key_columns));
	return list;
}

static const char *
state_of(int64_t from, int64_t to, int64_t now)
{
	if (to < now)
		return "expired";
	if (from > now)
		return "future";
	return to - now < SOON_SECONDS ? "soon" : "valid";
}

/* "12 days", "5 hours", "0 hours" at the end. */
static void
describe_left(int64_t left, char text[static LEFT_MAX])
{
	bool is_long = left >= 2 * DAY_SECONDS;

	if (left < 0)
		(void)snprintf(text, LEFT_MAX, "none");
	else
		(void)snprintf(text, LEFT_MAX, "%" PRId64 " %s",
		    left / (is_long ? DAY_SECONDS : HOUR_SECONDS),
		    is_long ? "days" : "hours");
}

static void
add_life(json_t *picked, const json_t *certificate, int64_t now)
{
	const char *state = "unreadable";
	char left[LEFT_MAX] = "-";
	struct error ignored;
	int64_t from;
	int64_t to;

	if (time_parse(output_member(certificate, "notBefore"), &from,
		&ignored) == ERROR_NONE &&
	    time_parse(output_member(certificate, "notAfter"), &to, &ignored) ==
		ERROR_NONE) {
		state = state_of(from, to, now);
		describe_left(to - now, left);
	}
	(void)json_object_set_new(picked, "left", json_string(left));
	(void)json_object_set_new(picked, "state", json_string(state));
}

json_t *
list_certificates(const json_t *certificates, int64_t now)
{
	json_t *list = json_array();

	for (size_t i = 0; i < json_array_size(certificates); i++) {
		const json_t *certificate = json_array_get(certificates, i);
		json_t *picked = pick(certificate, list_certificate_columns);

		add_life(picked, certificate, now);
		(void)json_array_append_new(list, picked);
	}
	return list;
}
