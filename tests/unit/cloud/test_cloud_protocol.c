/* SPDX-License-Identifier: MIT */
/*
 * docs/protocol-cloud.md against the tables of routes, and its statuses against
 * what is answered. Its rows are "| `METHOD /path/{name}` | who | 200, ... |".
 */
#include "cmocka_wrap.h"

#include <openssl/pkcs7.h>
#include <stdio.h>
#include <string.h>

#include "common/base64.h"
#include "common/file.h"
#include "common/time.h"
#include "est_attributes.h"
#include "est_store.h"
#include "pki_fixture.h"
#include "portal_fixture.h"
#include "protocol_page.h"
#include "rights.h"
#include "sas.h"

#define PAGE DOCS_DIRECTORY "/protocol-cloud.md"
#define PAGE_MAX ((size_t)256 * 1024)
#define ROWS_MAX 150
#define TEXT_MAX 128

struct row {
	char call[TEXT_MAX]; /* "GET /devices/{}" */
	char who[TEXT_MAX];
	unsigned status;
	bool seen; /* by the test that runs */
};

static struct row rows[ROWS_MAX];
static size_t row_count;

static int
read_page(void **state)
{
	CLEANUP(string) char *page = NULL;
	char *rest = NULL;
	struct error err;

	(void)state;
	row_count = 0;
	if (file_read(PAGE, PAGE_MAX, &page, NULL, &err))
		fail_msg("%s", err.message);
	for (char *line = strtok_r(page, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		struct row row = {.seen = false};
		char behind, status[4];

		if (sscanf(line, "| `%127[A-Z] /%c", row.call, &behind) != 2)
			continue;
		assert_true(row_count < ROWS_MAX);
		assert_int_equal(
		    sscanf(line, "| `%127[^`]` | %127[^|]| %3[0-9]", row.call,
			row.who, status),
		    3);
		row.who[strlen(row.who) - 1] = '\0'; /* a blank */
		page_drop_names(row.call);
		row.status = (unsigned)strtoul(status, NULL, 10);
		rows[row_count++] = row;
	}
	return 0;
}

static struct row *
find_row(const char *method, const char *pattern)
{
	CLEANUP(string)
	char *call = string_format("%s %s", method, *pattern ? pattern : "/");

	for (size_t i = 0; i < row_count; i++)
		if (strcmp(rows[i].call, call) == 0)
			return &rows[i];
	fail_msg("the page does not have '%s'", call);
	return NULL;
}

/* What must stand in the page's column; NULL: the handler decides. */
static char *
who_may(const struct route_table *table, const struct route *route)
{
	switch (table->authority) {
	case AUTHORITY_POLICY:
		return string_format(
		    "`%s`", right_name(right_needed(table->surface,
				route->pattern, route->method)));
	case AUTHORITY_ADMIN:
		return strdup("an administrator");
	case AUTHORITY_SESSION:
		return strdup("who is signed in");
	case AUTHORITY_HANDLER:
		break;
	}
	return NULL;
}

static void
the_page_has_every_route_and_no_other(void **state)
{
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < cloud_table_count; i++)
		for (size_t j = 0; j < cloud_tables[i].count; j++) {
			const struct route *route = &cloud_tables[i].routes[j];
			CLEANUP(string)
			char *who = who_may(&cloud_tables[i], route);
			struct row *row =
			    find_row(route->method, route->pattern);

			print_message("%s\n", row->call);
			assert_false(row->seen);
			row->seen = true;
			count++;
			if (who && strcmp(row->who, who) != 0)
				fail_msg("it is for %s", who);
		}
	assert_int_equal(count, row_count);
}

/* ---- what is answered ---- */

#define DPS "?api-version=2021-10-01"
#define HUB "?api-version=2021-04-12"
#define REGISTRATION "/" FIXTURE_SCOPE "/registrations/dev"
#define EST "/.well-known/est"
#define KEYED "\"attestation\":{\"type\":\"symmetricKey\"}"
#define EVERYTHING "{\"query\":\"SELECT * FROM devices\"}"

