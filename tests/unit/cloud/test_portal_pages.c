/* SPDX-License-Identifier: MIT */
/* The portal's pages and forms, without a browser. */
#include "cmocka_wrap.h"

#include <string.h>

#include "common/file.h"
#include "enrollment_store.h"
#include "pki_fixture.h"
#include "portal_fixture.h"

#define KEY "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

/* clang-format off */
#define FIELDS_END {NULL, "", NULL}
#define FIELDS(...) ((const struct sent_field[]){__VA_ARGS__, FIELDS_END})
/* clang-format on */

static struct visitor
visitor_of(void **state)
{
	const struct plant *plant = *state;

	return visitor_create(plant->cloud);
}

/* These compare, and release the reply. */
static void
assert_page(struct reply *reply, unsigned status, const char *says)
{
	assert_int_equal(reply->status, status);
	assert_non_null(reply->text);
	if (!strstr(reply->text, says))
		fail_msg("no '%s' in:\n%s", says, reply->text);
	reply_done(reply);
}

static void
assert_sent_to(struct reply *reply, const char *location)
{
	assert_int_equal(reply->status, 303);
	assert_string_equal(reply_header(reply, "Location"), location);
	reply_done(reply);
}

/* What is stored of an enrollment. The caller releases it. */
static struct enrollment
stored(const struct visitor *visitor, enum enrollment_kind kind, const char *id)
{
	struct enrollment enrollment = {0};
	struct id_text text = {""};
	struct error err;

	assert_int_equal(id_parse(id, &text, &err), ERROR_NONE);
	assert_int_equal(enrollment_store_get(visitor->cloud->database, kind,
			     &text, &enrollment, &err),
	    ERROR_NONE);
	return enrollment;
}

/* ---- who may ---- */

static struct reply
sign_in(struct cloud *cloud, const char *token, const char *origin)
{
	return portal_post(cloud, "/portal/sign-in",
	    &(struct sent_form){
		.origin = origin, .fields = FIELDS({"token", token, NULL})});
}

static void
opens_a_session_for_the_token_only(void **state)
{
	struct plant *plant = *state;
	struct reply reply = sign_in(plant->cloud, FIXTURE_TOKEN "x", NULL);

	assert_string_equal(reply_header(&reply, "Set-Cookie"), "");
	assert_page(&reply, 403, "not the token");
	reply = sign_in(plant->cloud, FIXTURE_TOKEN, "https://evil.example");
	assert_page(&reply, 403, "another site");
	reply = sign_in(plant->cloud, FIXTURE_TOKEN, "https://" FIXTURE_HOST);
	assert_non_null(strstr(reply_header(&reply, "Set-Cookie"),
	    "; Path=/; Secure; HttpOnly; SameSite=Strict"));
	assert_sent_to(&reply, "/portal");
}

static void
sends_strangers_to_the_page_for_signing_in(void **state)
{
	struct plant *plant = *state;
	struct session nobody = {.id = "0123"};
	const struct visitor stranger = {plant->cloud, &nobody};
	struct reply reply = visitor_get(&stranger, "/portal/individuals/dev");

	assert_sent_to(&reply, "/portal/sign-in");
	reply = visitor_post(
	    &stranger, "/portal/individuals", FIELDS({"id", "dev", NULL}));
	assert_sent_to(&reply, "/portal/sign-in");
	reply = visitor_get(&stranger, "/");
	assert_sent_to(&reply, "/portal");
}

static void
refuses_forms_that_are_not_of_the_session(void **state)
{
	struct visitor visitor = visitor_of(state);
	struct visitor other = visitor_of(state);
	CLEANUP(string) char *cookie = visitor_cookie(&visitor);
	struct sent_form form = {.cookie = cookie,
	    .fields = FIELDS({"form_token", other.session->form_token, NULL},
		{"id", "dev", NULL}, {"type", "symmetricKey", NULL})};
	struct reply reply =
	    portal_post(visitor.cloud, "/portal/individuals", &form);

	assert_page(&reply, 403, "not of this session");
	form.fields = FIELDS({"id", "dev", NULL});
	reply = portal_post(visitor.cloud, "/portal/individuals", &form);
	assert_page(&reply, 403, "not of this session");
	form.fields = FIELDS({"form_token", visitor.session->form_token, NULL},
	    {"id", "dev", NULL}, {"type", "symmetricKey", NULL});
	form.origin = "null";
	reply = portal_post(visitor.cloud, "/portal/individuals", &form);
	assert_page(&reply, 403, "another site");
	reply = visitor_get(&visitor, "/portal/individuals/dev");
	assert_page(&reply, 404, "no enrollment");
}

