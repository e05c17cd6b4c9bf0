/* SPDX-License-Identifier: MIT */
/* What a handle is worth in whose hand. */
#include "cmocka_wrap.h"

#include <string.h>

#include "common/file.h"
#include "keyd_fixture.h"

static char *
secret_of(uid_t uid, const char *id)
{
	return keyd_fixture_get(uid, "keyHandle", "POST", "/key" OURS,
	    "{\"keyId\":\"%s\",\"usage\":\"derive\"}", id);
}

static char *
derive(uid_t uid, const char *base)
{
	return keyd_fixture_get(uid, "keyHandle", "POST", "/derivedkey" OURS,
	    "{\"baseKeyHandle\":\"%s\",\"derivationData\":\"AQ==\"}", base);
}

static char *
lend(uid_t by, uid_t to, const char *handle)
{
	return keyd_fixture_get(by, "keyHandle", "POST",
	    "/handles/delegate" OURS, "{\"keyHandle\":\"%s\",\"uid\":%u}",
	    handle, to);
}

static unsigned
status_of(uid_t uid, const char *method, const char *target, const char *rest,
    const char *handle)
{
	CLEANUP(string)
	char *body = string_format("{\"keyHandle\":\"%s\"%s}", handle, rest);

	return keyd_fixture_status(uid, method, target, body);
}

static unsigned
sign(uid_t uid, const char *handle)
{
	return status_of(uid, "POST", "/sign" AZIOT,
	    ",\"algorithm\":\"HMAC-SHA256\",\"parameters\":{\"message\":\"\"}",
	    handle);
}

static unsigned
export_key(uid_t uid, const char *handle)
{
	return status_of(uid, "POST", "/derivedkey/export" AZIOT, "", handle);
}

static unsigned
delete_key(uid_t uid, const char *handle)
{
	return status_of(uid, "DELETE", "/key" AZIOT, "", handle);
}

static void
a_handle_is_no_right(void **state)
{
	CLEANUP(string) char *handle = secret_of(ALICE, "a");
	CLEANUP(string) char *derived = derive(ALICE, handle);

	(void)state;
	assert_int_equal(sign(ALICE, derived), 200);
	assert_int_equal(sign(BOB, derived), 401);
	assert_int_equal(sign(STRANGER, handle), 401);
	assert_int_equal(export_key(BOB, derived), 401);
	assert_int_equal(delete_key(BOB, handle), 401);
}

static void
a_lent_key_is_used_by_whom_it_was_lent_to(void **state)
{
	CLEANUP(string) char *handle = secret_of(ALICE, "a");
	CLEANUP(string) char *derived = derive(ALICE, handle);
	CLEANUP(string) char *lent = lend(ALICE, STRANGER, derived);

	(void)state;
	assert_int_equal(sign(STRANGER, lent), 200);
	assert_int_equal(sign(BOB, lent), 401);
	assert_int_equal(sign(BEARER, lent), 401);
	assert_int_equal(sign(ALICE, lent), 200); /* by his own right */
	/* What is inside of it is not lent. */
	assert_int_equal(sign(STRANGER, derived), 401);
	assert_int_equal(sign(STRANGER, handle), 401);
	assert_int_equal(export_key(STRANGER, lent), 401);
	assert_int_equal(delete_key(STRANGER, lent), 401);
}

static void
what_is_derived_from_a_lent_key_is_lent(void **state)
{
	CLEANUP(string) char *handle = secret_of(ALICE, "a");
	CLEANUP(string) char *lent = lend(ALICE, STRANGER, handle);
	CLEANUP(string) char *derived = derive(STRANGER, lent);

	(void)state;
	assert_int_equal(sign(STRANGER, derived), 200);
	assert_int_equal(sign(BOB, derived), 401);
}

static void
a_lent_pair_shows_its_public_half(void **state)
{
	CLEANUP(string)
	char *handle = keyd_fixture_get(
	    ALICE, "keyHandle", "POST", "/keypair" OURS, "{\"keyId\":\"a\"}");
	CLEANUP(string) char *lent = lend(ALICE, STRANGER, handle);

	(void)state;
	assert_int_equal(
	    status_of(STRANGER, "POST", "/parameters/ec-point" AZIOT, "", lent),
	    200);
	assert_int_equal(status_of(STRANGER, "POST", "/sign" AZIOT,
			     ",\"algorithm\":\"ECDSA\",\"parameters\":"
			     "{\"digest\":\"AA==\"}",
			     lent),
	    200);
}

