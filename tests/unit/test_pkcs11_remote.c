/* SPDX-License-Identifier: MIT */
/* How the module asks keyd, seen from the other end of the socket. */
#include "cmocka_wrap.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "remote.h"

#define REQUEST_MAX 4096

/* Answers every request with the same text, one connection after another. */
struct server {
	char directory[32];
	char path[48];
	int listener;
	pthread_t thread;
	atomic_uint accepted;
	const char *status;
	const char *body;
	char request[REQUEST_MAX]; /* the latest */
};

/* True once text is a whole request. */
static bool
is_whole(const char *text)
{
	const char *end = strstr(text, "\r\n\r\n");
	const char *length = strcasestr(text, "content-length:");

	if (!end)
		return false;
	return !length || strlen(end + 4) >= strtoul(length + 15, NULL, 10);
}

static bool
read_request(struct server *server, int connection)
{
	size_t used = 0;

	do {
		ssize_t got = read(
		    connection, server->request + used, REQUEST_MAX - 1 - used);

		if (got <= 0)
			return false;
		used += (size_t)got;
		server->request[used] = '\0';
	} while (!is_whole(server->request));
	return true;
}

static void *
serve(void *data)
{
	struct server *server = data;
	int connection;

	while ((connection = accept(server->listener, NULL, NULL)) >= 0) {
		server->accepted++;
		while (read_request(server, connection))
			(void)dprintf(connection,
			    "HTTP/1.1 %s\r\ncontent-type: application/json\r\n"
			    "content-length: %zu\r\n\r\n%s",
			    server->status, strlen(server->body), server->body);
		(void)close(connection);
	}
	return NULL;
}

static void
start(struct server *server)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	(void)snprintf(
	    address.sun_path, sizeof(address.sun_path), "%s", server->path);
	server->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(server->listener >= 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&address,
			     sizeof(address)),
	    0);
	assert_int_equal(listen(server->listener, 8), 0);
	assert_int_equal(
	    pthread_create(&server->thread, NULL, serve, server), 0);
}

/* The last connection must have been closed by then. */
static void
stop(struct server *server)
{
	(void)shutdown(server->listener, SHUT_RDWR);
	assert_int_equal(pthread_join(server->thread, NULL), 0);
	(void)close(server->listener);
	(void)unlink(server->path);
}

static int
setup(void **state)
{
	struct server *server = calloc(1, sizeof(*server));

	assert_non_null(server);
	(void)snprintf(
	    server->directory, sizeof(server->directory), "/tmp/sg.XXXXXX");
	assert_non_null(mkdtemp(server->directory));
	(void)snprintf(server->path, sizeof(server->path), "%s/keyd.sock",
	    server->directory);
	server->status = "200 OK";
	server->body = "{\"keys\":[]}";
	start(server);
	*state = server;
	return 0;
}

static int
teardown(void **state)
{
	struct server *server = *state;

	stop(server);
	(void)rmdir(server->directory);
	free(server);
	return 0;
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
asks_for_the_keys_in_our_api_version(void **state)
{
	static const char line[] = "GET /keys?api-version=2026-12-01 HTTP/1.1";
	struct server *server = *state;
	struct remote *remote = remote_create(server->path);
	struct error err;

	assert_int_equal(list(remote, &err), ERROR_NONE);
	assert_memory_equal(server->request, line, strlen(line));
	remote_free(remote);
}

static void
names_the_key_in_the_path_and_the_digest_in_the_body(void **state)
{
	static const char line[] =
	    "POST /keys/a%2Fb%20c/sign?api-version=2026-12-01 HTTP/1.1";
	static const char body[] =
	    "\r\n\r\n{\"algorithm\":\"ES256\",\"digest\":\"YWJj\"}";
	struct server *server = *state;
	struct remote *remote = remote_create(server->path);
	struct signature signature;
	struct error err;

	server->body = "{\"signature\":\"AQID\"}";
	assert_int_equal(sign(remote, "a/b c", &signature, &err), ERROR_NONE);
	assert_memory_equal(server->request, line, strlen(line));
	assert_non_null(strstr(server->request, body));
	assert_int_equal(signature.length, 3);
	assert_memory_equal(signature.data, "\x01\x02\x03", 3);
	remote_free(remote);
}

static void
keeps_its_connection_until_told(void **state)
{
	struct server *server = *state;
	struct remote *remote = remote_create(server->path);
	struct error err;

	for (int i = 0; i < 3; i++)
		assert_int_equal(list(remote, &err), ERROR_NONE);
	assert_int_equal(server->accepted, 1);
	remote_disconnect(remote);
	assert_int_equal(list(remote, &err), ERROR_NONE);
	assert_int_equal(server->accepted, 2);
	remote_free(remote);
}

static void
passes_on_what_keyd_refuses(void **state)
{
	static const struct {
		const char *status;
		const char *body;
		enum error_code code;
	} cases[] = {
	    {"401 Unauthorized",        "{\"message\":\"x\",\"code\":\"denied\"}",
             ERROR_DENIED									      },
	    {"400 Bad Request",         "{\"message\":\"x\",\"code\":\"not-found\"}",
             ERROR_NOT_FOUND									   },
	    {"503 Service Unavailable",
             "{\"message\":\"x\",\"code\":\"unavailable\"}",			  ERROR_UNAVAILABLE},
	    {"200 OK",                  "{}",					 ERROR_MALFORMED  },
	    {"200 OK",                  "{\"signature\":7}",                          ERROR_MALFORMED  },
	};
	struct server *server = *state;
	struct remote *remote = remote_create(server->path);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct signature signature;
		struct error err;

		server->status = cases[i].status;
		server->body = cases[i].body;
		assert_int_equal(
		    sign(remote, "a", &signature, &err), cases[i].code);
	}
	remote_free(remote);
}

static void
comes_back_when_keyd_does(void **state)
{
	struct server *server = *state;
	struct remote *remote = remote_create(server->path);
	struct error err;

	assert_int_equal(list(remote, &err), ERROR_NONE);
	remote_disconnect(remote);
	stop(server);
	assert_int_equal(list(remote, &err), ERROR_UNAVAILABLE);
	start(server);
	assert_int_equal(list(remote, &err), ERROR_NONE);
	remote_free(remote);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		asks_for_the_keys_in_our_api_version, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		names_the_key_in_the_path_and_the_digest_in_the_body, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(
		keeps_its_connection_until_told, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		passes_on_what_keyd_refuses, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		comes_back_when_keyd_does, setup, teardown),
	};

	return cmocka_run_group_tests_name("pkcs11 remote", tests, NULL, NULL);
}
