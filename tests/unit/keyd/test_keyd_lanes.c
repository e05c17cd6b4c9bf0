/* SPDX-License-Identifier: MIT */
/* Which lane of keyd a request waits in, and how many run there at once. */
#include "cmocka_wrap.h"

#include <string.h>

#include "common/file.h"
#include "keyd_fixture.h"
#include "lanes.h"

#define OTHER KEYD_LANES /* the first lane behind those of keyd's own */

#define OWN_TOKEN "token: { uri: 'pkcs11:token=device?pin-value=1234' }\n"

static const char keys[] =
    "preloaded_keys:\n"
    "  mine: 'pkcs11:token=device;object=mine'\n"
    "  theirs: 'pkcs11:object=theirs;token=hsm?pin-source=file:/etc/pin'\n"
    "  also: 'pkcs11:token=hsm;id=%01;type=private'\n"
    "  file: 'file:///etc/a.pem'\n"
    "  twin: 'file:///etc/b.pem'\n"
    "  far: 'pkcs11:token=hsm;object=far?module-path=/usr/lib/far.so'\n";

/* What a keyd with these keys, and with token, has. */
struct setting {
	struct keyd_config config;
	struct preloaded preloaded;
};

static void
setting_done(struct setting *setting)
{
	preloaded_done(&setting->preloaded);
	keyd_config_done(&setting->config);
}

static void
read_setting(const char *token, struct setting *setting)
{
	CLEANUP(string) char *text = string_format("%s%s", token, keys);
	struct error err;

	assert_non_null(text);
	assert_int_equal(keyd_config_parse(text, &setting->config, &err), 0);
	assert_int_equal(
	    preloaded_read(&setting->config, &setting->preloaded, &err), 0);
}

static void
assert_place(const struct preloaded *preloaded, const char *id, unsigned place)
{
	if (preloaded_place(preloaded, id) != place)
		fail_msg("'%s' is in place %u, not %u", id,
		    preloaded_place(preloaded, id), place);
}

static void
keys_of_one_token_are_in_one_place(void **state)
{
	CLEANUP_DONE(setting) struct setting setting = {0};

	(void)state;
	read_setting(OWN_TOKEN, &setting);
	assert_int_equal(setting.preloaded.count, 6);
	assert_int_equal(setting.preloaded.other_places, 3);
	assert_place(&setting.preloaded, "mine", 0);
	assert_place(&setting.preloaded, "theirs", 1);
	assert_place(&setting.preloaded, "also", 1);
	assert_place(&setting.preloaded, "file", 2);
	assert_place(&setting.preloaded, "twin", 2);
	assert_place(&setting.preloaded, "far", 3);
	assert_place(&setting.preloaded, "unknown", 0);
}

static void
without_a_token_of_its_own_the_first_place_is_that_of_the_first_key(
    void **state)
{
	CLEANUP_DONE(setting) struct setting setting = {0};

	(void)state;
	read_setting("", &setting);
	assert_int_equal(setting.preloaded.other_places, 3);
	assert_place(&setting.preloaded, "mine", 0);
	assert_place(&setting.preloaded, "theirs", 1);
}

static unsigned
lane_of(const char *method, const char *target, const char *body)
{
	struct http_service service = keyd_service(&fixture->keyd);
	struct http_message message = {
	    .method = method,
	    .target = target,
	    .body = body ? body : "",
	    .body_length = body ? strlen(body) : 0,
	};

	return http_lane_of(&service, &message);
}

static unsigned
lane_of_handle(const char *id)
{
	CLEANUP(string) char *handle = NULL, *body = NULL;
	struct error err;

	assert_int_equal(
	    handles_issue(fixture->handles, KEY_PAIR, id, &handle, &err), 0);
	body = string_format("{\"keyHandle\":\"%s\"}", handle);
	assert_non_null(body);
	return lane_of("POST", "/sign" AZIOT, body);
}

static void
a_request_waits_in_the_lane_of_its_key(void **state)
{
	CLEANUP_DONE(setting) struct setting setting = {0};

	(void)state;
	read_setting(OWN_TOKEN, &setting);
	fixture->keyd.preloaded = &setting.preloaded;
	assert_int_equal(
	    lane_of("POST", "/keys/mine/sign" OURS, "{}"), KEYD_TOKEN);
	assert_int_equal(
	    lane_of("POST", "/keys/theirs/sign" OURS, "{}"), OTHER);
	assert_int_equal(
	    lane_of("GET", "/keypair/f%69le" AZIOT, NULL), OTHER + 1);
	assert_int_equal(lane_of("GET", "/keys/theirs" OURS, NULL), OTHER);
	assert_int_equal(lane_of("DELETE", "/keys/theirs" OURS, NULL), OTHER);
	assert_int_equal(lane_of("GET", "/keys" OURS, NULL), KEYD_DESK);
	assert_int_equal(lane_of_handle("mine"), KEYD_TOKEN);
	assert_int_equal(lane_of_handle("new"), KEYD_TOKEN);
	assert_int_equal(lane_of_handle("far"), OTHER + 2);
	/* What is wrong with these the handler will say. */
	assert_int_equal(
	    lane_of("POST", "/sign" AZIOT, "{\"keyHandle\":\"far\"}"),
	    KEYD_TOKEN);
	assert_int_equal(
	    lane_of("POST", "/sign" AZIOT, "nonsense"), KEYD_TOKEN);
	fixture->keyd.preloaded = NULL;
	assert_int_equal(
	    lane_of("POST", "/keys/theirs/sign" OURS, "{}"), KEYD_TOKEN);
}

static void
each_place_has_a_lane_as_wide_as_its_token(void **state)
{
	CLEANUP_DONE(setting) struct setting setting = {0};
	struct daemon_service service = {0};
	struct keyd_lanes lanes;

	(void)state;
	read_setting(OWN_TOKEN, &setting);
	keyd_lanes_set(&lanes, &setting.config, &setting.preloaded,
	    fixture->store, &service);
	assert_int_equal(service.lane_count, OTHER + 3);
	assert_string_equal(service.lanes[KEYD_TOKEN].name, "token");
	assert_string_equal(service.lanes[OTHER].name, "token-2");
	assert_string_equal(service.lanes[OTHER + 2].name, "token-4");
	assert_int_equal(service.places(service.clock_context, KEYD_TOKEN),
	    FAKE_SESSIONS_OWN);
	assert_int_equal(
	    service.places(service.clock_context, OTHER), FAKE_SESSIONS_OTHER);
	assert_int_equal(service.places(service.clock_context, KEYD_CHANGE), 1);
}

static void
more_places_than_lanes_share_the_last(void **state)
{
	(void)state;
	assert_int_equal(keyd_lane_of(0), KEYD_TOKEN);
	assert_int_equal(keyd_lane_of(1), OTHER);
	assert_int_equal(
	    keyd_lane_of(KEYD_LANES_MAX - KEYD_LANES), KEYD_LANES_MAX - 1);
	assert_int_equal(keyd_lane_of(1000), KEYD_LANES_MAX - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys_of_one_token_are_in_one_place),
	    cmocka_unit_test(
		without_a_token_of_its_own_the_first_place_is_that_of_the_first_key),
	    cmocka_unit_test(a_request_waits_in_the_lane_of_its_key),
	    cmocka_unit_test(each_place_has_a_lane_as_wide_as_its_token),
	    cmocka_unit_test(more_places_than_lanes_share_the_last),
	};

	return cmocka_run_group_tests_name(
	    "keyd lanes", tests, keyd_fixture_setup, keyd_fixture_teardown);
}
