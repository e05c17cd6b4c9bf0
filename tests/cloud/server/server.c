/* SPDX-License-Identifier: MIT */
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/file.h"
#include "common/log.h"
#include "dispatch.h"
#include "est_store.h"
#include "exchange.h"
#include "pki.h"
#include "server_tls.h"
#include "settings.h"
#include "stall.h"

#define BACKLOG 4096 /* the system caps it: net.core.somaxconn */
#define THREADS 4
#define CONNECTIONS_MAX 4000
#define IDLE_SECONDS 30

struct server {
	struct cloud *cloud;
	pthread_mutex_t lock; /* of cloud */
	struct server_tls_judge judge;
	char *certificates;
	char *key;
	/* What a tester can have shown instead; [PKI_NO_FLAW] is NULL. */
	gnutls_certificate_credentials_t flawed[PKI_EXPIRED + 1];
	struct stalls *stalls;
	struct MHD_Daemon *daemon;
};

enum error_code
server_listen(
    uint16_t port, int *ret_socket, uint16_t *ret_port, struct error *err)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int on = 1;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (listener < 0)
		return error_set_errno(err, ERROR_INTERNAL, "socket");
	(void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener, (struct sockaddr *)&address, length) < 0 ||
	    listen(listener, BACKLOG) < 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &length) < 0) {
		(void)error_set_errno(err, ERROR_UNAVAILABLE,
		    "cannot listen on port %u", (unsigned)port);
		(void)close(listener);
		return err->code;
	}
	*ret_socket = listener;
	*ret_port = ntohs(address.sin_port);
	return ERROR_NONE;
}

/* One line for each request; the query of a path stays out of it. */
static void
log_exchange(const struct request *request, const struct reply *reply)
{
	int path_length = (int)strcspn(request->target_text, "?");

	if (reply->dropped)
		log_info("%s '%.*s' %s", request->method, path_length,
		    request->target_text,
		    reply->stall_seconds ? "stalled" : "dropped");
	else
		log_info("%s '%.*s' %u %s", request->method, path_length,
		    request->target_text, reply->status, reply->reason);
}

static enum MHD_Result
answer(struct server *server, struct MHD_Connection *connection,
    struct exchange *exchange, const char *method)
{
	CLEANUP(x509_stack)
	x509_stack *chain = server_tls_chain(connection);
	struct request request = {.method = method,
	    .target_text = exchange->target,
	    .headers = exchange_headers(exchange, connection),
	    .body = exchange->body,
	    .body_length = exchange->body_length,
	    .has_two_lengths = exchange->has_two_lengths,
	    .body_limit = exchange->is_too_large ? EXCHANGE_BODY_MAX : 0,
	    .chain = chain,
	    .tls_version = server_tls_version(connection)};
	struct reply reply = {.status = 0};
	enum MHD_Result result = MHD_NO; /* closes the connection */

	(void)pthread_mutex_lock(&server->lock);
	dispatch(server->cloud, &request, &reply);
	(void)pthread_mutex_unlock(&server->lock);
	log_exchange(&request, &reply);
	if (!reply.dropped)
		result = exchange_send(connection, &reply);
	else if (reply.stall_seconds &&
		 stalls_add(server->stalls, connection, reply.stall_seconds))
		result = MHD_YES;
	exchange->is_over = reply.dropped;
	reply_done(&reply);
	return result;
}

/* Called first with the head, then with each part of the body, then at last. */
static enum MHD_Result
handle_access(void *context, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_size, void **request_context)
{
	struct exchange *exchange = *request_context;

	(void)url;
	(void)version;
	if (!exchange || exchange->is_over)
		return MHD_NO;
	if (!exchange->has_begun) {
		exchange->has_begun = true;
		if (!exchange_has_two_lengths(connection))
			return MHD_YES;
		/* The library closes what is answered before its body. */
		exchange->has_two_lengths = true;
		return answer(context, connection, exchange, method);
	}
	if (*upload_size > 0) {
		exchange_add_body(exchange, upload, *upload_size);
		*upload_size = 0;
		return MHD_YES;
	}
	return answer(context, connection, exchange, method);
}

static void *
begin_exchange(
    void *context, const char *uri, struct MHD_Connection *connection)
{
	(void)context;
	(void)connection;
	return exchange_create(uri);
}

static void
end_exchange(void *context, struct MHD_Connection *connection,
    void **request_context, enum MHD_RequestTerminationCode reason)
{
	(void)context;
	(void)connection;
	(void)reason;
	exchange_free(*request_context);
	*request_context = NULL;
}

static bool
admits(void *context, const X509 *leaf)
{
	struct server *server = context;
	CLEANUP(string) char *serial = NULL;
	bool is_revoked = false;
	struct error err;

	(void)pthread_mutex_lock(&server->lock);
	if (est_certificate_is_revoked(
		server->cloud->database, leaf, &is_revoked, &serial, &err))
		log_warning("revoked certificates: %s", err.message);
	(void)pthread_mutex_unlock(&server->lock);
	if (is_revoked)
		log_info(
		    "a handshake shows the revoked certificate %s", serial);
	return !is_revoked;
}