static void
guards_each_answer_by_its_headers(void **state)
{
	static const char *const targets[] = {"/portal", "/portal/nothing",
	    "/portal/sign-in", "/portal/assets/portal.js", "/",
	    "/portal/ca.pem", "/portal/a/b/c/d/e/f/g"};
	struct visitor visitor = visitor_of(state);

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct reply reply = visitor_get(&visitor, targets[i]);

		assert_non_null(
		    strstr(reply_header(&reply, "Content-Security-Policy"),
			"default-src 'none'"));
		assert_string_equal(
		    reply_header(&reply, "X-Content-Type-Options"), "nosniff");
		assert_string_equal(
		    reply_header(&reply, "Cache-Control"), "no-store");
		reply_done(&reply);
	}
}

static void
ends_a_session(void **state)
{
	struct visitor visitor = visitor_of(state);
	struct session copy = *visitor.session;
	const struct visitor former = {visitor.cloud, &copy};
	struct reply reply =
	    visitor_post(&visitor, "/portal/sign-out", FIELDS({"x", "", NULL}));

	assert_non_null(
	    strstr(reply_header(&reply, "Set-Cookie"), "=; Path=/"));
	assert_sent_to(&reply, "/portal/sign-in?done=signed-out");
	reply = visitor_get(&former, "/portal");
	assert_sent_to(&reply, "/portal/sign-in");
}

/* ---- enrollments ---- */

