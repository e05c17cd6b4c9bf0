/* SPDX-License-Identifier: MIT */
/*
 * Texts and paths that want to be more than that: they are refused and change
 * nothing, or are taken for the text that they are.
 */
#include "cmocka_wrap.h"

#include <string.h>

#include "cloud_fixture.h"
#include "common/file.h"

#define DPS "?api-version=2021-10-01"
#define HUB "?api-version=2021-04-12"

/* ---- hostile texts in every field ---- */

static const char *const hostile[] = {
    "'; DROP TABLE enrollment; --",
    "\" OR \"\"=\"",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "../../../../etc/passwd",
    "%s%s%s%n",
    "${jndi:ldap://localhost/a}",
    "a\r\nX-Injected: 1",
    "\x1b[31m",
    "\xc3\xa9\xf0\x9f\x98\x80",
};

#define HOSTILE_COUNT (sizeof(hostile) / sizeof(hostile[0]))

typedef void visit_text(void *context, json_t *holder, const char *key);

/* Visits each text inside value by the object that holds it. */
static void
visit_texts(json_t *value, visit_text *visit, void *context)
{
	const char *key;
	json_t *member;

	json_object_foreach(value, key, member)
	{
		if (json_is_object(member))
			visit_texts(member, visit, context);
		else if (json_is_string(member))
			visit(context, value, key);
	}
}

/* What is sent again and again with one of its texts replaced. */
struct attack {
	struct plant *plant;
	json_t *document; /* of which holder is a part */
	enum surface surface;
	const char *target;
	const char *if_match;
	size_t taken;   /* how often it was stored as it is */
	size_t refused; /* how often not at all */
};

/* The record has text somewhere as it was sent, or not at all. */
static void
assert_kept_as_text(struct attack *attack, const char *text)
{
	CLEANUP_DONE(reply)
	struct reply reply = cloud_call(attack->plant->cloud, attack->surface,
	    "GET", attack->target, NULL, NULL);
	CLEANUP(string) char *shown = json_text(reply.body);
	CLEANUP(json) json_t *value = json_string(text);
	CLEANUP(string) char *wanted = json_dumps(value, JSON_ENCODE_ANY);

	assert_int_equal(reply.status, 200);
	assert_non_null(strstr(shown, wanted));
}

/* One of them a hub takes for an id. */
static bool
is_hub_id(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyz%") == strlen(text);
}

static void
attack_text(void *context, json_t *holder, const char *key)
{
	struct attack *attack = context;
	CLEANUP(json) json_t *good = json_incref(json_object_get(holder, key));

	for (size_t i = 0; i < HOSTILE_COUNT; i++) {
		CLEANUP(string) char *before = cloud_dump(attack->plant->cloud);
		CLEANUP_DONE(reply) struct reply reply = {0};

		assert_int_equal(
		    json_object_set_new(holder, key, json_string(hostile[i])),
		    0);
		reply = cloud_call(attack->plant->cloud, attack->surface, "PUT",
		    attack->target, json_incref(attack->document),
		    attack->if_match);
		print_message("%s: ", key);
		if (reply.status == 200) {
			if (strcmp(key, "deviceId") == 0)
				assert_true(is_hub_id(hostile[i]));
			assert_kept_as_text(attack, hostile[i]);
			attack->taken++;
		} else {
			CLEANUP(string)
			char *after = cloud_dump(attack->plant->cloud);

			assert_error_of(&reply, 400);
			assert_string_equal(before, after);
			attack->refused++;
		}
	}
	assert_int_equal(json_object_set(holder, key, good), 0);
}

static void
run_attack(struct attack *attack)
{
	visit_texts(attack->document, attack_text, attack);
	assert_true(attack->taken > 0);
	assert_true(attack->refused > 0);
	json_decref(attack->document);
}

static void
takes_hostile_texts_in_an_enrollment_for_text_or_refuses_them(void **state)
{
	struct plant *plant = *state;
	struct attack attack = {.plant = plant,
	    .document = json_pack("{s:s, s:s, s:{s:s, s:{s:s, s:s}}, s:s, s:s,"
				  " s:{s:{s:s}, s:{s:{s:s}}}, s:{s:s}, s:s}",
		"registrationId", "dev", "deviceId", "pump", "attestation",
		"type", "symmetricKey", "symmetricKey", "primaryKey",
		"cHJpbWFyeSBrZXkgb2YgdGhlIGRldmljZQ==", "secondaryKey",
		"cHJpbWFyeSBrZXkgb2YgdGhlIGRldmljZQ==", "provisioningStatus",
		"enabled", "allocationPolicy", "hashed", "initialTwin", "tags",
		"site", "a", "properties", "desired", "mode", "b",
		"optionalDeviceInformation", "note", "c", "iotHubHostName",
		"hub.example"),
	    .surface = SURFACE_DPS,
	    .target = "/enrollments/dev" DPS,
	    .if_match = "*"};

	run_attack(&attack);
}

