/* SPDX-License-Identifier: MIT */
/* signet-cloud from the outside: a request in, a reply out, no socket. */
#include "cmocka_wrap.h"

#include <string.h>

#include "cloud_fixture.h"

#define INDIVIDUAL "/enrollments/dev?api-version=2021-10-01"
#define DEVICE "/devices/dev?api-version=2021-04-12"
#define TWIN "/twins/dev?api-version=2021-04-12"

static void
keeps_the_certificate_when_an_update_has_only_its_info(void **state)
{
	struct plant *plant = *state;
	struct reply reply;
	json_t *record;

	cloud_enroll(plant->cloud, ENROLLMENT_INDIVIDUAL, "dev",
	    plant->device.certificate, NULL, NULL);
	reply = cloud_call(
	    plant->cloud, SURFACE_DPS, "GET", INDIVIDUAL, NULL, NULL);
	assert_null(strstr(
	    reply_text(&reply, "attestation.x509.clientCertificates.primary."
			       "certificate"),
	    "BEGIN"));
	record = json_incref(reply.body);
	reply_done(&reply);
	assert_int_equal(
	    json_object_set_new(record, "deviceId", json_string("x")), 0);
	reply = cloud_call(
	    plant->cloud, SURFACE_DPS, "PUT", INDIVIDUAL, record, "*");
	assert_status(&reply, 200);
	assert_registers(plant, "registrationState.deviceId", "x");
}

static void
shows_in_an_individuals_record_how_far_its_device_has_come(void **state)
{
	struct plant *plant = *state;
	struct reply reply;

	cloud_enroll(plant->cloud, ENROLLMENT_INDIVIDUAL, "dev",
	    plant->device.certificate, NULL, NULL);
	reply = cloud_call(
	    plant->cloud, SURFACE_DPS, "GET", INDIVIDUAL, NULL, NULL);
	assert_string_equal(
	    reply_text(&reply, "registrationState.registrationId"), "dev");
	assert_string_equal(
	    reply_text(&reply, "registrationState.status"), "unassigned");
	assert_status(&reply, 200);
	assert_registers(plant, "registrationState.status", "assigned");
	reply = cloud_call(
	    plant->cloud, SURFACE_DPS, "GET", INDIVIDUAL, NULL, NULL);
	assert_string_equal(
	    reply_text(&reply, "registrationState.status"), "assigned");
	assert_status(&reply, 200);
}

static void
refuses_an_update_of_what_has_changed(void **state)
{
	struct plant *plant = *state;
	struct reply reply;

	cloud_enroll(plant->cloud, ENROLLMENT_INDIVIDUAL, "dev",
	    plant->device.certificate, NULL, NULL);
	reply = cloud_call(
	    plant->cloud, SURFACE_DPS, "PUT", INDIVIDUAL, json_object(), NULL);
	assert_refused(&reply, 409, 409201, "exists");
	reply = cloud_call(plant->cloud, SURFACE_DPS, "PUT", INDIVIDUAL,
	    json_object(), "\"stale\"");
	assert_refused(&reply, 412, 412001, "If-Match");
	reply = cloud_call(
	    plant->cloud, SURFACE_DPS, "DELETE", INDIVIDUAL, NULL, "\"stale\"");
	assert_refused(&reply, 412, 412001, "If-Match");
	reply = cloud_call(
	    plant->cloud, SURFACE_DPS, "DELETE", INDIVIDUAL, NULL, "\"*\"");
	assert_status(&reply, 204);
	reply = cloud_call(
	    plant->cloud, SURFACE_DPS, "DELETE", INDIVIDUAL, NULL, NULL);
	assert_refused(&reply, 404, 404201, "no individual enrollment");
}

/* Parses JSON that is written with ' for ", for the sake of the reader. */
static json_t *
parse(const char *text)
{
	CLEANUP(string) char *json = strdup(text);
	json_t *value;

	assert_non_null(json);
	for (char *c = json; *c; c++)
		if (*c == '\'')
			*c = '"';
	value = json_loads(json, 0, NULL);
	assert_non_null(value);
	return value;
}

#define ATTESTATION(members) "{'attestation':{" members "}}"
#define X509_OF(members) ATTESTATION("'type':'x509','x509':{" members "}")
#define PRIMARY(members)                                                       \
	X509_OF("'clientCertificates':{'primary':{" members "}}")