/* A call that succeeds. */
struct call {
	enum plant_caller caller;
	const char *method;
	const char *target;
	const char *body; /* NULL: none */
};

/* In this order: what is removed was there before. */
static const struct call calls[] = {
    {BY_DPS_POLICY, "PUT",    "/enrollments/new" DPS,
     "{\"registrationId\":\"new\"," KEYED "}"								      },
    {BY_DPS_POLICY, "GET",    "/enrollments/new" DPS,                           NULL                               },
    {BY_DPS_POLICY, "POST",   "/enrollments/new/attestationmechanism" DPS,      NULL                               },
    {BY_DPS_POLICY, "POST",   "/enrollments/query" DPS,                         EVERYTHING                         },
    {BY_DPS_POLICY, "POST",   "/enrollments" DPS,
     "{\"mode\":\"delete\",\"enrollments\":[{\"registrationId\":\"new\"}]}"                                        },
    {BY_DPS_POLICY, "PUT",    "/enrollmentGroups/new" DPS,
     "{\"enrollmentGroupId\":\"new\"," KEYED "}"								   },
    {BY_DPS_POLICY, "GET",    "/enrollmentGroups/new" DPS,                      NULL                               },
    {BY_DPS_POLICY, "POST",   "/enrollmentGroups/new/attestationmechanism" DPS,
     NULL													  },
    {BY_DPS_POLICY, "POST",   "/enrollmentGroups/query" DPS,                    EVERYTHING                         },
    {BY_DPS_POLICY, "POST",   "/enrollmentGroups" DPS,
     "{\"mode\":\"delete\",\"enrollmentGroups\":"
	"[{\"enrollmentGroupId\":\"new\"}]}"								       },
    {BY_DPS_POLICY, "GET",    "/registrations/dev" DPS,                         NULL                               },
    {BY_DPS_POLICY, "POST",   "/registrations/line/query" DPS,                  EVERYTHING                         },
    {BY_DEVICE,     "POST",   REGISTRATION DPS,                                 "{}"                               },
    {BY_DEVICE,     "PUT",    REGISTRATION "/register" DPS,                     "{}"                               },
    {BY_ADMIN,      "GET",    "/policies",				      NULL                               },
    {BY_ADMIN,      "PUT",    "/policies/dps/p",                                "{\"rights\":[\"EnrollmentRead\"]}"},
    {BY_ADMIN,      "DELETE", "/policies/dps/p",                                NULL                               },
    {BY_ADMIN,      "POST",   "/faults",
     "{\"name\":\"401\",\"endpoint\":\"register\"}"								},
    {BY_ADMIN,      "GET",    "/faults",					NULL                               },
    {BY_ADMIN,      "DELETE", "/faults/1",				      NULL                               },
    {BY_ADMIN,      "DELETE", "/faults",					NULL                               },
    {BY_HUB_POLICY, "PUT",    "/devices/new" HUB,                               "{}"                               },
    {BY_HUB_POLICY, "GET",    "/devices/new" HUB,                               NULL                               },
    {BY_HUB_POLICY, "GET",    "/devices" HUB,                                   NULL                               },
    {BY_HUB_POLICY, "POST",   "/devices/query" HUB,                             EVERYTHING                         },
    {BY_HUB_POLICY, "POST",   "/devices" HUB,
     "[{\"id\":\"newer\",\"importMode\":\"create\"}]"							      },
    {BY_HUB_POLICY, "DELETE", "/devices/new" HUB,                               NULL                               },
    {BY_HUB_POLICY, "GET",    "/statistics/devices" HUB,                        NULL                               },
    {BY_HUB_POLICY, "GET",    "/twins/dev" HUB,                                 NULL                               },
    {BY_HUB_POLICY, "PATCH",  "/twins/dev" HUB,                                 "{}"                               },
    {BY_HUB_POLICY, "PUT",    "/twins/dev" HUB,                                 "{}"                               },
    {BY_DEVICE,     "PUT",    "/devices/dev/modules/n" HUB,                     "{}"                               },
    {BY_HUB_POLICY, "GET",    "/twins/dev/modules/n" HUB,                       NULL                               },
    {BY_HUB_POLICY, "PATCH",  "/twins/dev/modules/n" HUB,                       "{}"                               },
    {BY_HUB_POLICY, "PUT",    "/twins/dev/modules/n" HUB,                       "{}"                               },
    {BY_DEVICE,     "GET",    "/devices/dev/modules" HUB,                       NULL                               },
    {BY_HUB_POLICY, "GET",    "/devices/dev/modules/n" HUB,                     NULL                               },
    {BY_HUB_POLICY, "DELETE", "/devices/dev/modules/n" HUB,                     NULL                               },
    {BY_DEVICE,     "GET",    "/devices/dev/messages/devicebound" HUB,          NULL                               },
    {BY_DEVICE,     "POST",   "/devices/dev/messages/events" HUB,               "21 degrees"                       },
    {BY_DEVICE,     "POST",   EST "/serverkeygen",                              NULL                               },
    {BY_DEVICE,     "POST",   EST "/x/serverkeygen",                            NULL                               },
    {BY_DEVICE,     "POST",   EST "/fullcmc",                                   NULL                               },
    {BY_DEVICE,     "POST",   EST "/x/fullcmc",                                 NULL                               },
    {BY_DEVICE,     "GET",    EST "/cacerts",                                   NULL                               },
    {BY_DEVICE,     "GET",    EST "/x/cacerts",                                 NULL                               },
    {BY_DEVICE,     "GET",    EST "/csrattrs",                                  NULL                               },
    {BY_DEVICE,     "GET",    EST "/x/csrattrs",                                NULL                               },
};

