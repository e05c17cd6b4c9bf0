/* SPDX-License-Identifier: MIT */
/* Several enrollments in one call, and the etags that all records carry. */
#include "cmocka_wrap.h"

#include <string.h>

#include "cloud_fixture.h"
#include "common/file.h"

#define VERSION "?api-version=2021-10-01"
#define HUB_VERSION "?api-version=2021-04-12"
#define PRIMARY "cHJpbWFyeSBrZXkgb2YgdGhlIGRldmljZQ=="

static struct reply
service(struct cloud *cloud, const char *method, const char *target,
    json_t *body, const char *if_match)
{
	return cloud_call(cloud, SURFACE_DPS, method, target, body, if_match);
}

/* An enrollment by symmetric keys; member names its id. */
static json_t *
item(const char *member, const char *id)
{
	return json_pack("{s:s, s:{s:s, s:{s:s}}}", member, id, "attestation",
	    "type", "symmetricKey", "symmetricKey", "primaryKey", PRIMARY);
}

static json_t *
individual(const char *id)
{
	return item("registrationId", id);
}

/* Sends items, which it takes, and returns the reply. */
static struct reply
bulk(struct cloud *cloud, const char *mode, json_t *items)
{
	/* The SDK has a slash before the query. */
	return service(cloud, "POST", "/enrollments/" VERSION,
	    json_pack("{s:s, s:o}", "mode", mode, "enrollments", items), NULL);
}

/* Compares an error of the answer. */
static void
assert_error(const struct reply *reply, size_t i, const char *id, int code)
{
	const json_t *error =
	    json_array_get(json_object_get(reply->body, "errors"), i);
	const char *actual =
	    json_string_value(json_object_get(error, "registrationId"));

	assert_string_equal(actual ? actual : "", id);
	assert_int_equal(
	    json_integer_value(json_object_get(error, "errorCode")), code);
	assert_true(
	    json_string_length(json_object_get(error, "errorStatus")) > 0);
}

/* Compares the number of errors, and releases the reply. */
static void
assert_errors(struct reply *reply, size_t count)
{
	assert_string_equal(reply->reason, "");
	assert_int_equal(
	    json_array_size(json_object_get(reply->body, "errors")), count);
	assert_int_equal(
	    json_is_true(json_object_get(reply->body, "isSuccessful")),
	    count == 0);
	assert_status(reply, 200);
}

/* The etag of an enrollment, the caller's; "" if there is none. */
static char *
etag_of(struct cloud *cloud, const char *id)
{
	CLEANUP(string)
	char *target = string_format("/enrollments/%s" VERSION, id);
	CLEANUP_DONE(reply)
	struct reply reply = service(cloud, "GET", target, NULL, NULL);

	return strdup(reply_text(&reply, "etag"));
}

static void
creates_what_it_can_and_lists_what_it_cannot(void **state)
{
	struct reply reply = bulk(*state, "create",
	    json_pack("[o, o, o, {s:s}, {}, s]", individual("a"),
		individual("b"), individual("A"), "registrationId", "c", "x"));
	CLEANUP(string) char *a = etag_of(*state, "a");
	CLEANUP(string) char *b = etag_of(*state, "b");
	CLEANUP(string) char *c = etag_of(*state, "c");

	assert_error(&reply, 0, "A", 409201);
	assert_error(&reply, 1, "c", 400004);
	assert_error(&reply, 2, "", 400004);
	assert_error(&reply, 3, "", 400004);
	assert_errors(&reply, 4);
	assert_string_not_equal(a, "");
	assert_string_not_equal(b, "");
	assert_string_equal(c, "");
	reply = bulk(*state, "create", json_pack("[o]", individual("d")));
	assert_errors(&reply, 0);
}

static json_t *
tpm(const char *id, const char *endorsement_key)
{
	return json_pack("{s:s, s:{s:s, s:{s:s}}}", "registrationId", id,
	    "attestation", "type", "tpm", "tpm", "endorsementKey",
	    endorsement_key);
}