static void
refuses_malformed_enrollments_and_stores_nothing(void **state)
{
	static const struct {
		const char *body;
		const char *says;
	} cases[] = {
	    {"[]",									   "must be a JSON object"      },
	    {"{'registrationId':'other'}",						   "the path says"              },
	    {"{'registrationId':'a b'}",						     "'registrationId'"           },
	    {"{'provisioningStatus':'on'}",						  "'on'"                       },
	    {"{'allocationPolicy':7}",						       "'allocationPolicy'"         },
	    {"{'iotHubs':[1]}",							      "'iotHubs'"                  },
	    {"{'iotHubs':['']}",							     "an empty name"              },
	    {"{'iotHubs':['a','b','A']}",						    "'A' twice"                  },
	    {"{'iotHubs':5,'iotHubHostName':'a'}",                                           "must be an array"           },
	    {"{'iotHubs':['b'],'iotHubHostName':'a'}",
             "'iotHubHostName' is 'a'"										    },
	    {"{'iotHubHostName':1}",							 "'iotHubHostName'"           },
	    {"{'capabilities':{'iotEdge':1}}",					       "'iotEdge'"                  },
	    {"{'reprovisionPolicy':[]}",						     "'reprovisionPolicy'"        },
	    {"{'initialTwin':[]}",							   "'initialTwin'"              },
	    {"{'initialTwin':{'tags':[]}}",						  "'tags'"                     },
	    {"{'initialTwin':{'tags':{'a.b':1}}}",                                           "no name of a property"      },
	    {"{'initialTwin':{'properties':7}}",                                             "'properties'"               },
	    {"{'initialTwin':{'properties':{'desired':7}}}",                                 "'desired'"                  },
	    {"{'initialTwin':{'properties':{'desired':[]}}}",                                "'desired'"                  },
	    {"{'initialTwin':{'properties':{'desired':{'$a':1}}}}",
             "'properties.desired'"										       },
	    {"{'deviceId':[]}",							      "'deviceId'"                 },
	    {"{'deviceId':'a/b'}",							   "'deviceId'"                 },
	    {"{}",									   "'attestation'"              },
	    {ATTESTATION("'type':'none'"),						   "not offered"                },
	    {ATTESTATION("'type':'tpm'"),						    "'tpm'"                      },
	    {ATTESTATION(
		 "'type':'symmetricKey','symmetricKey':{'primaryKey':'x'}"),
             "base64"												     },
	    {ATTESTATION(
		 "'type':'symmetricKey','symmetricKey':{'primaryKey':'AAAA'}"),
             "16 to 64"												   },
	    {ATTESTATION("'type':'x509'"),						   "'x509'"                     },
	    {X509_OF(""),								    "'clientCertificates'"       },
	    {X509_OF("'clientCertificates':{}"),                                             "'primary'"                  },
	    {X509_OF("'signingCertificates':{}"),                                            "does not belong here"       },
	    {X509_OF("'caReferences':{'primary':'a'}"),                                      "'caReferences'"             },
	    {PRIMARY("'certificate':'!'"),						   "neither PEM nor base64"     },
	    {PRIMARY("'certificate':'QUJD'"),						"not a DER certificate"      },
	    {PRIMARY("'certificate':[]"),						    "must be a string"           },
	    {PRIMARY("'info':{}"),							   "neither a 'certificate' nor"},
	};
	struct plant *plant = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reply reply = cloud_call(plant->cloud, SURFACE_DPS,
		    "PUT", INDIVIDUAL, parse(cases[i].body), NULL);

		assert_refused(&reply, 400, 400004, cases[i].says);
		reply = cloud_call(
		    plant->cloud, SURFACE_DPS, "GET", INDIVIDUAL, NULL, NULL);
		assert_status(&reply, 404);
	}
}

#define REGISTRATIONS "/0ne00000001/registrations/"
#define VERSION "?api-version=2021-06-01"