static void
a_loan_ends_with_the_right_of_the_lender(void **state)
{
	CLEANUP(string) char *handle = secret_of(ALICE, "a");
	CLEANUP(string) char *lent = lend(ALICE, STRANGER, handle);
	struct access_settings settings = {.bearer_count = 0};
	struct access *access;
	struct error err;

	(void)state;
	assert_int_equal(sign(STRANGER, lent), 200);
	assert_int_equal(acl_create(&settings.acl, &err), ERROR_NONE);
	assert_int_equal(
	    acl_add(settings.acl, "1001", "a", ACL_MANAGE, &err), ERROR_NONE);
	assert_int_equal(access_create(&settings, &access, &err), ERROR_NONE);
	keys_set_access(fixture->keys, access);
	assert_int_equal(sign(STRANGER, lent), 401);
	assert_int_equal(sign(ALICE, handle), 401);
	assert_int_equal(delete_key(ALICE, handle), 204);
}

static void
nobody_lends_what_is_not_his(void **state)
{
	CLEANUP(string) char *handle = secret_of(ALICE, "a");
	CLEANUP(string) char *lent = lend(ALICE, BOB, handle);

	(void)state;
	assert_int_equal(status_of(BOB, "POST", "/handles/delegate" OURS,
			     ",\"uid\":1009", lent),
	    401);
	assert_int_equal(status_of(BOB, "POST", "/handles/delegate" OURS,
			     ",\"uid\":1009", handle),
	    401);
	assert_int_equal(status_of(BEARER, "POST", "/handles/delegate" OURS,
			     ",\"uid\":1009", handle),
	    401);
	assert_int_equal(status_of(ALICE, "POST", "/handles/delegate" OURS,
			     ",\"uid\":-1", handle),
	    400);
	assert_int_equal(status_of(ALICE, "POST", "/handles/delegate" OURS,
			     ",\"uid\":4294967295", handle),
	    400);
	assert_int_equal(status_of(ALICE, "POST", "/handles/delegate" OURS,
			     ",\"uid\":\"bob\"", handle),
	    422);
	assert_int_equal(
	    status_of(ALICE, "POST", "/handles/delegate" OURS, "", handle),
	    422);
}

static void
a_bearer_uses_what_he_has_a_handle_of(void **state)
{
	CLEANUP(string) char *handle = secret_of(ALICE, "a");
	CLEANUP(string) char *derived = derive(BEARER, handle);

	(void)state;
	assert_int_equal(sign(BEARER, handle), 200);
	assert_int_equal(sign(BEARER, derived), 200);
	assert_int_equal(export_key(BEARER, derived), 401);
	assert_int_equal(delete_key(BEARER, handle), 401);
	assert_int_equal(
	    keyd_fixture_status(BEARER, "GET", "/key/a" OURS, NULL), 401);
}

/* As aziot: BOB has an entry for b*, STRANGER has none. */
static void
be_aziot(void)
{
	struct access_settings settings = {.aziot = true};
	struct access *access;
	struct error err;

	assert_int_equal(acl_create(&settings.acl, &err), ERROR_NONE);
	assert_int_equal(
	    acl_add(settings.acl, "1002", "b*", ACL_ALL, &err), ERROR_NONE);
	assert_int_equal(access_create(&settings, &access, &err), ERROR_NONE);
	keys_set_access(fixture->keys, access);
}

static void
with_aziot_a_handle_is_every_right(void **state)
{
	CLEANUP(string) char *handle = secret_of(ALICE, "a");
	CLEANUP(string) char *derived = derive(ALICE, handle);

	(void)state;
	be_aziot();
	assert_int_equal(export_key(STRANGER, derived), 401);
	assert_int_equal(export_key(BOB, derived), 200);
	assert_int_equal(
	    keyd_fixture_status(BOB, "GET", "/key/a" AZIOT, NULL), 401);
	assert_int_equal(delete_key(BOB, handle), 204);
}

static void
no_handle_reaches_the_reserved_id(void **state)
{
	CLEANUP(string) char *secret = NULL;
	struct error err;

	(void)state;
	assert_int_equal(handles_issue(fixture->handles, KEY_SECRET,
			     KEY_ID_RESERVED, &secret, &err),
	    ERROR_NONE);
	assert_int_equal(sign(ROOT, secret), 401);
	assert_int_equal(sign(BEARER, secret), 401);
	be_aziot();
	assert_int_equal(sign(BOB, secret), 401);
	assert_int_equal(delete_key(BOB, secret), 401);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(                                       \
	    name, keyd_fixture_setup, keyd_fixture_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(a_handle_is_no_right),
	    TEST(a_lent_key_is_used_by_whom_it_was_lent_to),
	    TEST(what_is_derived_from_a_lent_key_is_lent),
	    TEST(a_lent_pair_shows_its_public_half),
	    TEST(a_loan_ends_with_the_right_of_the_lender),
	    TEST(nobody_lends_what_is_not_his),
	    TEST(a_bearer_uses_what_he_has_a_handle_of),
	    TEST(with_aziot_a_handle_is_every_right),
	    TEST(no_handle_reaches_the_reserved_id),
	};

	return cmocka_run_group_tests_name("keyd titles", tests, NULL, NULL);
}
