/* SPDX-License-Identifier: MIT */
/* HTTPS against a server on loopback: what arrives, and what each failure is
 * called. */
#include "cmocka_wrap.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/file.h"
#include "common/https_client.h"
#include "common/time.h"
#include "tls_server.h"

static EVP_PKEY *key;
static X509 *root, *rogue_root, *intermediate, *server_leaf, *client_leaf;
static x509_stack *chain;
static char root_file[] = "/tmp/root.XXXXXX";
static char rogue_file[] = "/tmp/rogue.XXXXXX";

static void
write_pem(char *path, const X509 *certificate)
{
	CLEANUP(string) char *pem = NULL;
	struct error err;

	assert_int_equal(close(mkstemp(path)), 0);
	assert_int_equal(
	    certificate_to_pem(certificate, &pem, &err), ERROR_NONE);
	assert_int_equal(
	    file_write(path, pem, strlen(pem), 0600, &err), ERROR_NONE);
}

static int
make_certificates(void **state)
{
	CLEANUP(pkey) EVP_PKEY *rogue_key = EVP_EC_gen("P-256");

	(void)state;
	/* As daemon_start() does: OpenSSL writes to sockets with write(). */
	(void)signal(SIGPIPE, SIG_IGN);
	/* One key serves everybody but the rogue. */
	key = EVP_EC_gen("P-256");
	root = tls_certificate("root", key, NULL, key, true);
	rogue_root = tls_certificate("root", rogue_key, NULL, rogue_key, true);
	intermediate = tls_certificate("intermediate", key, root, key, true);
	server_leaf = tls_certificate("server", key, root, key, false);
	client_leaf = tls_certificate("device", key, intermediate, key, false);
	chain = sk_X509_new_null();
	sk_X509_push(chain, client_leaf);
	sk_X509_push(chain, intermediate);
	write_pem(root_file, root);
	write_pem(rogue_file, rogue_root);
	return 0;
}

static int
free_certificates(void **state)
{
	(void)state;
	sk_X509_free(chain);
	X509_free(root);
	X509_free(rogue_root);
	X509_free(intermediate);
	X509_free(server_leaf);
	X509_free(client_leaf);
	EVP_PKEY_free(key);
	return unlink(root_file) + unlink(rogue_file);
}

static struct tls_server *
start(X509 *client_root, int version)
{
	struct tls_server_options options = {.certificate = server_leaf,
	    .key = key,
	    .client_root = client_root,
	    .version = version};

	return tls_server_start(&options);
}

/* Sends request to path of host:port, whose answer goes to response. */
static enum error_code
send_to(const char *host, unsigned port, const char *path,
    struct https_request request, struct https_response *response,
    struct error *err)
{
	CLEANUP(string)
	char *url = string_format("https://%s:%u%s", host, port, path);

	request.url = url;
	request.method = request.method ? request.method : "GET";
	request.ca_file = request.ca_file ? request.ca_file : root_file;
	request.timeout_ms = request.timeout_ms ? request.timeout_ms : 60000;
	return https_send(&request, response, err);
}

static void
assert_fails(const char *host, unsigned port, struct https_request request,
    enum error_code code, const char *part)
{
	struct https_response response = {0};
	struct error err = {0};

	assert_int_equal(
	    send_to(host, port, "/ok", request, &response, &err), code);
	print_message("%s\n", err.message);
	assert_non_null(strstr(err.message, part));
	assert_null(response.body);
}

static void
sends_the_request_and_reads_the_answer(void **state)
{
	CLEANUP(tls_server)
	struct tls_server *server = start(NULL, TLS1_3_VERSION);
	const struct https_request request = {
	    .method = "PUT",
	    .headers = {"Content-Type: application/json", "X-Test: 1"},
	    .body = "{}",
	    .body_length = 2
        };
	struct https_response response = {0};
	struct error err;

	(void)state;
	assert_int_equal(send_to("127.0.0.1", tls_server_port(server), "/ok",
			     request, &response, &err),
	    ERROR_NONE);
	assert_int_equal(response.status, 200);
	assert_string_equal(response.body, "{\"a\":1}");
	assert_int_equal(response.body_length, 7);
	assert_int_equal(response.retry_after_seconds, 7);
	assert_string_equal(response.content_type, "application/json");
	assert_memory_equal(
	    tls_server_request(server), "PUT /ok HTTP/1.1\r\n", 18);
	assert_non_null(strstr(tls_server_request(server), "X-Test: 1\r\n"));
	assert_non_null(strstr(tls_server_request(server), "\r\n\r\n{}"));
	assert_null(strstr(tls_server_request(server), "Expect"));
	https_response_done(&response);
}