/* Of each as of the only one in a PUT. */
static void
tells_what_is_wrong_by_its_own_number(void **state)
{
	struct reply reply = bulk(*state, "create",
	    json_pack("[o, o, o]", individual("a/b"), tpm("t", "AAAA"),
		tpm("u", "")));

	assert_error(&reply, 0, "a/b", 400202);
	assert_error(&reply, 1, "t", 400201);
	assert_error(&reply, 2, "u", 400004);
	assert_errors(&reply, 3);
	reply = service(
	    *state, "PUT", "/enrollments/t" VERSION, tpm("t", "AAAA"), NULL);
	assert_refused(&reply, 400, 400201, "'endorsementKey'");
	reply = service(*state, "POST", "/enrollmentGroups" VERSION,
	    json_pack("{s:s, s:[o]}", "mode", "create", "enrollmentGroups",
		item("enrollmentGroupId", "a/b")),
	    NULL);
	assert_int_equal(
	    json_integer_value(json_object_get(
		json_array_get(json_object_get(reply.body, "errors"), 0),
		"errorCode")),
	    400204);
	assert_errors(&reply, 1);
}

static void
enrolls_a_tpm_alone_and_not_in_a_group(void **state)
{
	struct reply reply = service(*state, "PUT", "/enrollments/t" VERSION,
	    tpm("t", FIXTURE_TPM_KEY), NULL);
	json_t *group = tpm("ignored", FIXTURE_TPM_KEY);

	assert_status(&reply, 200);
	assert_int_equal(json_object_del(group, "registrationId"), 0);
	reply =
	    service(*state, "PUT", "/enrollmentGroups/t" VERSION, group, NULL);
	assert_refused(&reply, 400, 400004, "a group cannot attest by TPM");
	reply =
	    service(*state, "GET", "/enrollmentGroups/t" VERSION, NULL, NULL);
	assert_status(&reply, 404);
}

static json_t *
renamed(const char *id, const char *etag)
{
	json_t *enrollment = individual(id);

	assert_int_equal(
	    json_object_set_new(enrollment, "deviceId", json_string("renamed")),
	    0);
	if (etag)
		assert_int_equal(
		    json_object_set_new(enrollment, "etag", json_string(etag)),
		    0);
	return enrollment;
}

static void
updates_what_is_there_and_only_if_told_what_has_not_changed(void **state)
{
	struct reply reply =
	    bulk(*state, "create", json_pack("[o]", individual("a")));
	CLEANUP(string) char *first = etag_of(*state, "a");
	CLEANUP(string) char *second = NULL;
	CLEANUP(string) char *third = NULL;

	assert_errors(&reply, 0);
	reply = bulk(*state, "update",
	    json_pack("[o, o]", renamed("a", "\"stale\""), individual("b")));
	assert_error(&reply, 0, "b", 404201);
	assert_errors(&reply, 1);
	second = etag_of(*state, "a");
	assert_string_not_equal(second, first);

	/* As the SDK writes it. */
	reply = bulk(*state, "updateIfMatchEtag",
	    json_pack("[o, o, o]", renamed("a", first), renamed("a", NULL),
		renamed("b", second)));
	assert_error(&reply, 0, "a", 412001);
	assert_error(&reply, 1, "a", 400004);
	assert_error(&reply, 2, "b", 404201);
	assert_errors(&reply, 3);
	reply = bulk(*state, "updateIfMatchETag",
	    json_pack("[o]", renamed("a", second)));
	assert_errors(&reply, 0);
	third = etag_of(*state, "a");
	assert_string_not_equal(third, second);
}

static void
deletes_what_is_there(void **state)
{
	struct reply reply =
	    bulk(*state, "create", json_pack("[o]", individual("a")));
	CLEANUP(string) char *gone = NULL;

	assert_errors(&reply, 0);
	reply = bulk(*state, "delete",
	    json_pack("[{s:s}, {s:s}]", "registrationId", "a", "registrationId",
		"a"));
	assert_error(&reply, 0, "a", 404201);
	assert_errors(&reply, 1);
	gone = etag_of(*state, "a");
	assert_string_equal(gone, "");
}