static void
takes_hostile_texts_in_a_group_for_text_or_refuses_them(void **state)
{
	struct attack group = {.plant = *state,
	    .document = json_pack("{s:s, s:{s:s, s:{s:s, s:s}}, s:s, s:s,"
				  " s:{s:{s:s}, s:{s:{s:s}}}, s:s}",
		"enrollmentGroupId", "line", "attestation", "type",
		"symmetricKey", "symmetricKey", "primaryKey",
		"cHJpbWFyeSBrZXkgb2YgdGhlIGRldmljZQ==", "secondaryKey",
		"cHJpbWFyeSBrZXkgb2YgdGhlIGRldmljZQ==", "provisioningStatus",
		"enabled", "allocationPolicy", "static", "initialTwin", "tags",
		"site", "a", "properties", "desired", "mode", "b",
		"iotHubHostName", "hub.example"),
	    .surface = SURFACE_DPS,
	    .target = "/enrollmentGroups/line" DPS,
	    .if_match = "*"};

	run_attack(&group);
}

static void
takes_hostile_texts_in_a_module_for_text_or_refuses_them(void **state)
{
	struct attack module = {.plant = *state,
	    .document = json_pack("{s:s, s:s, s:s, s:{s:s, s:{s:s}}}",
		"deviceId", "dev", "moduleId", "m", "managedBy", "edge",
		"authentication", "type", "sas", "symmetricKey", "primaryKey",
		"cHJpbWFyeSBrZXkgb2YgdGhlIGRldmljZQ=="),
	    .surface = SURFACE_HUB,
	    .target = "/devices/dev/modules/m" HUB,
	    .if_match = "*"};

	run_attack(&module);
}

static void
takes_hostile_texts_in_a_device_for_text_or_refuses_them(void **state)
{
	struct attack device = {.plant = *state,
	    .document = json_pack("{s:s, s:s, s:s, s:{s:s, s:{s:s}}}",
		"deviceId", "dev", "status", "enabled", "statusReason", "why",
		"authentication", "type", "sas", "symmetricKey", "primaryKey",
		"cHJpbWFyeSBrZXkgb2YgdGhlIGRldmljZQ=="),
	    .surface = SURFACE_HUB,
	    .target = "/devices/dev" HUB,
	    .if_match = "*"};

	run_attack(&device);
}

/* A name can be hostile, too; the hub has rules for those. */
static void
takes_hostile_texts_in_a_twin_for_text_or_refuses_them(void **state)
{
	struct plant *plant = *state;
	struct attack attack = {.plant = plant,
	    .document = json_pack("{s:{s:s}, s:{s:{s:{s:s}}}}", "tags", "site",
		"a", "properties", "desired", "deep", "mode", "b"),
	    .surface = SURFACE_HUB,
	    .target = "/twins/dev" HUB};

	visit_texts(attack.document, attack_text, &attack);
	assert_int_equal(attack.refused, 0);
	json_decref(attack.document);
	for (size_t i = 0; i < HOSTILE_COUNT; i++) {
		struct reply reply = cloud_call(plant->cloud, SURFACE_HUB,
		    "PATCH", "/twins/dev" HUB,
		    json_pack("{s:{s:i}}", "tags", hostile[i], 1), NULL);

		print_message("%s\n", reply.reason);
		assert_true(reply.status == 200 || reply.status == 400);
		reply_done(&reply);
	}
}

/* ---- paths ---- */

static char *
encode(const char *text)
{
	char *encoded = calloc(3, strlen(text) + 1);

	assert_non_null(encoded);
	for (size_t i = 0; text[i]; i++)
		(void)snprintf(
		    encoded + 3 * i, 4, "%%%02X", (unsigned char)text[i]);
	return encoded;
}