static void
reads_answers_of_every_status(void **state)
{
	static const struct {
		const char *path;
		long status;
		long retry_after;
	} cases[] = {
	    {"/date",  503, 90             },
	    {"/over",  503, 0              },
	    {"/far",   503, 30L * 24 * 3600},
	    {"/soon",  503, -1             },
	    {"/empty", 204, -1             },
	    {"/moved", 302, -1             },
	};
	CLEANUP(tls_server)
	struct tls_server *server = start(NULL, TLS1_2_VERSION);
	const struct https_request request = {.method = "POST"};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct https_response response = {0};
		struct error err;

		assert_int_equal(send_to("127.0.0.1", tls_server_port(server),
				     cases[i].path, request, &response, &err),
		    ERROR_NONE);
		assert_int_equal(response.status, cases[i].status);
		assert_int_equal(
		    response.retry_after_seconds, cases[i].retry_after);
		assert_string_equal(response.body, "");
		assert_non_null(strstr(
		    tls_server_request(server), "Content-Length: 0\r\n"));
		https_response_done(&response);
	}
}

static void
proves_itself_with_key_and_chain(void **state)
{
	static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		CLEANUP(tls_server)
		struct tls_server *server = start(root, versions[i]);
		const struct https_request request = {
		    .key = key, .chain = chain};
		struct https_response response = {0};
		struct error err = {0};

		if (send_to("127.0.0.1", tls_server_port(server), "/ok",
			request, &response, &err))
			fail_msg("%s", err.message);
		assert_int_equal(response.status, 200);
		https_response_done(&response);
	}
}

static void
says_that_the_server_refuses_us(void **state)
{
	static const struct {
		int version;
		bool with_key;
		const char *message;
	} cases[] = {
	    {TLS1_2_VERSION, true,  "refuses our certificate: TLS alert"   },
	    {TLS1_3_VERSION, true,  "refuses our certificate: TLS alert"   },
	    {TLS1_2_VERSION, false, "refuses the TLS connection: TLS alert"},
	    {TLS1_3_VERSION, false,
             "client certificate: TLS alert 'certificate required'"        },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(tls_server)
		struct tls_server *server = start(rogue_root, cases[i].version);
		const struct https_request request = {
		    .key = cases[i].with_key ? key : NULL, .chain = chain};

		assert_fails("127.0.0.1", tls_server_port(server), request,
		    ERROR_UPSTREAM, cases[i].message);
	}
}

static void
says_that_we_do_not_trust_the_server(void **state)
{
	CLEANUP(tls_server)
	struct tls_server *server = start(NULL, TLS1_3_VERSION);
	const struct https_request rogue = {.ca_file = rogue_file};
	const struct https_request right = {0};

	(void)state;
	assert_fails("127.0.0.1", tls_server_port(server), rogue,
	    ERROR_UPSTREAM, "we do not trust the certificate of '127.0.0.1:");
	assert_fails("localhost", tls_server_port(server), right,
	    ERROR_UPSTREAM, "no alternative certificate subject name matches");
}

static void
trusts_what_the_environment_names(void **state)
{
	CLEANUP(tls_server)
	struct tls_server *server = start(NULL, TLS1_3_VERSION);
	CLEANUP(string)
	char *url =
	    string_format("https://127.0.0.1:%u/ok", tls_server_port(server));
	const struct https_request request = {
	    .method = "GET", .url = url, .timeout_ms = 60000};
	struct https_response response = {0};
	struct error err;

	(void)state;
	assert_int_equal(unsetenv("SSL_CERT_FILE"), 0);
	assert_int_equal(https_send(&request, &response, &err), ERROR_UPSTREAM);
	assert_int_equal(setenv("SSL_CERT_FILE", root_file, 1), 0);
	assert_int_equal(https_send(&request, &response, &err), ERROR_NONE);
	https_response_done(&response);
	assert_int_equal(unsetenv("SSL_CERT_FILE"), 0);
}

