/* SPDX-License-Identifier: MIT */
#include "common/https_client.h"

#include <curl/curl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "common/time.h"
#include "https_tls.h"

#define STATUS_CLIENT_ERROR 400
#define STATUS_PROXY_AUTHENTICATION 407
#define STATUS_SERVER_ERROR 500

#define RETRY_AFTER_MAX (30L * 24 * 60 * 60)

/* What stands in between forgets connections on which nothing happens. */
#define IDLE_SECONDS_MAX 60L

typedef struct curl_slist curl_headers;

DEFINE_CLEANUP(curl_headers, curl_headers, curl_slist_free_all)

struct https_connection {
	CURL *curl;
	struct https_tls tls; /* as long as there are sessions of TLS */
};

/* One request on its way. */
struct exchange {
	const struct https_request *request;
	char authority[HTTPS_AUTHORITY_MAX]; /* for messages */
	CURL *curl;
	struct https_tls *tls;
	struct https_response *response;
	bool is_too_long;
	struct error tls_error;
	char reason[CURL_ERROR_SIZE];
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
initialise(void)
{
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

enum error_code
https_connection_create(
    struct https_connection **ret_connection, struct error *err)
{
	CLEANUP(https_connection)
	struct https_connection *connection = calloc(1, sizeof(*connection));

	(void)pthread_once(&once, initialise);
	if (connection)
		connection->curl = curl_easy_init();
	if (!connection || !connection->curl)
		return error_no_memory(err);
	*ret_connection = TAKE(connection);
	return ERROR_NONE;
}

void
https_connection_free(struct https_connection *connection)
{
	if (!connection)
		return;
	curl_easy_cleanup(connection->curl);
	free(connection);
}

void
https_response_done(struct https_response *response)
{
	free(response->body);
	*response = (struct https_response){0};
}

static size_t
receive(char *data, size_t size, size_t count, void *context)
{
	struct exchange *exchange = context;
	struct https_response *response = exchange->response;
	size_t length = size * count;
	char *grown;

	exchange->is_too_long = length > HTTPS_BODY_MAX - response->body_length;
	if (exchange->is_too_long)
		return 0;
	grown = realloc(response->body, response->body_length + length + 1);
	if (!grown)
		return 0;
	memcpy(grown + response->body_length, data, length);
	response->body = grown;
	response->body_length += length;
	grown[response->body_length] = '\0';
	return length;
}

static CURLcode
prepare_tls(CURL *curl, void *context, void *user)
{
	struct exchange *exchange = user;

	(void)curl;
	if (exchange->request->system_roots_too &&
	    !SSL_CTX_set_default_verify_paths(context)) {
		(void)error_set_openssl(&exchange->tls_error, ERROR_INTERNAL,
		    "the roots that the system trusts cannot be read");
		return CURLE_SSL_CACERT_BADFILE;
	}
	return https_tls_prepare(exchange->tls, context, &exchange->tls_error)
		   ? CURLE_SSL_CERTPROBLEM
		   : CURLE_OK;
}

static void
set_text_roots(CURL *curl, const char *pem)
{
	struct curl_blob blob = {
	    .data = (void *)(uintptr_t)pem, .len = strlen(pem)};

	(void)curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob);
	(void)curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
}

/*
 * Roots: the request's, else what OpenSSL's environment variable says, else
 * those that libcurl was built with.
 */
static void
set_roots(CURL *curl, const struct https_request *request)
{
	const char *file =
	    request->ca_file ? request->ca_file : getenv("SSL_CERT_FILE");

	if (request->any_peer) {
		(void)curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
		(void)curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
		return;
	}
	if (request->ca_pem) {
		set_text_roots(curl, request->ca_pem);
		return;
	}
	if (!file || !*file)
		return;
	(void)curl_easy_setopt(curl, CURLOPT_CAINFO, file);
	(void)curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
}

static enum error_code
make_headers(const struct https_request *request, curl_headers **ret_headers,
    struct error *err)
{
	/* Without it, libcurl waits for "100 Continue" before a long body. */
	CLEANUP(curl_headers)
	curl_headers *headers = curl_slist_append(NULL, "Expect:");