static void
takes_ten_and_no_more(void **state)
{
	json_t *many = json_array();
	struct reply reply;

	for (int i = 0; i < 10; i++) {
		char id[8];

		(void)snprintf(id, sizeof(id), "dev-%d", i);
		assert_int_equal(
		    json_array_append_new(many, individual(id)), 0);
	}
	reply = bulk(*state, "create", json_incref(many));
	assert_errors(&reply, 0);
	assert_int_equal(json_array_append_new(many, individual("x")), 0);
	reply = bulk(*state, "update", many);
	assert_refused(&reply, 400, 400004, "1 to 10");
	reply = bulk(*state, "create", json_array());
	assert_refused(&reply, 400, 400004, "1 to 10");
	reply = bulk(*state, "replace", json_pack("[o]", individual("a")));
	assert_refused(&reply, 400, 400004, "'replace'");
	reply = service(*state, "POST", "/enrollments" VERSION, NULL, NULL);
	assert_refused(&reply, 400, 400004, "JSON object");
}

static void
changes_groups_likewise(void **state)
{
	struct reply reply =
	    service(*state, "POST", "/enrollmentgroups" VERSION,
		json_pack("{s:s, s:[o, o]}", "mode", "create",
		    "enrollmentGroups", item("enrollmentGroupId", "line-7"),
		    item("enrollmentGroupId", "line-7")),
		NULL);
	const json_t *error =
	    json_array_get(json_object_get(reply.body, "errors"), 0);

	assert_string_equal(
	    json_string_value(json_object_get(error, "enrollmentGroupId")),
	    "line-7");
	assert_int_equal(
	    json_integer_value(json_object_get(error, "errorCode")), 409202);
	assert_errors(&reply, 1);
	reply = service(
	    *state, "GET", "/enrollmentGroups/line-7" VERSION, NULL, NULL);
	assert_status(&reply, 200);
}

/* ---- etags ---- */

/* The header is the etag of the body, in quotes whichever it has. */
static void
assert_etag(struct reply *reply)
{
	const char *etag = reply_text(reply, "etag");
	CLEANUP(string) char *quoted = string_format("\"%s\"", etag);

	assert_string_equal(reply->reason, "");
	assert_string_not_equal(etag, "");
	assert_string_equal(
	    reply_header(reply, "ETag"), *etag == '"' ? etag : quoted);
	assert_status(reply, 200);
}

static void
shows_the_etag_of_a_record_in_the_header_too(void **state)
{
	static const struct {
		enum surface surface;
		const char *method;
		const char *target;
	} cases[] = {
	    {SURFACE_DPS, "PUT",   "/enrollments/dev" VERSION          },
	    {SURFACE_DPS, "GET",   "/enrollments/dev" VERSION          },
	    {SURFACE_DPS, "PUT",   "/enrollmentGroups/line" VERSION    },
	    {SURFACE_DPS, "GET",   "/enrollmentGroups/line" VERSION    },
	    {SURFACE_DPS, "GET",   "/registrations/dev" VERSION        },
	    {SURFACE_HUB, "GET",   "/devices/dev" HUB_VERSION          },
	    {SURFACE_HUB, "PUT",   "/devices/dev2" HUB_VERSION         },
	    {SURFACE_HUB, "PUT",   "/devices/dev/modules/m" HUB_VERSION},
	    {SURFACE_HUB, "GET",   "/devices/dev/modules/m" HUB_VERSION},
	    {SURFACE_HUB, "GET",   "/twins/dev" HUB_VERSION            },
	    {SURFACE_HUB, "PATCH", "/twins/dev" HUB_VERSION            },
	    {SURFACE_HUB, "GET",   "/twins/dev/modules/m" HUB_VERSION  },
	};
	struct reply reply;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *body = NULL;

		if (cases[i].surface == SURFACE_DPS &&
		    strcmp(cases[i].method, "PUT") == 0)
			body = item("ignored", "x");
		else if (strcmp(cases[i].method, "GET") != 0)
			body = json_object();
		reply = cloud_call(*state, cases[i].surface, cases[i].method,
		    cases[i].target, body, NULL);
		print_message("%s %s\n", cases[i].method, cases[i].target);
		assert_etag(&reply);
		if (i == 0) {
			reply =
			    cloud_register_signed(*state, "dev", PRIMARY, "{}");
			assert_status(&reply, 200);
		}
	}
	reply =
	    service(*state, "GET", "/enrollments/nobody" VERSION, NULL, NULL);
	assert_string_equal(reply_header(&reply, "ETag"), "");
	assert_status(&reply, 404);
}