static void
finds_nothing_by_hostile_ids(void **state)
{
	static const struct {
		enum plant_caller caller;
		const char *method;
		const char *format; /* %s is the id */
	} cases[] = {
	    {BY_DPS_POLICY, "GET",    "/enrollments/%s" DPS                       },
	    {BY_DPS_POLICY, "DELETE", "/enrollments/%s" DPS                       },
	    {BY_DPS_POLICY, "PUT",    "/enrollmentGroups/%s" DPS                  },
	    {BY_DPS_POLICY, "POST",   "/registrations/%s/query" DPS               },
	    {BY_DPS_POLICY, "GET",    "/registrations/%s" DPS                     },
	    {BY_ADMIN,      "GET",    "/certificates/%s" DPS                      },
	    {BY_ADMIN,      "POST",   "/certificates/%s/verify" DPS               },
	    {BY_ADMIN,      "DELETE", "/faults/%s"                                },
	    {BY_HUB_POLICY, "GET",    "/devices/%s" HUB                           },
	    {BY_HUB_POLICY, "DELETE", "/devices/%s" HUB                           },
	    {BY_HUB_POLICY, "PUT",    "/devices/%s" HUB                           },
	    {BY_HUB_POLICY, "GET",    "/twins/%s" HUB                             },
	    {BY_HUB_POLICY, "GET",    "/twins/dev/modules/%s" HUB                 },
	    {BY_HUB_POLICY, "PUT",    "/devices/dev/modules/%s" HUB               },
	    {BY_DEVICE,     "PUT",    "/0ne00000001/registrations/%s/register" DPS},
	    {BY_DEVICE,     "GET",
             "/0ne00000001/registrations/dev/operations/%s" DPS                   },
	    {BY_DEVICE,     "PUT",    "/%s/registrations/dev/register" DPS        },
	};
	struct plant *plant = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t j = 0; j < HOSTILE_COUNT; j++) {
			CLEANUP(string)
			char *before = cloud_dump(plant->cloud);
			CLEANUP(string) char *id = encode(hostile[j]);
			CLEANUP(string) char *target = NULL;
			CLEANUP(string) char *after = NULL;
			CLEANUP_DONE(reply) struct reply reply = {0};
			const char *hole = strstr(cases[i].format, "%s");

			target = string_format("%.*s%s%s",
			    (int)(hole - cases[i].format), cases[i].format, id,
			    hole + 2);
			reply = plant_send(plant,
			    &(struct plant_request){.caller = cases[i].caller,
				.method = cases[i].method,
				.target = target,
				.body = "{}",
				.length = 2});
			after = cloud_dump(plant->cloud);
			if (cases[i].caller == BY_HUB_POLICY &&
			    is_hub_id(hostile[j]))
				continue;
			assert_true(reply.status == 400 || reply.status == 404);
			assert_error_of(&reply, reply.status);
			assert_string_equal(before, after);
		}
}

static void
falls_for_no_tricks_in_paths(void **state)
{
	static const char *const targets[] = {
	    "",
	    "*",
	    "enrollments/dev" DPS,
	    "http://dps.example/enrollments/dev" DPS,
	    "//enrollments/dev" DPS,
	    "/enrollments//dev" DPS,
	    "/enrollments/./dev" DPS,
	    "/enrollments/x/../dev" DPS,
	    "/enrollments/%2e%2e/dev" DPS,
	    "/enrollments%2fdev" DPS,
	    "/enrollments/dev%2f" DPS,
	    "/enrollments/dev%00" DPS,
	    "/enrollments/dev%" DPS,
	    "/enrollments/dev%2" DPS,
	    "/enrollments/dev%zz" DPS,
	    "/enrollments/dev;x=1" DPS,
	    "/enrollments\\dev" DPS,
	    "/enrollments/dev/" DPS "#",
	    "/enrollments/dev?api-version=2021-10-01%00",
	    "/enrollments/dev?api-version=",
	    "/enrollments/dev?api-version",
	    "/enrollments/dev?API-VERSION=2021-10-01",
	    "/enrollments/dev?x=2021-10-01",
	    "/enrollments/dev?api-version=2021-10-01'",
	    "/enrollments/dev?api-version=1999-01-01",
	    "/enrollments/dev?%=1&api-version=2021-10-01",
	    "/a/b/c/d/e/f/g/h/i/j/k" DPS,
	    "/enrollments/dev?a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q&r",
	};
	struct plant *plant = *state;
	struct reply reply =
	    plant_send(plant, &(struct plant_request){.caller = BY_DPS_POLICY,
				  .method = "GET",
				  .target = "/enrollments/dev" DPS});

	assert_status(&reply, 200);
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		reply = plant_send(
		    plant, &(struct plant_request){.caller = BY_DPS_POLICY,
			       .method = "GET",
			       .target = targets[i]});
		print_message("%s: ", targets[i]);
		assert_true(reply.status == 400 || reply.status == 404);
		assert_error_of(&reply, reply.status);
		reply_done(&reply);
	}
}

int
main(void)
{
#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(                                       \
	    function, plant_setup_full, plant_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(takes_hostile_texts_in_an_enrollment_for_text_or_refuses_them),
	    TEST(takes_hostile_texts_in_a_group_for_text_or_refuses_them),
	    TEST(takes_hostile_texts_in_a_device_for_text_or_refuses_them),
	    TEST(takes_hostile_texts_in_a_module_for_text_or_refuses_them),
	    TEST(takes_hostile_texts_in_a_twin_for_text_or_refuses_them),
	    TEST(finds_nothing_by_hostile_ids),
	    TEST(falls_for_no_tricks_in_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
