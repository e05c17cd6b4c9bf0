/* SPDX-License-Identifier: MIT */
/* The calls on tpmd.sock, with a TPM that does as told. */
#include "cmocka_wrap.h"

#include <string.h>

#include "common/base64.h"
#include "common/file.h"
#include "fake_tpm.h"
#include "routes_tpm.h"
#include "scratch.h"

#define AZIOT "?api-version=2020-09-01"
#define OURS "?api-version=2026-12-01"
#define USER 1001
#define INDEX 0x123

static struct tpm_users *users;
static struct tpm *tpm;
static struct tpm_service service;
static struct http_reply reply;
static struct error err;

static int
setup(void **state)
{
	static const struct tpm_settings settings = {
	    .auth_key_index = INDEX,
	    .call_seconds = 600,
	    .prepare_seconds = 600,
	};

	fake_tpm_reset();
	if (scratch_create(state) || tpm_create(&settings, &tpm, &err) ||
	    tpm_users_create(&users, &err) ||
	    tpm_users_set(users, (uid_t[]){7, USER}, 2, false, &err))
		return -1;
	service = (struct tpm_service){
	    .tpm = tpm, .users = users, .call_seconds = 600};
	return 0;
}

static int
teardown(void **state)
{
	assert_int_equal(fake_tpm()->opened, fake_tpm()->closed);
	json_decref(reply.body);
	reply.body = NULL;
	tpm_free(tpm);
	tpm_users_free(users);
	return scratch_remove(state);
}

/* The reply is the caller's. */
static void
dispatch(uid_t uid, const char *method, const char *target, const char *body,
    struct http_reply *ret_reply)
{
	struct http_service http = tpm_http_service(&service);
	const struct http_message message = {
	    .method = method,
	    .target = target,
	    .content_type = body ? "application/json" : NULL,
	    .body = body,
	    .body_length = body ? strlen(body) : 0,
	    .peer = {.uid = uid, .pid = 4711},
	};

	http_dispatch(&http, &message, ret_reply);
}

static unsigned
call_as(uid_t uid, const char *method, const char *target, const char *body)
{
	json_decref(reply.body);
	dispatch(uid, method, target, body, &reply);
	return reply.status;
}

static unsigned
call(const char *method, const char *target, const char *body)
{
	return call_as(USER, method, target, body);
}

static const char *
member(const char *name)
{
	const char *text = json_string_value(json_object_get(reply.body, name));

	return text ? text : "none";
}

static unsigned
import_for(const char *target, const char *purpose)
{
	unsigned char blob[1024];
	CLEANUP(string)
	char *text = base64_encode(blob, fake_tpm_blob(blob));
	CLEANUP(string)
	char *body = string_format("{\"key\":\"%s\"%s}", text, purpose);

	return call("POST", target, body);
}

static unsigned
import(const char *target)
{
	return import_for(target, "");
}

static void
tells_the_public_keys(void **state)
{
	(void)state;
	assert_int_equal(call("GET", "/get_tpm_keys" AZIOT, NULL), 200);
	assert_string_equal(member("endorsement_key"), "AAJFSw==");
	assert_string_equal(member("storage_root_key"), "AANTUks=");
	assert_int_equal(json_object_size(reply.body), 2);
}

static void
imports_and_signs_at_the_configured_handle(void **state)
{
	(void)state;
	assert_int_equal(import("/import_auth_key" AZIOT), 200);
	assert_int_equal(json_object_size(reply.body), 0);
	assert_int_equal(fake_tpm()->handle, 0x81000000U + INDEX);
	assert_int_equal(fake_tpm()->blob.credential.size, 3);
	fake_tpm()->handle = 0;
	assert_int_equal(
	    call("POST", "/sign_with_auth_key" AZIOT, "{\"data\":\"AAAA\"}"),
	    200);
	assert_int_equal(fake_tpm()->handle, 0x81000000U + INDEX);
	assert_string_equal(
	    member("digest"), "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=");
}

#define FOR_REGISTRATION ",\"purpose\":\"registration\""