static void
asks_no_proxy_if_told(void **state)
{
	CLEANUP(tls_server)
	struct tls_server *server = start(NULL, TLS1_3_VERSION);
	const struct https_request through = {0};
	const struct https_request past = {.no_proxy = true};
	struct https_response response = {0};
	struct error err;

	(void)state;
	assert_int_equal(setenv("https_proxy", "http://127.0.0.1:1", 1), 0);
	assert_int_equal(setenv("no_proxy", "", 1), 0);
	assert_fails("127.0.0.1", tls_server_port(server), through,
	    ERROR_UNAVAILABLE, "cannot connect to '127.0.0.1:");
	assert_int_equal(send_to("127.0.0.1", tls_server_port(server), "/ok",
			     past, &response, &err),
	    ERROR_NONE);
	https_response_done(&response);
	assert_int_equal(unsetenv("https_proxy"), 0);
	assert_int_equal(unsetenv("no_proxy"), 0);
}

/* A socket that listens, or only once listened, and says nothing. */
static int
silent_socket(unsigned *ret_port)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(
	    bind(listener, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(
	    getsockname(listener, (struct sockaddr *)&address, &length), 0);
	*ret_port = ntohs(address.sin_port);
	return listener;
}

static void
tells_silence_from_absence(void **state)
{
	const struct https_request request = {.timeout_ms = 300};
	int64_t begin = time_monotonic_ms();
	unsigned port;
	int listener = silent_socket(&port);

	(void)state;
	assert_fails("127.0.0.1", port, request, ERROR_TIMEOUT,
	    "did not answer within 300 ms");
	assert_in_range(time_monotonic_ms() - begin, 250, 60000);
	assert_int_equal(close(listener), 0);
	assert_fails("127.0.0.1", port, request, ERROR_UNAVAILABLE,
	    "Connection refused");
}

static void
fails_when_the_answer_is_cut_or_too_long(void **state)
{
	static const struct {
		const char *path;
		enum error_code code;
	} cases[] = {
	    {"/cut",  ERROR_UNAVAILABLE},
            {"/long", ERROR_INTERNAL   }
        };
	CLEANUP(tls_server)
	struct tls_server *server = start(NULL, TLS1_3_VERSION);
	const struct https_request request = {0};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct https_response response = {0};
		struct error err;

		assert_int_equal(send_to("127.0.0.1", tls_server_port(server),
				     cases[i].path, request, &response, &err),
		    cases[i].code);
		print_message("%s\n", err.message);
	}
}

static void
refuses_what_cannot_be_sent(void **state)
{
	static const char *const urls[] = {"", "http://127.0.0.1/", "127.0.0.1",
	    "file:///etc/passwd", "https://", "https://a b/?sig=secret"};
	CLEANUP(pkey) EVP_PKEY *other = EVP_EC_gen("P-256");
	CLEANUP(tls_server)
	struct tls_server *server = start(NULL, TLS1_3_VERSION);
	unsigned port = tls_server_port(server);

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		const struct https_request request = {
		    .method = "GET", .url = urls[i], .timeout_ms = 1000};
		struct https_response response = {0};
		struct error err;

		print_message("%s\n", urls[i]);
		assert_int_equal(
		    https_send(&request, &response, &err), ERROR_INVALID);
		assert_null(strstr(err.message, "secret"));
	}
	assert_fails("127.0.0.1", port,
	    (struct https_request){.key = other, .chain = chain}, ERROR_INVALID,
	    "do not belong together");
	assert_fails("127.0.0.1", port, (struct https_request){.key = other},
	    ERROR_INVALID, "there is no certificate for the key");
	assert_fails("127.0.0.1", port,
	    (struct https_request){.ca_file = "/nonexistent"}, ERROR_INVALID,
	    "trusted roots");
}