static enum pki_flaw
flaw_of(enum fault_kind kind)
{
	if (kind == FAULT_WRONG_NAME)
		return PKI_WRONG_NAME;
	return kind == FAULT_EXPIRED ? PKI_EXPIRED : PKI_NO_FLAW;
}

static void
note_connection(void *context, struct MHD_Connection *connection,
    void **socket_context, enum MHD_ConnectionNotificationCode code)
{
	struct server *server = context;
	struct fault fault = {.kind = FAULT_NONE};
	struct error err;

	(void)socket_context;
	if (code != MHD_CONNECTION_NOTIFY_STARTED)
		return;
	(void)pthread_mutex_lock(&server->lock);
	if (fault_take(server->cloud->database, FAULT_HANDSHAKE, &fault, &err))
		log_warning("faults of handshakes: %s", err.message);
	(void)pthread_mutex_unlock(&server->lock);
	server_tls_prepare(
	    connection, server->flawed[flaw_of(fault.kind)], &server->judge);
}

static enum error_code
load_flawed(struct server *server, const char *ca, struct error *err)
{
	CLEANUP(secret) char *ca_key = NULL;

	if (setting_get(server->cloud->database, SETTING_CA_KEY, &ca_key, err))
		return err->code;
	for (enum pki_flaw flaw = PKI_WRONG_NAME; flaw <= PKI_EXPIRED; flaw++) {
		CLEANUP(string) char *certificate = NULL;
		CLEANUP(string) char *chain = NULL;

		if (pki_create_flawed(
			server->key, ca, ca_key, flaw, &certificate, err))
			return err->code;
		chain = string_format("%s%s", certificate, ca);
		if (!chain)
			return error_no_memory(err);
		if (server_tls_credentials(
			chain, server->key, &server->flawed[flaw], err))
			return err->code;
	}
	return ERROR_NONE;
}

/* The certificate as it is sent: with the CA's behind it. */
static enum error_code
load_certificates(struct server *server, struct error *err)
{
	struct database *database = server->cloud->database;
	CLEANUP(string) char *ca = NULL;
	CLEANUP(string) char *own = NULL;

	if (setting_get(database, SETTING_CA_CERTIFICATE, &ca, err) ||
	    setting_get(database, SETTING_SERVER_CERTIFICATE, &own, err) ||
	    setting_get(database, SETTING_SERVER_KEY, &server->key, err))
		return err->code;
	server->certificates = string_format("%s%s", own, ca);
	if (!server->certificates)
		return error_no_memory(err);
	return load_flawed(server, ca, err);
}

static enum error_code
start_daemon(struct server *server, int listener, struct error *err)
{
	server->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD |
					      MHD_USE_TLS |
					      MHD_ALLOW_SUSPEND_RESUME,
	    0, NULL, NULL, handle_access, server, MHD_OPTION_LISTEN_SOCKET,
	    listener, MHD_OPTION_HTTPS_MEM_CERT, server->certificates,
	    MHD_OPTION_HTTPS_MEM_KEY, server->key, MHD_OPTION_HTTPS_PRIORITIES,
	    server_tls_priorities(server->cloud->options.tls_version),
	    MHD_OPTION_NOTIFY_CONNECTION, note_connection, server,
	    MHD_OPTION_URI_LOG_CALLBACK, begin_exchange, NULL,
	    MHD_OPTION_NOTIFY_COMPLETED, end_exchange, NULL,
	    MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREADS,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
	    MHD_OPTION_END);
	if (!server->daemon)
		return error_set_errno(
		    err, ERROR_INTERNAL, "cannot start the HTTPS server");
	return ERROR_NONE;
}

enum error_code
server_start(struct cloud *cloud, int socket, struct server **ret_server,
    struct error *err)
{
	CLEANUP(server) struct server *server = calloc(1, sizeof(*server));

	if (!server) {
		(void)close(socket);
		return error_no_memory(err);
	}
	server->cloud = cloud;
	server->judge = (struct server_tls_judge){admits, server};
	(void)pthread_mutex_init(&server->lock, NULL);
	if (load_certificates(server, err) ||
	    stalls_create(&server->stalls, err)) {
		(void)close(socket);
		return err->code;
	}
	if (start_daemon(server, socket, err))
		return err->code;
	*ret_server = TAKE(server);
	return ERROR_NONE;
}

void
server_stop(struct server *server)
{
	if (!server)
		return;
	stalls_end(server->stalls);
	if (server->daemon)
		MHD_stop_daemon(server->daemon);
	stalls_free(server->stalls);
	for (size_t i = PKI_WRONG_NAME; i <= PKI_EXPIRED; i++)
		if (server->flawed[i])
			gnutls_certificate_free_credentials(server->flawed[i]);
	(void)pthread_mutex_destroy(&server->lock);
	free(server->certificates);
	secret_free(server->key);
	free(server);
}