static void
keeps_the_key_of_the_hub_through_a_registration(void **state)
{
	static const char sign[] = "{\"data\":\"AAAA\"}";
	static const char registers[] =
	    "{\"data\":\"AAAA\"" FOR_REGISTRATION "}";

	(void)state;
	assert_int_equal(
	    call("POST", "/sign_with_auth_key" OURS, registers), 400);
	assert_string_equal(member("code"), "not-found");
	assert_int_equal(
	    import_for("/import_auth_key" OURS, FOR_REGISTRATION), 200);
	assert_false(fake_tpm()->has_key);
	assert_int_equal(
	    call("POST", "/sign_with_auth_key" OURS, registers), 200);
	assert_true(fake_tpm()->used_wrapped);
	assert_int_equal(call("POST", "/sign_with_auth_key" OURS, sign), 400);
	assert_int_equal(import("/import_auth_key" OURS), 200);
	assert_int_equal(call("POST", "/sign_with_auth_key" OURS, sign), 200);
	assert_false(fake_tpm()->used_wrapped);
	assert_int_equal(
	    call("POST", "/sign_with_auth_key" OURS, registers), 400);
	assert_int_equal(
	    import_for("/import_auth_key" OURS, ",\"purpose\":\"else\""), 422);
}

/* Which knows no purposes, and reads no member that it does not know. */
static void
has_one_key_under_the_version_of_aziot(void **state)
{
	(void)state;
	assert_int_equal(
	    import_for("/import_auth_key" AZIOT, FOR_REGISTRATION), 200);
	assert_true(fake_tpm()->has_key);
}

static void
knows_one_failure_as_aziot_tpmd_does(void **state)
{
	static const char sign[] = "{\"data\":\"AAAA\"}";

	(void)state;
	assert_int_equal(call("POST", "/sign_with_auth_key" AZIOT, sign), 500);
	assert_int_equal(call("POST", "/sign_with_auth_key" OURS, sign), 400);
	assert_string_equal(member("code"), "not-found");
	(void)error_set(
	    &fake_tpm()->unplugged, ERROR_UNAVAILABLE, "it is not there");
	assert_int_equal(call("POST", "/sign_with_auth_key" AZIOT, sign), 500);
	assert_int_equal(call("POST", "/sign_with_auth_key" OURS, sign), 503);
	assert_int_equal(call("GET", "/get_tpm_keys" AZIOT, NULL), 500);
	assert_int_equal(call("GET", "/get_tpm_keys" OURS, NULL), 503);
	assert_int_equal(import("/import_auth_key" AZIOT), 500);
	assert_int_equal(import("/import_auth_key" OURS), 503);
	assert_string_equal(member("message"), "it is not there");
}

static void
refuses_what_it_cannot_read_before_it_asks_the_tpm(void **state)
{
	static const char *const bodies[] = {"{\"key\":1,\"data\":1}", "{}",
	    "{\"key\":\"*\",\"data\":\"*\"}", "[]"};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		assert_int_equal(
		    call("POST", "/import_auth_key" AZIOT, bodies[i]), 422);
		assert_int_equal(
		    call("POST", "/sign_with_auth_key" AZIOT, bodies[i]), 422);
	}
	assert_int_equal(call("POST", "/import_auth_key" AZIOT, NULL), 400);
	assert_int_equal(call("POST", "/sign_with_auth_key" AZIOT, NULL), 400);
	assert_int_equal(
	    call("POST", "/import_auth_key" OURS, "{\"key\":\"AAAA\"}"), 400);
	assert_int_equal(fake_tpm()->opened, 0);
}

static void
lets_its_users_alone_use_the_key(void **state)
{
	static const char sign[] = "{\"data\":\"AAAA\"}";

	(void)state;
	assert_int_equal(
	    call_as(8, "POST", "/sign_with_auth_key" OURS, sign), 401);
	assert_int_equal(
	    call_as(0, "POST", "/sign_with_auth_key" OURS, sign), 401);
	assert_int_equal(
	    call_as(8, "POST", "/import_auth_key" OURS, sign), 401);
	assert_int_equal(call_as(8, "GET", "/get_tpm_keys" OURS, NULL), 401);
	assert_int_equal(fake_tpm()->opened, 0);
	assert_int_equal(call_as(0, "GET", "/get_tpm_keys" OURS, NULL), 200);
	assert_int_equal(call_as(7, "GET", "/get_tpm_keys" OURS, NULL), 200);
	assert_int_equal(call_as(8, "GET", "/health" OURS, NULL), 200);
	/* The next request goes by what is set by then. */
	assert_int_equal(
	    tpm_users_set(users, (uid_t[]){8}, 1, false, &err), ERROR_NONE);
	assert_int_equal(call_as(8, "GET", "/get_tpm_keys" OURS, NULL), 200);
	assert_int_equal(call_as(7, "GET", "/get_tpm_keys" OURS, NULL), 401);
	assert_int_equal(tpm_users_set(users, NULL, 0, true, &err), ERROR_NONE);
	assert_int_equal(call_as(7, "GET", "/get_tpm_keys" OURS, NULL), 200);
	assert_int_equal(call_as(8, "GET", "/get_tpm_keys" OURS, NULL), 200);
}