/* True if call, as "GET /devices/dev", is one of the route pattern. */
static bool
fits(const char *pattern, const char *call)
{
	while (*pattern && *call && *call != '?') {
		size_t length = strcspn(call, "/?");

		if (strncmp(pattern, "{}", 2) == 0) {
			pattern += 2;
			call += length;
		} else if (*pattern++ != *call++) {
			return false;
		}
	}
	return !*pattern && (!*call || *call == '?');
}

/* Compares the status with that of the page, and releases the reply. */
static void
assert_described(struct reply *reply, const char *method, const char *target)
{
	CLEANUP(string) char *call = string_format("%s %s", method, target);

	print_message("%s: %u %s\n", call, reply->status, reply->reason);
	for (size_t i = 0; i < row_count; i++)
		if (fits(rows[i].call, call)) {
			rows[i].seen = true;
			assert_status(reply, rows[i].status);
			return;
		}
	fail_msg("the page does not have '%s'", call);
}

static void
send_call(struct plant *plant, const struct call *call)
{
	const struct plant_request request = {.caller = call->caller,
	    .method = call->method,
	    .target = call->target,
	    .body = call->body,
	    .length = call->body ? strlen(call->body) : 0};
	struct reply reply = plant_send(plant, &request);

	assert_described(&reply, call->method, call->target);
}

/* Registers and polls. */
static void
register_device(struct plant *plant)
{
	struct reply reply = cloud_call_as(plant->cloud, plant->chain, "PUT",
	    REGISTRATION "/register" DPS, "{}");
	CLEANUP(string)
	char *target = string_format(REGISTRATION "/operations/%s" DPS,
	    reply_text(&reply, "operationId"));

	reply_done(&reply);
	reply = cloud_call_as(plant->cloud, plant->chain, "GET", target, NULL);
	assert_status(&reply, 202); /* assigning */
	send_call(plant, &(struct call){BY_DEVICE, "GET", target, NULL});
}

#define CA "/certificates/plant"

