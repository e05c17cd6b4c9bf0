/* SPDX-License-Identifier: MIT */
#include "tls_probe.h"

#include <curl/curl.h>
#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base64.h"
#include "common/file.h"
#include "common/openssl.h"

#define HEAD_MAX 8192

typedef struct addrinfo address_list;
DEFINE_CLEANUP(address_list, address_list, freeaddrinfo)
DEFINE_CLEANUP(ssl_ctx, SSL_CTX, SSL_CTX_free)
DEFINE_CLEANUP(ssl, SSL, SSL_free)

__attribute__((format(printf, 3, 4))) static bool
ended(struct tls_probe *probe, enum tls_stage stage, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(probe->reason, sizeof(probe->reason), format, args);
	va_end(args);
	probe->stage = stage;
	return false;
}

/* --- TCP ------------------------------------------------------------------ */

static void
limit_waiting(int fd, unsigned timeout_ms)
{
	struct timeval limit = {.tv_sec = timeout_ms / 1000,
	    .tv_usec = (suseconds_t)(timeout_ms % 1000) * 1000};

	/* For connect(), too. */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

static int
connect_to(const address_list *address, unsigned timeout_ms)
{
	int fd = socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC,
	    address->ai_protocol);

	if (fd < 0)
		return -1;
	limit_waiting(fd, timeout_ms);
	if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
		return fd;
	if (errno == EINPROGRESS)
		errno = ETIMEDOUT;
	(void)close(fd);
	return -1;
}

static bool
open_connection(const struct endpoint *to, unsigned timeout_ms, int *ret_fd,
    struct tls_probe *probe)
{
	const address_list hints = {.ai_socktype = SOCK_STREAM};
	CLEANUP(address_list) address_list *addresses = NULL;
	int status = getaddrinfo(to->host, to->port, &hints, &addresses);

	if (status != 0)
		return ended(probe, TLS_STAGE_NAME, "no address for '%s': %s",
		    to->host, gai_strerror(status));
	for (const address_list *each = addresses; each; each = each->ai_next) {
		*ret_fd = connect_to(each, timeout_ms);
		if (*ret_fd >= 0)
			return true;
	}
	return ended(probe, TLS_STAGE_CONNECT,
	    "no connection to %s port %s: %s", to->host, to->port,
	    strerrorname_np(errno));
}

/* --- a proxy -------------------------------------------------------------- */

/* Reads up to the end of a head, and no further. */
static bool
read_head(int fd, char head[static HEAD_MAX])
{
	size_t used = 0;

	while (used < HEAD_MAX - 1) {
		if (recv(fd, head + used, 1, 0) != 1)
			return false;
		head[++used] = '\0';
		if (used >= 4 && strcmp(head + used - 4, "\r\n\r\n") == 0)
			return true;
	}
	return false;
}

static char *
connect_request(const struct endpoint *server, const struct endpoint *proxy)
{
	CLEANUP(string)
	char *login = proxy->login[0]
			  ? base64_encode(proxy->login, strlen(proxy->login))
			  : NULL;

	return string_format("CONNECT %s:%s HTTP/1.1\r\nHost: %s:%s\r\n"
			     "%s%s%s\r\n",
	    server->host, server->port, server->host, server->port,
	    login ? "Proxy-Authorization: Basic " : "", login ? login : "",
	    login ? "\r\n" : "");
}

static bool
pass_proxy(
    const struct tls_probe_request *request, int fd, struct tls_probe *probe)
{
	CLEANUP(string)
	char *ask = connect_request(request->server, request->proxy);
	char head[HEAD_MAX] = "";
	size_t length = ask ? strlen(ask) : 0;

	if (!ask || send(fd, ask, length, MSG_NOSIGNAL) != (ssize_t)length ||
	    !read_head(fd, head))
		return ended(probe, TLS_STAGE_PROXY,
		    "the proxy %s port %s does not answer CONNECT",
		    request->proxy->host, request->proxy->port);
	if (strncmp(head, "HTTP/1.", 7) != 0 ||
	    strncmp(head + 8, " 200", 4) != 0)
		return ended(probe, TLS_STAGE_PROXY,
		    "the proxy %s port %s answers CONNECT with '%.*s'",
		    request->proxy->host, request->proxy->port,
		    (int)strcspn(head, "\r\n"), head);
	return true;
}

/* --- TLS ------------------------------------------------------------------ */

static void
expect_server(SSL *ssl, const char *host)
{
	char name[ENDPOINT_HOST_MAX]; /* OpenSSL's macro casts const away */
	X509_VERIFY_PARAM *expected = SSL_get0_param(ssl);

	if (X509_VERIFY_PARAM_set1_ip_asc(expected, host) == 1)
		return;
	(void)snprintf(name, sizeof(name), "%s", host);
	(void)SSL_set_tlsext_host_name(ssl, name);
	(void)X509_VERIFY_PARAM_set1_host(expected, host, 0);
}