/* Asks for it, sends its etag back with change, and then the old one. */
static void
assert_etag_counts(struct cloud *cloud, enum surface surface,
    const char *method, const char *target, json_t *change)
{
	struct reply reply =
	    cloud_call(cloud, surface, "GET", target, NULL, NULL);
	CLEANUP(string) char *etag = strdup(reply_header(&reply, "ETag"));

	assert_status(&reply, 200);
	print_message("%s %s\n", method, target);
	reply = cloud_call(
	    cloud, surface, method, target, json_incref(change), "\"stale\"");
	assert_status(&reply, 412);
	reply = cloud_call(
	    cloud, surface, method, target, json_incref(change), etag);
	assert_true(reply.status == 200 || reply.status == 204);
	reply_done(&reply);
	reply = cloud_call(cloud, surface, method, target, change, etag);
	assert_true(reply.status == 412 || reply.status == 404);
	reply_done(&reply);
}

static void
changes_a_record_only_if_it_is_the_one_that_was_seen(void **state)
{
	static const struct {
		enum surface surface;
		const char *method;
		const char *target;
	} cases[] = {
	    {SURFACE_HUB, "PUT",    "/devices/dev/modules/m" HUB_VERSION},
	    {SURFACE_HUB, "PATCH",  "/twins/dev/modules/m" HUB_VERSION  },
	    {SURFACE_HUB, "PUT",    "/twins/dev/modules/m" HUB_VERSION  },
	    {SURFACE_HUB, "DELETE", "/devices/dev/modules/m" HUB_VERSION},
	    {SURFACE_HUB, "PATCH",  "/twins/dev" HUB_VERSION            },
	    {SURFACE_HUB, "PUT",    "/twins/dev" HUB_VERSION            },
	    {SURFACE_HUB, "PUT",    "/devices/dev" HUB_VERSION          },
	    {SURFACE_HUB, "DELETE", "/devices/dev" HUB_VERSION          },
	    {SURFACE_DPS, "DELETE", "/registrations/dev" VERSION        },
	    {SURFACE_DPS, "PUT",    "/enrollments/dev" VERSION          },
	    {SURFACE_DPS, "DELETE", "/enrollments/dev" VERSION          },
	    {SURFACE_DPS, "PUT",    "/enrollmentGroups/line" VERSION    },
	    {SURFACE_DPS, "DELETE", "/enrollmentGroups/line" VERSION    },
	};
	struct reply reply = service(
	    *state, "PUT", "/enrollments/dev" VERSION, individual("dev"), NULL);

	assert_status(&reply, 200);
	reply = service(*state, "PUT", "/enrollmentGroups/line" VERSION,
	    item("enrollmentGroupId", "line"), NULL);
	assert_status(&reply, 200);
	reply = cloud_register_signed(*state, "dev", PRIMARY, "{}");
	assert_status(&reply, 200);
	reply = cloud_call(*state, SURFACE_HUB, "PUT",
	    "/devices/dev/modules/m" HUB_VERSION, json_object(), NULL);
	assert_status(&reply, 200);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_etag_counts(*state, cases[i].surface, cases[i].method,
		    cases[i].target,
		    cases[i].surface == SURFACE_DPS ? item("ignored", "x")
						    : json_object());
}

int
main(void)
{
#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, cloud_setup, cloud_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(creates_what_it_can_and_lists_what_it_cannot),
	    TEST(tells_what_is_wrong_by_its_own_number),
	    TEST(enrolls_a_tpm_alone_and_not_in_a_group),
	    TEST(updates_what_is_there_and_only_if_told_what_has_not_changed),
	    TEST(deletes_what_is_there),
	    TEST(takes_ten_and_no_more),
	    TEST(changes_groups_likewise),
	    TEST(shows_the_etag_of_a_record_in_the_header_too),
	    TEST(changes_a_record_only_if_it_is_the_one_that_was_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
