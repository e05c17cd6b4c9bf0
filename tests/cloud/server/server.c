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
#include "exchange.h"
#include "server_tls.h"
#include "settings.h"

#define BACKLOG 512
#define THREADS 4
#define CONNECTIONS_MAX 4000
#define IDLE_SECONDS 30

struct server {
	struct cloud *cloud;
	pthread_mutex_t lock; /* of cloud */
	char *certificates;
	char *key;
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
		log_info("%s '%.*s' dropped", request->method, path_length,
		    request->target_text);
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
	    .chain = chain,
	    .tls_version = server_tls_version(connection)};
	struct reply reply = {.status = 0};
	enum MHD_Result result = MHD_NO; /* closes the connection */

	if (exchange->is_too_large) {
		(void)refuse(&reply, REFUSE_TOO_LARGE,
		    "The body has more than %zu bytes.", EXCHANGE_BODY_MAX);
	} else {
		(void)pthread_mutex_lock(&server->lock);
		dispatch(server->cloud, &request, &reply);
		(void)pthread_mutex_unlock(&server->lock);
	}
	log_exchange(&request, &reply);
	if (!reply.dropped)
		result = exchange_send(connection, &reply);
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
	if (!exchange)
		return MHD_NO;
	if (!exchange->has_begun) {
		exchange->has_begun = true;
		return MHD_YES;
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
	return server->certificates ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
start_daemon(struct server *server, int listener, struct error *err)
{
	server->daemon = MHD_start_daemon(
	    MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TLS | MHD_USE_ITC, 0, NULL,
	    NULL, handle_access, server, MHD_OPTION_LISTEN_SOCKET, listener,
	    MHD_OPTION_HTTPS_MEM_CERT, server->certificates,
	    MHD_OPTION_HTTPS_MEM_KEY, server->key, MHD_OPTION_HTTPS_PRIORITIES,
	    server_tls_priorities(server->cloud->options.tls_version),
	    MHD_OPTION_NOTIFY_CONNECTION, server_tls_prepare, NULL,
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
	(void)pthread_mutex_init(&server->lock, NULL);
	if (load_certificates(server, err)) {
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
	if (server->daemon)
		MHD_stop_daemon(server->daemon);
	(void)pthread_mutex_destroy(&server->lock);
	free(server->certificates);
	secret_free(server->key);
	free(server);
}