/* As certd has it: what is named is trusted, though it be no root. */
static void
trust_only(SSL_CTX *context, const char *pem)
{
	X509_STORE *store = SSL_CTX_get_cert_store(context);
	CLEANUP(x509_stack) x509_stack *anchors = NULL;
	struct error ignored;

	if (certificates_from_pem(pem, &anchors, &ignored))
		return;
	for (int i = 0; i < sk_X509_num(anchors); i++)
		(void)X509_STORE_add_cert(store, sk_X509_value(anchors, i));
	(void)X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
}

/* We have nothing to show; that we were asked is worth knowing. */
static int
note_asked(SSL *ssl, X509 **certificate, EVP_PKEY **key)
{
	struct tls_probe *probe = SSL_get_app_data(ssl);

	(void)certificate;
	(void)key;
	probe->asked = true;
	return 0;
}

static SSL_CTX *
make_context(const struct tls_probe_request *request)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	int known = 0;

	if (!context)
		return NULL;
	if (request->ca_pem)
		trust_only(context, request->ca_pem);
	if (!request->ca_pem || request->system_roots_too)
		known = request->ca_file
			    ? SSL_CTX_load_verify_locations(
				  context, request->ca_file, NULL)
			    : SSL_CTX_set_default_verify_paths(context);
	(void)known; /* without roots nobody is trusted, which is reported */
	SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_client_cert_cb(context, note_asked);
	return context;
}

static void
note_issuer(const SSL *ssl, struct tls_probe *probe)
{
	CLEANUP(x509) X509 *peer = SSL_get1_peer_certificate(ssl);

	if (peer)
		(void)X509_NAME_oneline(X509_get_issuer_name(peer),
		    probe->issuer, sizeof(probe->issuer));
}

/* The head of an answer tells the server's time. */
static void
ask_date(SSL *ssl, const char *host, struct tls_probe *probe)
{
	CLEANUP(string)
	char *ask = string_format(
	    "HEAD / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host);
	char head[HEAD_MAX];
	const char *date;
	int length;

	if (!ask || SSL_write(ssl, ask, (int)strlen(ask)) <= 0)
		return;
	length = SSL_read(ssl, head, sizeof(head) - 1);
	if (length <= 0)
		return;
	head[length] = '\0';
	date = strcasestr(head, "\r\ndate:");
	if (date)
		probe->date = curl_getdate(date + strlen("\r\ndate:"), NULL);
}

/* Why there is no handshake, by SSL_get_error() and errno. */
static bool
handshake_ended(const struct tls_probe_request *request, int reason,
    struct tls_probe *probe)
{
	const struct endpoint *server = request->server;
	struct error err;

	/* The socket's limit of waiting looks as if it did not block. */
	if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE)
		return ended(probe, TLS_STAGE_TLS,
		    "TLS handshake: %s port %s has said nothing for %u s: "
		    "ETIMEDOUT",
		    server->host, server->port, request->timeout_ms / 1000);
	if (reason == SSL_ERROR_SYSCALL && errno != 0)
		return ended(probe, TLS_STAGE_TLS,
		    "TLS handshake with %s port %s: %s", server->host,
		    server->port, strerrorname_np(errno));
	(void)error_set_openssl(&err, ERROR_UPSTREAM, "TLS handshake");
	return ended(probe, TLS_STAGE_TLS, "%s", err.message);
}

static bool
shake_hands(
    const struct tls_probe_request *request, int fd, struct tls_probe *probe)
{
	CLEANUP(ssl_ctx) SSL_CTX *context = make_context(request);
	CLEANUP(ssl) SSL *ssl = context ? SSL_new(context) : NULL;
	long verdict;
	int result;

	ERR_clear_error();
	if (!ssl || SSL_set_fd(ssl, fd) != 1 || !SSL_set_app_data(ssl, probe))
		return ended(probe, TLS_STAGE_TLS, "out of memory");
	expect_server(ssl, request->server->host);
	/* One that insists on a certificate of ours has shown its own. */
	errno = 0;
	result = SSL_connect(ssl);
	if (result != 1 && !probe->asked)
		return handshake_ended(
		    request, SSL_get_error(ssl, result), probe);
	note_issuer(ssl, probe);
	if (SSL_is_init_finished(ssl))
		ask_date(ssl, request->server->host, probe);
	ERR_clear_error();
	verdict = SSL_get_verify_result(ssl);
	if (verdict != X509_V_OK)
		return ended(probe, TLS_STAGE_TRUST,
		    "the certificate of %s, issued by '%s', is refused: %s",
		    request->server->host, probe->issuer,
		    X509_verify_cert_error_string(verdict));
	return true;
}

void
tls_probe(const struct tls_probe_request *request, struct tls_probe *ret_probe)
{
	const struct endpoint *first =
	    request->proxy ? request->proxy : request->server;
	int fd = -1;

	*ret_probe = (struct tls_probe){
	    .stage = TLS_STAGE_DONE, .date = TLS_PROBE_NO_DATE};
	if (!open_connection(first, request->timeout_ms, &fd, ret_probe))
		return;
	if (!request->proxy || pass_proxy(request, fd, ret_probe))
		(void)shake_hands(request, fd, ret_probe);
	(void)close(fd);
}