/* Uploads it and proves that it is ours. */
static void
administer_ca(struct plant *plant)
{
	CLEANUP(string) char *pem = fixture_pem(plant->root.certificate);
	CLEANUP(json)
	json_t *properties =
	    json_pack("{s:{s:s}}", "properties", "certificate", pem);
	CLEANUP(string) char *body = json_text(properties);
	CLEANUP_DONE(identity) struct identity proof = {0};
	CLEANUP(string) char *proof_pem = NULL;
	CLEANUP(string) char *proof_body = NULL;
	CLEANUP(json) json_t *certificate = NULL;
	struct reply reply;

	send_call(plant, &(struct call){BY_ADMIN, "PUT", CA DPS, body});
	send_call(plant, &(struct call){BY_ADMIN, "GET", CA DPS, NULL});
	send_call(
	    plant, &(struct call){BY_ADMIN, "GET", "/certificates" DPS, NULL});
	reply = plant_send(
	    plant, &(struct plant_request){.caller = BY_ADMIN,
		       .method = "POST",
		       .target = CA "/generateVerificationCode" DPS});
	proof = identity_create(&(struct identity_plan){
	    .common_name = reply_text(&reply, "properties.verificationCode"),
	    .issuer = &plant->root});
	assert_described(&reply, "POST", CA "/generateVerificationCode" DPS);
	proof_pem = fixture_pem(proof.certificate);
	certificate = json_pack("{s:s}", "certificate", proof_pem);
	proof_body = json_text(certificate);
	send_call(plant,
	    &(struct call){BY_ADMIN, "POST", CA "/verify" DPS, proof_body});
}

/* What the module says is signed with the module's own key. */
static void
send_as_module(struct plant *plant)
{
	static const char target[] =
	    "/devices/dev/modules/m/messages/events" HUB;
	struct reply reply = cloud_call(plant->cloud, SURFACE_HUB, "GET",
	    "/devices/dev/modules/m" HUB, NULL, NULL);
	CLEANUP(string) char *token = NULL;
	struct error err;

	assert_int_equal(
	    sas_create(FIXTURE_HOST "/devices/dev/modules/m", NULL,
		reply_text(&reply, "authentication.symmetricKey.primaryKey"),
		time_now() + FIXTURE_DAY, &token, &err),
	    ERROR_NONE);
	reply_done(&reply);
	reply = cloud_call_signed(plant->cloud, token, "POST", target, "hi");
	assert_described(&reply, "POST", target);
}

/* The base64 text of a request for the device's name and key. */
static char *
est_request(const struct plant *plant)
{
	CLEANUP(x509_req)
	X509_REQ *request = fixture_request(plant->device.key, "dev", NULL);
	unsigned char *der = NULL;
	int length = i2d_X509_REQ(request, &der);
	char *text = base64_encode(der, (size_t)length);

	OPENSSL_free(der);
	return text;
}

/* The certificates in a base64 text of PKCS#7. */
static x509_stack *
est_certificates(const char *text)
{
	unsigned char *der = NULL;
	const unsigned char *position;
	size_t length;
	PKCS7 *message;
	x509_stack *chain;
	struct error err;

	assert_int_equal(base64_decode(text, &der, &length, &err), ERROR_NONE);
	position = der;
	message = d2i_PKCS7(NULL, &position, (long)length);
	assert_non_null(message);
	chain = X509_chain_up_ref(message->d.sign->cert);
	PKCS7_free(message);
	free(der);
	return chain;
}

static struct reply
est_post(struct plant *plant, const char *target, const x509_stack *chain,
    const char *body)
{
	struct request request = {
	    .method = "POST",
	    .target_text = target,
	    .headers = {.host = FIXTURE_HOST,
			.content_type = "application/pkcs10"},
	    .body = body,
	    .body_length = strlen(body),
	    .chain = chain,
	    .tls_version = "TLS1.3"
        };
	struct reply reply = {0};

	dispatch(plant->cloud, &request, &reply);
	return reply;
}

