/* SPDX-License-Identifier: MIT */
#include "tls_server.h"

#include "cmocka_wrap.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/certificate.h"
#include "common/time.h"

#define LONG_BODY (2 * 1024 * 1024)
#define YEAR INT64_C(31536000)

struct tls_server {
	int listener;
	unsigned port;
	pthread_t thread;
	SSL_CTX *context;
	unsigned answers;
	bool hangs_up;
	atomic_uint connections;
	char request[16384];
};

static const struct {
	const char *path;
	const char *answer;
} answers[] = {
    {"/ok ",    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	     "Retry-After: 7\r\nContent-Length: 7\r\n\r\n{\"a\":1}"  },
    {"/date ",  "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
	       "Date: Fri, 31 Dec 2055 23:58:00 GMT\r\n"
	       "Retry-After: Fri, 31 Dec 2055 23:59:30 GMT\r\n\r\n"},
    {"/over ",  "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
	       "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n\r\n"},
    {"/far ",   "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
	      "Retry-After: Fri, 31 Dec 2055 23:59:59 GMT\r\n\r\n"  },
    {"/soon ",  "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
	       "Retry-After: soon\r\n\r\n"                         },
    {"/empty ", "HTTP/1.1 204 No Content\r\n\r\n"                                },
    {"/moved ",
     "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n"          },
    {"/long ",  "HTTP/1.1 200 OK\r\nContent-Length: 2097152\r\n\r\n"             },
};

/* Returns false if there is none for it. */
static bool
answer(SSL *ssl, const char *request)
{
	const char *path = strchr(request, '/');
	static const char filler[LONG_BODY];

	for (size_t i = 0; path && i < sizeof(answers) / sizeof(answers[0]);
	     i++) {
		if (strncmp(path, answers[i].path, strlen(answers[i].path)) !=
		    0)
			continue;
		(void)SSL_write(
		    ssl, answers[i].answer, (int)strlen(answers[i].answer));
		if (strncmp(path, "/long ", 6) == 0)
			(void)SSL_write(ssl, filler, sizeof(filler));
		return true;
	}
	return false;
}

/* True if text has a head and as much of a body as the head announces. */
static int
is_complete(const char *text)
{
	const char *body = strstr(text, "\r\n\r\n");
	const char *length = strcasestr(text, "content-length: ");

	if (!body)
		return 0;
	return !length || strlen(body + 4) >= strtoul(length + 16, NULL, 10);
}

/* Returns false if the peer has gone. */
static bool
read_request(struct tls_server *server, SSL *ssl)
{
	size_t got = 0;
	int count = 1;

	server->request[0] = '\0';
	while (count > 0 && !is_complete(server->request)) {
		count = SSL_read(ssl, server->request + got,
		    (int)(sizeof(server->request) - 1 - got));
		got += count > 0 ? (size_t)count : 0;
		server->request[got] = '\0';
	}
	return count > 0;
}

static void
serve(struct tls_server *server, int connection)
{
	SSL *ssl = SSL_new(server->context);
	unsigned left = server->answers;

	SSL_set_fd(ssl, connection);
	if (SSL_accept(ssl) == 1) {
		server->connections++;
		while (left > 0 && read_request(server, ssl) &&
		       answer(ssl, server->request))
			left--;
		if (left == 0 && server->hangs_up)
			(void)read_request(server, ssl);
		(void)SSL_shutdown(ssl);
	}
	/* A peer that still writes must get to read our alert. */
	(void)shutdown(connection, SHUT_WR);
	while (read(connection, (char[256]){0}, 256) > 0)
		;
	SSL_free(ssl);
}

static void *
run(void *context)
{
	struct tls_server *server = context;
	int connection;

	while ((connection = accept(server->listener, NULL, NULL)) >= 0) {
		const struct timeval limit = {.tv_sec = 5};

		(void)setsockopt(
		    connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
		serve(server, connection);
		(void)close(connection);
	}
	return NULL;
}

static SSL_CTX *
make_context(const struct tls_server_options *options)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	assert_non_null(context);
	SSL_CTX_set_min_proto_version(context, options->version);
	SSL_CTX_set_max_proto_version(context, options->version);
	assert_true(SSL_CTX_use_certificate(context, options->certificate));
	assert_true(SSL_CTX_use_PrivateKey(context, options->key));
	if (options->client_root) {
		X509_STORE_add_cert(
		    SSL_CTX_get_cert_store(context), options->client_root);
		SSL_CTX_set_verify(context,
		    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	}
	return context;
}

struct tls_server *
tls_server_start(const struct tls_server_options *options)
{
	struct tls_server *server = calloc(1, sizeof(*server));
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);

	assert_non_null(server);
	server->context = make_context(options);
	server->answers = options->answers > 0 ? options->answers : 1;
	server->hangs_up = options->hangs_up;
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(
	    bind(server->listener, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(server->listener, 8), 0);
	assert_int_equal(
	    getsockname(server->listener, (struct sockaddr *)&address, &length),
	    0);
	server->port = ntohs(address.sin_port);
	assert_int_equal(pthread_create(&server->thread, NULL, run, server), 0);
	return server;
}

void
tls_server_stop(struct tls_server *server)
{
	(void)shutdown(server->listener, SHUT_RDWR);
	(void)pthread_join(server->thread, NULL);
	(void)close(server->listener);
	SSL_CTX_free(server->context);
	free(server);
}

unsigned
tls_server_port(const struct tls_server *server)
{
	return server->port;
}

unsigned
tls_server_connections(const struct tls_server *server)
{
	return server->connections;
}

const char *
tls_server_request(const struct tls_server *server)
{
	return server->request;
}

X509 *
tls_certificate(const char *common_name, EVP_PKEY *public_key,
    const X509 *issuer, EVP_PKEY *signing_key, bool is_ca)
{
	CLEANUP(x509_name) X509_NAME *subject = NULL;
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	struct certificate_plan plan = {.public_key = public_key,
	    .issuer = issuer,
	    .not_before = time_now() - YEAR,
	    .not_after = time_now() + 30 * YEAR,
	    .is_ca = is_ca,
	    .path_length = CERTIFICATE_NO_PATH_LENGTH,
	    .for_client = !is_ca,
	    .for_server = !is_ca,
	    .alternative_names = is_ca ? NULL : names};
	X509 *certificate = NULL;
	struct error err;

	assert_non_null(names);
	assert_true(sk_GENERAL_NAME_push(names,
	    a2i_GENERAL_NAME(NULL, NULL, NULL, GEN_IPADD, "127.0.0.1", 0)));
	assert_int_equal(
	    name_from_common_name(common_name, &subject, &err), ERROR_NONE);
	plan.subject = subject;
	if (certificate_create(&plan, signing_key, &certificate, &err))
		fail_msg("%s", err.message);
	GENERAL_NAMES_free(names);
	return certificate;
}