static void
says_how_the_tpm_does(void **state)
{
	(void)state;
	assert_int_equal(call("GET", "/health" OURS, NULL), 200);
	assert_string_equal(member("status"), "starting");
	assert_int_equal(call("GET", "/get_tpm_keys" OURS, NULL), 200);
	assert_int_equal(call("GET", "/health" OURS, NULL), 200);
	assert_string_equal(member("status"), "ok");
	(void)error_set(&fake_tpm()->fault, ERROR_UNAVAILABLE, "it is locked");
	assert_int_equal(call("GET", "/get_tpm_keys" OURS, NULL), 503);
	assert_int_equal(call("GET", "/health" OURS, NULL), 200);
	assert_string_equal(member("status"), "degraded");
	assert_string_equal(member("message"), "it is locked");
	assert_int_equal(call("GET", "/health" AZIOT, NULL), 404);
}

static void
says_that_there_is_no_tpm(void **state)
{
	(void)state;
	service.tpm = NULL;
	assert_int_equal(call("GET", "/get_tpm_keys" OURS, NULL), 503);
	assert_non_null(strstr(member("message"), "no section tpm"));
	assert_int_equal(call("GET", "/get_tpm_keys" AZIOT, NULL), 500);
	assert_int_equal(import("/import_auth_key" AZIOT), 500);
	assert_int_equal(import("/import_auth_key" OURS), 503);
	assert_int_equal(
	    call("POST", "/sign_with_auth_key" OURS, "{\"data\":\"AAAA\"}"),
	    503);
	assert_int_equal(call("GET", "/health" OURS, NULL), 200);
	assert_string_equal(member("status"), "degraded");
}

/* Who comes while the TPM works is told what it does, not made to wait. */
static void
ask_for_the_health(void)
{
	struct http_reply health;

	dispatch(USER, "GET", "/health" OURS, NULL, &health);
	assert_int_equal(health.status, 200);
	json_decref(health.body);
}

static void
answers_for_its_health_while_the_tpm_works(void **state)
{
	(void)state;
	fake_tpm()->at_work = ask_for_the_health;
	assert_int_equal(call("GET", "/get_tpm_keys" OURS, NULL), 200);
}

static void
keeps_a_record_of_each_use_and_each_denial(void **state)
{
	CLEANUP(string)
	char *folder = string_format("%s/audit", (char *)*state);
	CLEANUP(string) char *path = string_format("%s/audit.log", folder);
	const struct audit_settings settings = {.folder = folder,
	    .mode = AUDIT_REQUIRED,
	    .file_size = AUDIT_FILE_SIZE_DEFAULT,
	    .files = 1};
	CLEANUP(string) char *text = NULL;

	assert_int_equal(audit_open(&settings, &service.audit, &err), 0);
	assert_int_equal(import("/import_auth_key" OURS), 200);
	assert_int_equal(call_as(8, "POST", "/sign_with_auth_key" OURS,
			     "{\"data\":\"AAAA\"}"),
	    401);
	audit_close(service.audit);
	assert_int_equal(file_read(path, 100000, &text, NULL, &err), 0);
	assert_non_null(strstr(text, "\"op\":\"import\""));
	assert_non_null(strstr(text, "\"key\":\"tpm-auth-key\""));
	assert_non_null(strstr(text, "\"alg\":\"/sign_with_auth_key\""));
	assert_non_null(strstr(text, "\"result\":\"denied\""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(tells_the_public_keys),
	    TEST(imports_and_signs_at_the_configured_handle),
	    TEST(keeps_the_key_of_the_hub_through_a_registration),
	    TEST(has_one_key_under_the_version_of_aziot),
	    TEST(knows_one_failure_as_aziot_tpmd_does),
	    TEST(refuses_what_it_cannot_read_before_it_asks_the_tpm),
	    TEST(lets_its_users_alone_use_the_key),
	    TEST(says_how_the_tpm_does),
	    TEST(says_that_there_is_no_tpm),
	    TEST(answers_for_its_health_while_the_tpm_works),
	    TEST(keeps_a_record_of_each_use_and_each_denial),
	};

	return cmocka_run_group_tests_name("tpmd routes", tests, NULL, NULL);
}