static void
use_est(struct plant *plant)
{
	static const char *const first[] = {
	    EST "/simpleenroll", EST "/x/simpleenroll"};
	static const char *const again[] = {
	    EST "/simplereenroll", EST "/x/simplereenroll"};
	CLEANUP(string) char *body = est_request(plant);
	CLEANUP(string) char *pem = fixture_pem(plant->root.certificate);
	struct error err;

	assert_int_equal(
	    est_anchor_add(plant->cloud->database, pem, &err), ERROR_NONE);
	for (size_t i = 0; i < 2; i++) {
		struct reply reply =
		    est_post(plant, first[i], plant->chain, body);
		CLEANUP(x509_stack)
		x509_stack *issued = est_certificates(reply.text);

		assert_described(&reply, "POST", first[i]);
		reply = est_post(plant, again[i], issued, body);
		assert_described(&reply, "POST", again[i]);
	}
}

/* Opens each page; forms are sent by unit_portal_pages. */
static void
visit_portal(struct plant *plant)
{
	static const char *const targets[] = {"/", "/portal/sign-in",
	    "/portal/assets/portal.css", "/portal", "/portal/new/individual",
	    "/portal/new/group", "/portal/individuals",
	    "/portal/individuals/dev", "/portal/individuals/dev/delete",
	    "/portal/groups", "/portal/groups/line",
	    "/portal/groups/line/delete", "/portal/certificates",
	    "/portal/certificates/plant", "/portal/certificates/plant/delete",
	    "/portal/registrations", "/portal/registrations/dev",
	    "/portal/registrations/dev/delete", "/portal/devices",
	    "/portal/devices/dev"};
	struct visitor visitor = visitor_create(plant->cloud);

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct reply reply = visitor_get(&visitor, targets[i]);

		assert_described(&reply, "GET", targets[i]);
	}
}

/* Those that a browser's form makes, and the file of the server's root. */
static bool
is_elsewhere(const char *call)
{
	return strncmp(call, "POST /portal/", strlen("POST /portal/")) == 0 ||
	       strcmp(call, "GET /portal/ca.pem") == 0;
}

static void
each_call_is_answered_as_the_page_says(void **state)
{
	static const struct call last[] = {
	    {BY_ADMIN,      "DELETE", CA DPS,                       NULL},
	    {BY_DPS_POLICY, "DELETE", "/registrations/dev" DPS,     NULL},
	    {BY_DPS_POLICY, "DELETE", "/enrollments/dev" DPS,       NULL},
	    {BY_DPS_POLICY, "DELETE", "/enrollmentGroups/line" DPS, NULL},
	};
	struct plant *plant = *state;
	struct error err;

	cloud_add_est(plant->cloud);
	assert_int_equal(
	    est_attributes_set(plant->cloud->database, "key:P-256", &err),
	    ERROR_NONE);
	register_device(plant);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		send_call(plant, &calls[i]);
	send_as_module(plant);
	use_est(plant);
	administer_ca(plant);
	visit_portal(plant);
	for (size_t i = 0; i < sizeof(last) / sizeof(last[0]); i++)
		send_call(plant, &last[i]);
	for (size_t i = 0; i < row_count; i++)
		if (!rows[i].seen && !is_elsewhere(rows[i].call))
			fail_msg("'%s' was not called", rows[i].call);
}

static int
setup(void **state)
{
	return read_page(state) || plant_setup_full(state);
}

static void
the_manual_says_where_all_calls_are(void **state)
{
	CLEANUP(string) char *manual = NULL;
	struct error err;

	(void)state;
	if (file_read(DOCS_DIRECTORY "/man/signet-cloud.1", PAGE_MAX, &manual,
		NULL, &err))
		fail_msg("%s", err.message);
	assert_non_null(
	    strstr(manual, "\n.Pa docs/protocol-cloud.md\nhas all calls"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_manual_says_where_all_calls_are),
	    cmocka_unit_test_setup(
		the_page_has_every_route_and_no_other, read_page),
	    cmocka_unit_test_setup_teardown(
		each_call_is_answered_as_the_page_says, setup, plant_teardown),
	};

	return cmocka_run_group_tests_name("cloud protocol", tests, NULL, NULL);
}