static void
refuses_what_it_cannot_read_as_a_request(void **state)
{
	static const struct {
		const char *method;
		const char *target;
		const char *body;
		int code; /* begins with the status */
	} cases[] = {
	    {"PUT",  REGISTRATIONS "dev/register",               "{}", 400001},
	    {"PUT",  REGISTRATIONS "dev/register?api-version=1", "{}", 400001},
	    {"PUT",  "relative" VERSION,                         "{}", 400004},
	    {"PUT",  "/%zz" VERSION,                             "{}", 400004},
	    {"PUT",  "/a%00b" VERSION,                           "{}", 400004},
	    {"GET",  "/a/b/c/d/e/f/g/h/i" VERSION,               "",   400004},
	    {"GET",  "/nothing" VERSION,                         "",   404000},
	    {"GET",  REGISTRATIONS "dev/register" VERSION,       "",   404000},
	    {"PUT",  REGISTRATIONS "dev/register" VERSION,       "{",  400004},
	    {"PUT",  REGISTRATIONS "dev/register" VERSION,       "",   400004},
	    {"PUT",  REGISTRATIONS "dev/register" VERSION,       "[]", 400004},
	    {"PUT",  REGISTRATIONS "a%20b/register" VERSION,     "{}", 400202},
	    {"PUT",  REGISTRATIONS "a_/register" VERSION,        "{}", 400202},
	    {"PUT",  REGISTRATIONS "a%2Fb/register" VERSION,     "{}", 400202},
	    {"PUT",  "/0ne2/registrations/dev/register" VERSION, "{}", 404000},
	    {"GET",  REGISTRATIONS "dev/operations/x" VERSION,   "{}", 404203},
	    {"POST", REGISTRATIONS "dev" VERSION,                "{}", 404202},
	};
	struct plant *plant = *state;

	cloud_enroll(plant->cloud, ENROLLMENT_INDIVIDUAL, "dev",
	    plant->device.certificate, NULL, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reply reply = cloud_call_as(plant->cloud, plant->chain,
		    cases[i].method, cases[i].target, cases[i].body);

		print_message("%s %s\n", cases[i].method, cases[i].target);
		assert_refused(
		    &reply, (unsigned)cases[i].code / 1000, cases[i].code, "");
	}
}

static void
lets_only_holders_of_a_policy_administer(void **state)
{
	static const char *const targets[] = {INDIVIDUAL,
	    "/enrollmentGroups/g?api-version=2021-10-01",
	    "/registrations/dev?api-version=2021-10-01", DEVICE, TWIN,
	    "/devices/?api-version=2021-04-12"};
	struct plant *plant = *state;

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct reply reply = cloud_call_as(
		    plant->cloud, plant->chain, "GET", targets[i], NULL);

		assert_status(&reply, 401);
	}
}

/* The server leaves the content out. */
static void
answers_head_as_it_does_get(void **state)
{
	struct plant *plant = *state;
	struct reply reply =
	    cloud_call_as(plant->cloud, NULL, "HEAD", "/portal/sign-in", NULL);

	assert_non_null(reply.text);
	assert_status(&reply, 200);
	reply = cloud_call(
	    plant->cloud, SURFACE_DPS, "HEAD", INDIVIDUAL, NULL, NULL);
	assert_refused(&reply, 404, 404201, "dev");
	cloud_enroll(plant->cloud, ENROLLMENT_INDIVIDUAL, "dev",
	    plant->device.certificate, NULL, NULL);
	reply = cloud_call(
	    plant->cloud, SURFACE_DPS, "HEAD", INDIVIDUAL, NULL, NULL);
	assert_string_not_equal(reply_header(&reply, "ETag"), "");
	assert_status(&reply, 200);
	reply =
	    cloud_call_as(plant->cloud, NULL, "HEAD", "/portal/sign-out", NULL);
	assert_status(&reply, 404);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, plant_setup, plant_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(keeps_the_certificate_when_an_update_has_only_its_info),
	    TEST(shows_in_an_individuals_record_how_far_its_device_has_come),
	    TEST(refuses_an_update_of_what_has_changed),
	    TEST(refuses_malformed_enrollments_and_stores_nothing),
	    TEST(refuses_what_it_cannot_read_as_a_request),
	    TEST(lets_only_holders_of_a_policy_administer),
	    TEST(answers_head_as_it_does_get),
	};

	return cmocka_run_group_tests_name("cloud", tests, NULL, NULL);
}
