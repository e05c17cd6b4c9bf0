/* SPDX-License-Identifier: MIT */
/* How the PKCS#11 module asks keyd, seen from the other end of the socket. */
#include "cmocka_wrap.h"

#include <string.h>

#include "remote.h"
#include "scripted_server.h"

#define LAST(status, body)                                                     \
	"HTTP/1.1 " status                                                     \
	"\r\nconnection: close\r\n\r\n" body SCRIPT_THEN_CLOSE

static const char no_keys[] =
    "HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"keys\":[]}";
static const char no_keys_and_close[] = LAST("200 OK", "{\"keys\":[]}");
static const char signed_so[] =
    "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{\"signature\":\"AQID\"}";

struct fixture {
	struct scripted_server *server;
	struct remote *remote;
};

static struct fixture
start(const char *const *script)
{
	struct scripted_server *server = scripted_server_start(script);
	struct remote *remote = remote_create(scripted_server_path(server));

	assert_non_null(remote);
	return (struct fixture){server, remote};
}

static void
stop(struct fixture *fixture)
{
	remote_free(fixture->remote);
	scripted_server_stop(fixture->server);
}

static enum error_code
list(struct remote *remote, struct error *err)
{
	CLEANUP_DONE(key_list) struct key_list keys = {0};

	return remote_list(remote, &keys, err);
}

static enum error_code
sign(struct remote *remote, const char *key_id, struct signature *ret_signature,
    struct error *err)
{
	struct scheme scheme = {"ES256", "digest", FIT_EXACT, 3};
	struct message message = {3, "abc"};

	return remote_sign(
	    remote, key_id, &scheme, &message, ret_signature, err);
}

static void
assert_request_begins(const struct fixture *fixture, const char *line)
{
	assert_memory_equal(
	    scripted_server_request(fixture->server), line, strlen(line));
}

static void
asks_for_the_keys_in_our_api_version(void **state)
{
	static const char *const script[] = {no_keys, NULL};
	struct fixture fixture = start(script);
	struct error err;

	(void)state;
	assert_int_equal(list(fixture.remote, &err), ERROR_NONE);
	assert_request_begins(
	    &fixture, "GET /keys?api-version=2026-12-01 HTTP/1.1\r\n");
	stop(&fixture);
}

static void
names_the_key_in_the_path_and_the_digest_in_the_body(void **state)
{
	static const char *const script[] = {signed_so, NULL};
	struct fixture fixture = start(script);
	struct signature signature;
	struct error err;

	(void)state;
	assert_int_equal(
	    sign(fixture.remote, "a/b c", &signature, &err), ERROR_NONE);
	assert_request_begins(&fixture,
	    "POST /keys/a%2Fb%20c/sign?api-version=2026-12-01 HTTP/1.1\r\n");
	assert_non_null(strstr(scripted_server_request(fixture.server),
	    "\r\n\r\n{\"algorithm\":\"ES256\",\"digest\":\"YWJj\"}"));
	assert_int_equal(signature.length, 3);
	assert_memory_equal(signature.data, "\x01\x02\x03", 3);
	stop(&fixture);
}

static void
keeps_its_connection_until_told(void **state)
{
	static const char *const script[] = {
	    no_keys, signed_so, no_keys, no_keys, NULL};
	struct fixture fixture = start(script);
	struct signature signature;
	struct error err;

	(void)state;
	assert_int_equal(list(fixture.remote, &err), ERROR_NONE);
	assert_int_equal(
	    sign(fixture.remote, "a", &signature, &err), ERROR_NONE);
	assert_int_equal(list(fixture.remote, &err), ERROR_NONE);
	assert_int_equal(scripted_server_connections(fixture.server), 1);
	remote_disconnect(fixture.remote);
	assert_int_equal(list(fixture.remote, &err), ERROR_NONE);
	assert_int_equal(scripted_server_connections(fixture.server), 2);
	stop(&fixture);
}

static void
connects_anew_when_keyd_has_closed(void **state)
{
	static const char *const script[] = {
	    no_keys_and_close, signed_so, NULL};
	struct fixture fixture = start(script);
	struct signature signature;
	struct error err;

	(void)state;
	assert_int_equal(list(fixture.remote, &err), ERROR_NONE);
	assert_int_equal(
	    sign(fixture.remote, "a", &signature, &err), ERROR_NONE);
	assert_int_equal(scripted_server_connections(fixture.server), 2);
	stop(&fixture);
}

static void
tells_refusals_from_strange_answers(void **state)
{
	static const struct {
		enum error_code code;
		const char *answer;
	} cases[] = {
	    {ERROR_DENIED,    LAST("401 x",  "{\"code\":\"denied\"}")   },
	    {ERROR_NOT_FOUND, LAST("400 x",  "{\"code\":\"not-found\"}")},
	    {ERROR_MALFORMED, LAST("200 OK", "{}")                      },
	    {ERROR_MALFORMED, LAST("200 OK", "{\"signature\":7}")       },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *const script[] = {cases[i].answer, NULL};
		struct fixture fixture = start(script);
		struct signature signature;
		struct error err;

		assert_int_equal(
		    sign(fixture.remote, "a", &signature, &err), cases[i].code);
		stop(&fixture);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(asks_for_the_keys_in_our_api_version),
	    cmocka_unit_test(
		names_the_key_in_the_path_and_the_digest_in_the_body),
	    cmocka_unit_test(keeps_its_connection_until_told),
	    cmocka_unit_test(connects_anew_when_keyd_has_closed),
	    cmocka_unit_test(tells_refusals_from_strange_answers),
	};

	return cmocka_run_group_tests_name("pkcs11 remote", tests, NULL, NULL);
}