	for (size_t i = 0;
	     headers && i < HTTPS_HEADERS_MAX && request->headers[i]; i++) {
		curl_headers *longer =
		    curl_slist_append(headers, request->headers[i]);

		if (!longer)
			return error_no_memory(err);
		headers = longer;
	}
	if (!headers)
		return error_no_memory(err);
	*ret_headers = TAKE(headers);
	return ERROR_NONE;
}

static void
set_body(CURL *curl, const struct https_request *request)
{
	bool needs_length = strcmp(request->method, "POST") == 0 ||
			    strcmp(request->method, "PUT") == 0;

	if (request->body || needs_length) {
		(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
		    request->body ? request->body : "");
		(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)request->body_length);
	}
	(void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
}

static void
set_options(struct exchange *exchange, const curl_headers *headers)
{
	const struct https_request *request = exchange->request;
	CURL *curl = exchange->curl;

	(void)curl_easy_setopt(curl, CURLOPT_URL, request->url);
	(void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR,
	    request->allow_http ? "https,http" : "https");
	(void)curl_easy_setopt(
	    curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	(void)curl_easy_setopt(
	    curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	/* A new connection is as the first one: libcurl resumes no session. */
	(void)curl_easy_setopt(curl, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	(void)curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, IDLE_SECONDS_MAX);
	if (request->no_proxy)
		(void)curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, request->timeout_ms);
	(void)curl_easy_setopt(
	    curl, CURLOPT_USERAGENT, "signet/" SIGNET_VERSION);
	(void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	(void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, exchange->reason);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
	(void)curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, prepare_tls);
	(void)curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, exchange);
	set_roots(curl, request);
	set_body(curl, request);
}

/* Why libcurl failed, in its words, or those of the system call. */
static const char *
reason_of(const struct exchange *exchange, CURLcode result)
{
	long number = 0;

	(void)curl_easy_getinfo(exchange->curl, CURLINFO_OS_ERRNO, &number);
	if (number)
		return strerrordesc_np((int)number);
	return *exchange->reason ? exchange->reason
				 : curl_easy_strerror(result);
}

static enum error_code
untrusted_peer(const struct exchange *exchange, struct error *err)
{
	const char *reason = exchange->reason;
	long verified = X509_V_OK;

	(void)curl_easy_getinfo(
	    exchange->curl, CURLINFO_SSL_VERIFYRESULT, &verified);
	/* A wrong name is libcurl's finding, and unspecified to OpenSSL. */
	if (verified != X509_V_OK && verified != X509_V_ERR_UNSPECIFIED)
		reason = X509_verify_cert_error_string(verified);
	return error_set(err, ERROR_UPSTREAM,
	    "we do not trust the certificate of '%s': %s", exchange->authority,
	    reason);
}

static enum error_code
refused_by_peer(const struct exchange *exchange, struct error *err)
{
	const char *what = "the TLS connection";

	if (exchange->tls->alert_on_us)
		what = exchange->tls->key ? "our certificate"
					  : "us without a client certificate";
	return error_set(err, ERROR_UPSTREAM, "'%s' refuses %s: TLS alert '%s'",
	    exchange->authority, what, exchange->tls->alert);
}

/* A proxy answers for itself before there is TLS. */
static enum error_code
refused_by_proxy(
    const struct exchange *exchange, long status, struct error *err)
{
	if (status == STATUS_PROXY_AUTHENTICATION)
		return error_set(err, ERROR_INVALID,
		    "the proxy wants a user and a password that are right "
		    "before it connects us to '%s': https_proxy is "
		    "http://USER:PASSWORD@HOST:PORT",
		    exchange->authority);
	return error_set(err,
	    status < STATUS_SERVER_ERROR ? ERROR_INVALID : ERROR_UNAVAILABLE,
	    "the proxy does not connect us to '%s': it answers %ld",
	    exchange->authority, status);
}

static enum error_code
interrupted(const struct exchange *exchange, CURLcode result, struct error *err)
{
	long proxy_status = 0;

	if (exchange->tls->alert)
		return refused_by_peer(exchange, err);
	(void)curl_easy_getinfo(
	    exchange->curl, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
	if (proxy_status >= STATUS_CLIENT_ERROR)
		return refused_by_proxy(exchange, proxy_status, err);
	return error_set(err, ERROR_UNAVAILABLE,
	    "the connection to '%s' broke: %s", exchange->authority,
	    reason_of(exchange, result));
}

/*
 * Whom libcurl could not reach, it says itself: if there is a proxy, and that
 * is not who was meant, it is the proxy.
 */
static enum error_code
unreached(const struct exchange *exchange, CURLcode result, struct error *err)
{
	bool has_proxy = !exchange->request->no_proxy &&
			 (getenv("https_proxy") || getenv("HTTPS_PROXY"));
	CLEANUP(string)
	char *host =
	    strndup(exchange->authority, strcspn(exchange->authority, ":"));

	if (host && has_proxy && !strstr(exchange->reason, host))
		return error_set(err, ERROR_UNAVAILABLE,
		    "cannot connect to '%s': the proxy of https_proxy: %s",
		    exchange->authority, exchange->reason);
	return error_set(err, ERROR_UNAVAILABLE, "cannot connect to '%s': %s",
	    exchange->authority, reason_of(exchange, result));
}

static enum error_code
explain(const struct exchange *exchange, CURLcode result, struct error *err)
{
	switch ((unsigned)result) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return error_set(err, ERROR_UNAVAILABLE,
		    "the name in '%s' cannot be resolved", exchange->authority);
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
		return unreached(exchange, result, err);
	case CURLE_OPERATION_TIMEDOUT:
		return error_set(err, ERROR_TIMEOUT,
		    "'%s' did not answer within %ld ms", exchange->authority,
		    exchange->request->timeout_ms);
	case CURLE_PEER_FAILED_VERIFICATION:
		return untrusted_peer(exchange, err);
	case CURLE_SSL_CACERT_BADFILE:
		return error_set(err, ERROR_INVALID,
		    "the file of trusted roots cannot be used: %s",
		    exchange->reason);
	case CURLE_OUT_OF_MEMORY:
		return error_no_memory(err);
	case CURLE_WRITE_ERROR:
		return exchange->is_too_long
			   ? error_set(err, ERROR_INTERNAL,
				 "the answer of '%s' is longer than %zu bytes",
				 exchange->authority, HTTPS_BODY_MAX)
			   : error_no_memory(err);
	default:
		return interrupted(exchange, result, err);
	}
}

/* By the server's clock. */
static int64_t
date_of(CURL *curl)
{
	struct curl_header *header;
	time_t date;

	if (curl_easy_header(curl, "Date", 0, CURLH_HEADER, -1, &header) !=
	    CURLHE_OK)
		return 0;
	date = curl_getdate(header->value, NULL);
	return date > 0 ? (int64_t)date : 0;
}

/* A moment is counted from that of the answer, by the same clock if it can. */
static long
seconds_until(CURL *curl, const char *moment)
{
	int64_t until = (int64_t)curl_getdate(moment, NULL);
	int64_t from = date_of(curl);

	if (until < 0)
		return -1;
	if (!from)
		from = time_now();
	return until > from ? (long)(until - from) : 0;
}

/* The seconds that Retry-After asks for; -1: none, or it makes no sense. */
static long
retry_after(CURL *curl)
{
	struct curl_header *header;
	char *end;
	long seconds;

	if (curl_easy_header(
		curl, "Retry-After", 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
		return -1;
	seconds = strtol(header->value, &end, 10);
	if (end == header->value || *end)
		seconds = seconds_until(curl, header->value);
	if (seconds < 0)
		return -1;
	return seconds < RETRY_AFTER_MAX ? seconds : RETRY_AFTER_MAX;
}

static enum error_code
take_answer(struct exchange *exchange, struct error *err)
{
	struct https_response *response = exchange->response;
	const char *type = NULL;
	const char *location = NULL;

	if (!response->body)
		response->body = calloc(1, 1);
	if (!response->body)
		return error_no_memory(err);
	(void)curl_easy_getinfo(
	    exchange->curl, CURLINFO_RESPONSE_CODE, &response->status);
	(void)curl_easy_getinfo(exchange->curl, CURLINFO_CONTENT_TYPE, &type);
	(void)curl_easy_getinfo(
	    exchange->curl, CURLINFO_REDIRECT_URL, &location);
	(void)snprintf(response->content_type, sizeof(response->content_type),
	    "%s", type ? type : "");
	(void)snprintf(response->location, sizeof(response->location), "%s",
	    location ? location : "");
	response->retry_after_seconds = retry_after(exchange->curl);
	response->date = date_of(exchange->curl);
	return ERROR_NONE;
}

static enum error_code
perform(struct exchange *exchange, struct error *err)
{
	CURLcode result = curl_easy_perform(exchange->curl);

	if (exchange->tls_error.code) {
		*err = exchange->tls_error;
		return err->code;
	}
	if (result)
		return explain(exchange, result, err);
	return take_answer(exchange, err);
}

static enum error_code
send_over(struct https_connection *connection,
    const struct https_request *request, struct https_response *ret_response,
    struct error *err)
{
	CLEANUP_DONE(https_response) struct https_response response = {0};
	CLEANUP(curl_headers) curl_headers *headers = NULL;
	struct exchange exchange = {.request = request,
	    .curl = connection->curl,
	    .tls = &connection->tls,
	    .response = &response};
	enum error_code code;

	if (https_authority(
		request->url, request->allow_http, exchange.authority, err) ||
	    make_headers(request, &headers, err))
		return err->code;
	connection->tls =
	    (struct https_tls){.key = request->key, .chain = request->chain};
	set_options(&exchange, headers);
	code = perform(&exchange, err);
	/* It forgets what ends here; the connection stays. */
	curl_easy_reset(connection->curl);
	if (code)
		return code;
	*ret_response = TAKE_CONTENTS(response);
	return ERROR_NONE;
}

enum error_code
https_send(const struct https_request *request,
    struct https_response *ret_response, struct error *err)
{
	CLEANUP(https_connection) struct https_connection *own = NULL;

	if (!request->connection && https_connection_create(&own, err))
		return err->code;
	return send_over(request->connection ? request->connection : own,
	    request, ret_response, err);
}