static void
adds_by_the_rules_of_the_service(void **state)
{
	struct visitor visitor = visitor_of(state);
	CLEANUP_DONE(enrollment) struct enrollment made = {0};
	struct reply reply = visitor_post(&visitor, "/portal/individuals",
	    FIELDS({"id", "Dev-1", NULL}, {"type", "symmetricKey", NULL},
		{"primaryKey", KEY, NULL}, {"deviceId", "pump", NULL},
		{"iotEdge", "on", NULL}, {"allocationPolicy", "custom", NULL},
		{"webhookUrl", "https://localhost:1/", NULL},
		{"webhookApiVersion", "2021-10-01", NULL},
		{"reprovisionPolicy", "never", NULL},
		{"hub:" FIXTURE_HUB, "on", NULL}, {"hub:other", "", NULL},
		{"initialTwin", "{\"tags\": {\"site\": \"a\"}}", NULL}));
	CLEANUP(string) char *record = NULL;

	assert_sent_to(&reply, "/portal/individuals/dev-1?done=added");
	made = stored(&visitor, ENROLLMENT_INDIVIDUAL, "dev-1");
	assert_string_equal(enrollment_key(&made, "primaryKey"), KEY);
	assert_true(strlen(enrollment_key(&made, "secondaryKey")) > 40);
	record = json_dumps(made.record, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(record,
	    "{\"allocationPolicy\":\"custom\","
	    "\"attestation\":{\"type\":\"symmetricKey\"},"
	    "\"capabilities\":{\"iotEdge\":true},"
	    "\"customAllocationDefinition\":{\"apiVersion\":\"2021-10-01\","
	    "\"webhookUrl\":\"https://localhost:1/\"},"
	    "\"deviceId\":\"pump\","
	    "\"initialTwin\":{\"tags\":{\"site\":\"a\"}},"
	    "\"iotHubs\":[\"" FIXTURE_HUB "\"],"
	    "\"provisioningStatus\":\"disabled\","
	    "\"registrationId\":\"dev-1\","
	    "\"reprovisionPolicy\":{\"migrateDeviceData\":false,"
	    "\"updateHubAssignment\":false}}");
	reply = visitor_post(&visitor, "/portal/individuals",
	    FIELDS({"id", "dev-1", NULL}, {"type", "symmetricKey", NULL}));
	assert_page(&reply, 409, "enrolled already");
}

static void
enrolls_a_tpm_by_its_endorsement_key(void **state)
{
	struct visitor visitor = visitor_of(state);
	struct reply reply = visitor_post(&visitor, "/portal/individuals",
	    FIELDS({"id", "tpm-1", NULL}, {"type", "tpm", NULL},
		{"endorsementKey", FIXTURE_TPM_KEY, NULL},
		{"storageRootKey", "", NULL}, {"enabled", "on", NULL},
		{"allocationPolicy", "hashed", NULL},
		{"reprovisionPolicy", "migrate", NULL}));
	CLEANUP_DONE(enrollment) struct enrollment made = {0};
	const json_t *tpm;

	assert_sent_to(&reply, "/portal/individuals/tpm-1?done=added");
	made = stored(&visitor, ENROLLMENT_INDIVIDUAL, "tpm-1");
	assert_int_equal(made.type, ATTEST_TPM);
	tpm =
	    json_object_get(json_object_get(made.record, "attestation"), "tpm");
	assert_string_equal(
	    json_string_value(json_object_get(tpm, "endorsementKey")),
	    FIXTURE_TPM_KEY);
	reply = visitor_get(&visitor, "/portal/individuals/tpm-1");
	assert_page(&reply, 200, FIXTURE_TPM_KEY);
}

/* What is wrong with an individual of fields stands at a field. */
static void
assert_wrong(const struct visitor *visitor, const struct sent_field *fields,
    const char *field, const char *says)
{
	CLEANUP(string)
	char *error = string_format("id=\"f-%s-error\">%s", field, says);
	struct reply reply =
	    visitor_post(visitor, "/portal/individuals", fields);

	assert_page(&reply, 400, error);
}

#define ID                                                                     \
	{                                                                      \
		"id", "dev", NULL                                              \
	}

static void
says_at_the_field_what_is_wrong(void **state)
{
	struct visitor visitor = visitor_of(state);

	assert_wrong(&visitor, FIELDS({"id", "a b", NULL}), "id",
	    "&#39;a b&#39; is no id");
	assert_wrong(&visitor, FIELDS({"x", "", NULL}), "id", "An id has");
	assert_wrong(&visitor,
	    FIELDS(ID, {"type", "x509", NULL}, {"primary", "", "none"}),
	    "primary", "&#39;primary&#39; certificate is missing.");
	assert_wrong(&visitor,
	    FIELDS(ID, {"type", "x509", NULL}, {"primary", "no", "a.pem"}),
	    "primary", "");
	assert_wrong(&visitor,
	    FIELDS(ID, {"type", "ca", NULL}, {"primaryCa", "plant", NULL}),
	    "primaryCa", "");
	assert_wrong(&visitor,
	    FIELDS(ID, {"type", "symmetricKey", NULL},
		{"secondaryKey", "short", NULL}),
	    "secondaryKey", "");
	assert_wrong(&visitor,
	    FIELDS(ID, {"type", "tpm", NULL}, {"endorsementKey", "AA", NULL}),
	    "endorsementKey", "");
	assert_wrong(&visitor,
	    FIELDS(ID, {"type", "symmetricKey", NULL},
		{"initialTwin", "{\n \"tags\": }", NULL}),
	    "initialTwin", "JSON, line 2 column ");
	assert_wrong(&visitor,
	    FIELDS(ID, {"type", "symmetricKey", NULL},
		{"initialTwin", "[]", NULL}),
	    "initialTwin", "&#39;initialTwin&#39; must be an object.");
	assert_wrong(&visitor,
	    FIELDS(ID, {"type", "symmetricKey", NULL}, {"hub:", "on", NULL},
		{"allocationPolicy", "hashed", NULL}),
	    "iotHubs", "&#39;iotHubs&#39; must not hold an empty name.");
	assert_wrong(&visitor,
	    FIELDS(ID, {"type", "symmetricKey", NULL},
		{"allocationPolicy", "random", NULL}),
	    "allocationPolicy", "");
	assert_wrong(&visitor,
	    FIELDS(ID, {"type", "symmetricKey", NULL},
		{"allocationPolicy", "custom", NULL},
		{"webhookUrl", "http://x", NULL}),
	    "webhookUrl", "");
}

static void
keeps_a_certificate_that_is_not_sent_again(void **state)
{
	const struct plant *plant = *state;
	struct visitor visitor = visitor_of(state);
	struct reply reply;

	cloud_enroll(visitor.cloud, ENROLLMENT_INDIVIDUAL, "dev",
	    plant->device.certificate, plant->intermediate.certificate,
	    json_pack("{s:{s:s}}", "optionalDeviceInformation", "kept", "yes"));
	for (int i = 0; i < 2; i++) {
		CLEANUP_DONE(enrollment)
		struct enrollment enrollment =
		    stored(&visitor, ENROLLMENT_INDIVIDUAL, "dev");

		reply = visitor_post(&visitor, "/portal/individuals/dev",
		    FIELDS({"etag", enrollment.etag.text, NULL},
			{"type", "x509", NULL}, {"primary", "", ""},
			{"secondary", "", ""}, {"enabled", "on", NULL},
			{"allocationPolicy", "static", NULL},
			{"withoutSecondary", i == 1 ? "on" : "", NULL}));
		assert_sent_to(&reply, "/portal/individuals/dev?done=saved");
		reply = visitor_post(&visitor, "/portal/individuals/dev",
		    FIELDS({"etag", enrollment.etag.text, NULL},
			{"type", "x509", NULL},
			{"allocationPolicy", "hashed", NULL}));
		assert_page(&reply, 412, "Somebody else has changed it");
	}
	{
		CLEANUP_DONE(enrollment)
		struct enrollment enrollment =
		    stored(&visitor, ENROLLMENT_INDIVIDUAL, "dev");

		assert_int_equal(X509_cmp(enrollment.enrolled.certificates[0],
				     plant->device.certificate),
		    0);
		assert_null(enrollment.enrolled.certificates[1]);
		assert_non_null(json_object_get(
		    enrollment.record, "optionalDeviceInformation"));
	}
}

/* What iotHubs "dev" has after it was saved with these fields on, as JSON. */
static char *
hubs_saved(const struct visitor *visitor, const char *static_hub,
    const char *first, const char *second, const char *third)
{
	CLEANUP_DONE(enrollment)
	struct enrollment before =
	    stored(visitor, ENROLLMENT_INDIVIDUAL, "dev");
	CLEANUP_DONE(enrollment) struct enrollment saved = {0};
	struct reply reply = visitor_post(visitor, "/portal/individuals/dev",
	    FIELDS({"etag", before.etag.text, NULL}, {first, "on", NULL},
		{second, "on", NULL}, {third, "on", NULL},
		{"allocationPolicy", "static", NULL},
		{"staticHub", static_hub, NULL}, {"type", "symmetricKey", NULL},
		{"reprovisionPolicy", "migrate", NULL}));

	assert_sent_to(&reply, "/portal/individuals/dev?done=saved");
	saved = stored(visitor, ENROLLMENT_INDIVIDUAL, "dev");
	return json_dumps(
	    json_object_get(saved.record, "iotHubs"), JSON_COMPACT);
}

static void
keeps_the_order_of_hubs_and_takes_the_one_for_static_first(void **state)
{
	struct visitor visitor = visitor_of(state);
	CLEANUP(string) char *kept = NULL;
	CLEANUP(string) char *chosen = NULL;
	struct reply reply = cloud_call(visitor.cloud, SURFACE_DPS, "PUT",
	    "/enrollments/dev?api-version=2021-10-01",
	    json_pack("{s:{s:s}, s:s, s:[s, s, s]}", "attestation", "type",
		"symmetricKey", "allocationPolicy", "static", "iotHubs", "b",
		FIXTURE_HUB, "a"),
	    NULL);

	assert_status(&reply, 200);
	reply = visitor_get(&visitor, "/portal/individuals/dev");
	assert_page(&reply, 200, "<option value=\"b\" selected");
	kept = hubs_saved(&visitor, "", "hub:new", "hub:a", "hub:b");
	assert_string_equal(kept, "[\"b\",\"a\",\"new\"]");
	chosen = hubs_saved(&visitor, FIXTURE_HUB, "hub:new", "hub:a", "hub:b");
	assert_string_equal(
	    chosen, "[\"" FIXTURE_HUB "\",\"b\",\"a\",\"new\"]");
}

static void
lists_the_hub_of_the_older_form(void **state)
{
	struct visitor visitor = visitor_of(state);
	CLEANUP(string) char *saved = NULL;
	json_t *body = json_pack("{s:{s:s}, s:s}", "attestation", "type",
	    "symmetricKey", "iotHubHostName", "b");
	struct reply reply = cloud_call(visitor.cloud, SURFACE_DPS, "PUT",
	    "/enrollments/dev?api-version=2021-10-01", body, NULL);

	assert_status(&reply, 200);
	saved = hubs_saved(&visitor, "", "hub:a", "hub:b", "");
	assert_string_equal(saved, "[\"b\",\"a\"]");
}

static void
takes_certificates_as_pem_files(void **state)
{
	struct plant *plant = *state;
	struct visitor visitor = visitor_of(state);
	CLEANUP(string) char *pem = fixture_pem(plant->root.certificate);
	struct reply reply = visitor_post(&visitor, "/portal/groups",
	    FIELDS({"id", "line", NULL}, {"type", "x509", NULL},
		{"primary", pem, "root.pem"}, {"enabled", "on", NULL},
		{"allocationPolicy", "hashed", NULL},
		{"reprovisionPolicy", "migrate", NULL}));

	assert_sent_to(&reply, "/portal/groups/line?done=added");
	assert_registers(plant, "status", "assigned");
	reply = visitor_get(&visitor, "/portal/registrations");
	assert_page(&reply, 200, ">assigned</span>");
	reply = visitor_get(&visitor, "/portal/registrations/dev");
	assert_page(&reply, 200, "href=\"/portal/groups/line\"");
	reply = visitor_get(&visitor, "/portal/groups/line");
	assert_page(&reply, 200, "href=\"/portal/registrations/dev\"");
	reply = visitor_get(&visitor, "/portal/devices/dev");
	assert_page(&reply, 200, "selfSigned");
	reply = visitor_get(&visitor, "/portal");
	assert_page(&reply, 200, "<strong>1</strong> devices in the hub");
}

static void
deletes_what_was_seen_only(void **state)
{
	struct visitor visitor = visitor_of(state);
	CLEANUP_DONE(enrollment) struct enrollment enrollment = {0};
	struct reply reply = visitor_post(&visitor, "/portal/individuals",
	    FIELDS(ID, {"type", "symmetricKey", NULL},
		{"allocationPolicy", "hashed", NULL}));

	reply_done(&reply);
	enrollment = stored(&visitor, ENROLLMENT_INDIVIDUAL, "dev");
	reply = visitor_get(&visitor, "/portal/individuals/dev/delete");
	assert_page(&reply, 200, "Delete &#39;dev&#39;?");
	reply = visitor_post(&visitor, "/portal/individuals/dev/delete",
	    FIELDS({"etag", "\"stale\"", NULL}));
	assert_page(&reply, 412, "Somebody else has changed it");
	reply = visitor_post(
	    &visitor, "/portal/individuals/dev/delete", FIELDS(ID));
	assert_page(&reply, 412, "Somebody else has changed it");
	reply = visitor_post(&visitor, "/portal/individuals/dev/delete",
	    FIELDS({"etag", enrollment.etag.text, NULL}));
	assert_sent_to(&reply, "/portal/individuals?done=deleted");
	reply = visitor_get(&visitor, "/portal/individuals?done=deleted");
	assert_page(&reply, 200, "Deleted.");
}

/* ---- certificates ---- */

static void
does_not_replace_a_ca_certificate(void **state)
{
	struct plant *plant = *state;
	struct visitor visitor = visitor_of(state);
	CLEANUP(string) char *pem = fixture_pem(plant->root.certificate);
	CLEANUP(string) char *leaf = fixture_pem(plant->device.certificate);
	struct reply reply = visitor_post(&visitor, "/portal/certificates",
	    FIELDS({"name", "plant", NULL}, {"certificate", leaf, "a.pem"}));

	assert_page(&reply, 400, "is not a CA certificate.");
	reply = visitor_post(&visitor, "/portal/certificates",
	    FIELDS({"name", "plant", NULL}, {"certificate", pem, "a.pem"}));
	assert_sent_to(&reply, "/portal/certificates/plant?done=added");
	reply = visitor_post(&visitor, "/portal/certificates",
	    FIELDS({"name", "plant", NULL}, {"certificate", pem, "a.pem"}));
	assert_page(&reply, 409, "There is a CA certificate");
	reply = visitor_post(&visitor, "/portal/certificates/plant/code",
	    FIELDS({"etag", "\"stale\"", NULL}));
	assert_page(&reply, 412, "Somebody else");
	reply = visitor_get(&visitor, "/portal/certificates/other");
	assert_page(&reply, 404, "There is no CA certificate");
}

int
main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, plant_setup, plant_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(opens_a_session_for_the_token_only),
	    TEST(sends_strangers_to_the_page_for_signing_in),
	    TEST(refuses_forms_that_are_not_of_the_session),
	    TEST(guards_each_answer_by_its_headers),
	    TEST(ends_a_session),
	    TEST(adds_by_the_rules_of_the_service),
	    TEST(enrolls_a_tpm_by_its_endorsement_key),
	    TEST(keeps_the_order_of_hubs_and_takes_the_one_for_static_first),
	    TEST(says_at_the_field_what_is_wrong),
	    TEST(keeps_a_certificate_that_is_not_sent_again),
	    TEST(lists_the_hub_of_the_older_form),
	    TEST(takes_certificates_as_pem_files),
	    TEST(deletes_what_was_seen_only),
	    TEST(does_not_replace_a_ca_certificate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
