/* SPDX-License-Identifier: MIT */
/* How the PKCS#11 module asks keyd, seen from the other end of the socket. */
#include "cmocka_wrap.h"

#include <stdio.h>
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
	struct remote *remote = calloc(1, sizeof(*remote));

	assert_non_null(remote);
	(void)snprintf(remote->path, sizeof(remote->path), "%s",
	    scripted_server_path(server));
	return (struct fixture){server, remote};
}

static void
stop(struct fixture *fixture)
{
	remote_disconnect(fixture->remote);
	free(fixture->remote);
	scripted_server_stop(fixture->server);
}

static enum error_code
list(struct remote *remote, struct error *err)
{
	CLEANUP_DONE(key_list) struct key_list keys = {0};

	return remote_list(remote, &keys, err);
}

static struct use
use_of(const char *key_id, const char *fingerprint)
{
	return (struct use){
	    .key_id = key_id,
	    .fingerprint = fingerprint,
	    .algorithm = "ES256",
	    .members = {{"digest", (const unsigned char *)"abc", 3}},
	};
}

static enum error_code
sign(struct remote *remote, const char *key_id, struct output *ret_signature,
    struct error *err)
{
	struct use use = use_of(key_id, "");

	return remote_sign(remote, &use, ret_signature, err);
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
	struct output signature;
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
assert_body(const struct fixture *fixture, const char *body)
{
	const char *head_end =
	    strstr(scripted_server_request(fixture->server), "\r\n\r\n");

	assert_non_null(head_end);
	assert_string_equal(head_end + 4, body);
}

static void
sends_all_that_keyd_needs_to_know(void **state)
{
	static const char *const script[] = {
	    LAST("200 OK", "{\"valid\":true}"), NULL};
	struct fixture fixture = start(script);
	struct use use = use_of("a", "QUI=");
	struct error err;
	bool valid = false;

	(void)state;
	use.members[1] =
	    (struct use_member){"signature", (const unsigned char *)"xyz", 3};
	assert_int_equal(
	    remote_verify(fixture.remote, &use, &valid, &err), ERROR_NONE);
	assert_true(valid);
	assert_request_begins(&fixture,
	    "POST /keys/a/verify?api-version=2026-12-01 HTTP/1.1\r\n");
	assert_body(&fixture,
	    "{\"algorithm\":\"ES256\",\"digest\":\"YWJj\","
	    "\"signature\":\"eHl6\",\"fingerprint\":\"QUI=\"}");
	stop(&fixture);
}

static void
reads_plaintexts_secrets_and_random_numbers(void **state)
{
	static const char *const script[] = {
	    LAST("200 OK", "{\"plaintext\":\"YWJj\"}"),
	    LAST("200 OK", "{\"secret\":\"eHl6\"}"),
	    LAST("200 OK", "{\"random\":\"cmFu\"}"),
	    LAST("200 OK", "{\"random\":\"cmFu\"}"), NULL};
	struct fixture fixture = start(script);
	struct use use = use_of("a", "");
	unsigned char random[4] = {0};
	struct output output;
	struct error err;

	(void)state;
	assert_int_equal(
	    remote_decrypt(fixture.remote, &use, &output, &err), ERROR_NONE);
	assert_int_equal(output.length, 3);
	assert_memory_equal(output.data, "abc", 3);
	assert_int_equal(
	    remote_derive(fixture.remote, &use, &output, &err), ERROR_NONE);
	assert_memory_equal(output.data, "xyz", 3);
	assert_int_equal(
	    remote_random(fixture.remote, random, 3, &err), ERROR_NONE);
	assert_memory_equal(random, "ran", 4);
	assert_body(&fixture, "{\"length\":3}");
	assert_int_equal(
	    remote_random(fixture.remote, random, 2, &err), ERROR_MALFORMED);
	stop(&fixture);
}

static void
makes_and_deletes_keys(void **state)
{
	static const char *const script[] = {
	    LAST("200 OK", "{\"keyHandle\":\"x\"}"),
	    "HTTP/1.1 204 No Content\r\n\r\n", NULL};
	unsigned char cka_id[] = {0, 1};
	const struct pair_request pair = {
	    .id = "a\"b",
	    .algorithm = "ec-p256",
	    .usage = "sign,derive",
	    .cka_id = {cka_id, sizeof(cka_id)}
        };
	struct fixture fixture = start(script);
	struct error err;

	(void)state;
	assert_int_equal(
	    remote_create(fixture.remote, &pair, &err), ERROR_NONE);
	assert_request_begins(
	    &fixture, "POST /keypair?api-version=2026-12-01 HTTP/1.1\r\n");
	assert_body(&fixture,
	    "{\"keyId\":\"a\\\"b\",\"preferredAlgorithms\":\"ec-p256\","
	    "\"usage\":\"sign,derive\",\"pkcs11Id\":\"AAE=\"}");
	assert_int_equal(
	    remote_delete(fixture.remote, "a/b", &err), ERROR_NONE);
	assert_request_begins(&fixture,
	    "DELETE /keys/a%2Fb?api-version=2026-12-01&kind=pair HTTP/1.1\r\n");
	stop(&fixture);
}

static void
keeps_its_connection_until_told(void **state)
{
	static const char *const script[] = {
	    no_keys, signed_so, no_keys, no_keys, NULL};
	struct fixture fixture = start(script);
	struct output signature;
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
	struct output signature;
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
		struct output signature;
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
	    cmocka_unit_test(sends_all_that_keyd_needs_to_know),
	    cmocka_unit_test(reads_plaintexts_secrets_and_random_numbers),
	    cmocka_unit_test(makes_and_deletes_keys),
	    cmocka_unit_test(keeps_its_connection_until_told),
	    cmocka_unit_test(connects_anew_when_keyd_has_closed),
	    cmocka_unit_test(tells_refusals_from_strange_answers),
	};

	return cmocka_run_group_tests_name("pkcs11 remote", tests, NULL, NULL);
}