/* Asks for path over connection, of a server that may be sure of us. */
static enum error_code
ask_again(struct https_connection *connection, const struct tls_server *server,
    const char *path, struct error *err)
{
	const struct https_request request = {
	    .connection = connection, .key = key, .chain = chain};
	CLEANUP_DONE(https_response) struct https_response response = {0};

	if (send_to("127.0.0.1", tls_server_port(server), path, request,
		&response, err))
		return err->code;
	assert_int_equal(response.status, 200);
	assert_string_equal(response.body, "{\"a\":1}");
	return ERROR_NONE;
}

/*
 * Asks four times a server that closes as options say, each time when it has
 * had the time to; returns over how many connections.
 */
static unsigned
connections_of_four_requests(struct tls_server_options options)
{
	CLEANUP(https_connection) struct https_connection *connection = NULL;
	CLEANUP(tls_server) struct tls_server *server = NULL;
	struct error err = {0};

	options.certificate = server_leaf;
	options.key = key;
	options.client_root = root;
	server = tls_server_start(&options);
	assert_int_equal(
	    https_connection_create(&connection, &err), ERROR_NONE);
	for (unsigned i = 0; i < 4; i++)
		if (ask_again(connection, server, "/ok", &err))
			fail_msg("request %u: %s", i, err.message);
	/* The server has one connection at a time. */
	https_connection_free(TAKE(connection));
	return tls_server_connections(server);
}

static void
sends_what_follows_over_the_connection_that_is_there(void **state)
{
	static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct tls_server_options kept = {
		    .version = versions[i], .answers = 4};
		const struct tls_server_options closed = {
		    .version = versions[i], .answers = 2};
		const struct tls_server_options cut = {
		    .version = versions[i], .answers = 2, .hangs_up = true};

		assert_int_equal(connections_of_four_requests(kept), 1);
		assert_int_equal(connections_of_four_requests(closed), 2);
		assert_int_equal(connections_of_four_requests(cut), 2);
	}
}

static void
says_what_is_wrong_with_a_connection_that_is_kept(void **state)
{
	CLEANUP(https_connection) struct https_connection *connection = NULL;
	CLEANUP(tls_server)
	struct tls_server *server = tls_server_start(
	    &(struct tls_server_options){.certificate = server_leaf,
		.key = key,
		.version = TLS1_3_VERSION,
		.answers = 9});
	struct error err = {0};

	(void)state;
	assert_int_equal(
	    https_connection_create(&connection, &err), ERROR_NONE);
	assert_int_equal(
	    ask_again(connection, server, "/ok", &err), ERROR_NONE);
	/* It is sent anew once, over a connection that is. */
	assert_int_equal(
	    ask_again(connection, server, "/cut", &err), ERROR_UNAVAILABLE);
	assert_non_null(strstr(err.message, "broke"));
	assert_int_equal(tls_server_connections(server), 2);
	assert_int_equal(
	    ask_again(connection, server, "/long", &err), ERROR_INTERNAL);
	assert_int_equal(
	    ask_again(connection, server, "/ok", &err), ERROR_NONE);
	https_connection_free(TAKE(connection));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sends_the_request_and_reads_the_answer),
	    cmocka_unit_test(reads_answers_of_every_status),
	    cmocka_unit_test(proves_itself_with_key_and_chain),
	    cmocka_unit_test(says_that_the_server_refuses_us),
	    cmocka_unit_test(says_that_we_do_not_trust_the_server),
	    cmocka_unit_test(trusts_what_the_environment_names),
	    cmocka_unit_test(asks_no_proxy_if_told),
	    cmocka_unit_test(tells_silence_from_absence),
	    cmocka_unit_test(fails_when_the_answer_is_cut_or_too_long),
	    cmocka_unit_test(refuses_what_cannot_be_sent),
	    cmocka_unit_test(
		sends_what_follows_over_the_connection_that_is_there),
	    cmocka_unit_test(says_what_is_wrong_with_a_connection_that_is_kept),
	};

	return cmocka_run_group_tests_name(
	    "https client", tests, make_certificates, free_certificates);
}
