/* SPDX-License-Identifier: MIT */
#include "est_client.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "common/backoff.h"
#include "common/base64.h"
#include "common/file.h"
#include "common/time.h"
#include "est_accept.h"
#include "est_answer.h"
#include "est_body.h"

#define BACKOFF_FIRST_MS 1000
#define BACKOFF_MAXIMUM_MS 8000
#define WAIT_MIN_SECONDS 1
#define MS_PER_SECOND 1000

struct est_session {
	const struct est_server *server;
	x509_stack *authorities; /* the cacerts */
	char *ca_pem;            /* learnt by fingerprint; NULL: none */
	char *authorization;     /* a header, or NULL */
	int64_t end_ms;
	int64_t wait_seconds;
};

/* One operation of a session. */
struct operation {
	const char *name;
	const char *body; /* NULL: GET */
	bool any_peer;
};

static void
openssl_der_free(unsigned char *der)
{
	OPENSSL_free(der);
}

DEFINE_CLEANUP(der, unsigned char, openssl_der_free)

void
est_session_close(struct est_session *session)
{
	if (!session)
		return;
	x509_stack_free(session->authorities);
	free(session->ca_pem);
	secret_free(session->authorization);
	free(session);
}

static enum error_code
set_authorization(struct est_session *session, struct error *err)
{
	const struct est_server *server = session->server;
	CLEANUP(secret) char *text = NULL;
	CLEANUP(secret) char *encoded = NULL;

	if (!server->user)
		return ERROR_NONE;
	text = string_format("%s:%s", server->user, server->password);
	if (text)
		encoded = base64_encode(text, strlen(text));
	if (encoded)
		session->authorization =
		    string_format("authorization: Basic %s", encoded);
	return session->authorization ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
create_session(const struct est_server *server,
    struct est_session **ret_session, struct error *err)
{
	CLEANUP(est_session)
	struct est_session *session = calloc(1, sizeof(*session));

	if (!session)
		return error_no_memory(err);
	session->server = server;
	session->end_ms =
	    time_monotonic_ms() +
	    (server->deadline_ms ? server->deadline_ms : EST_SESSION_MS);
	if (set_authorization(session, err))
		return err->code;
	*ret_session = TAKE(session);
	return ERROR_NONE;
}

/* ---- exchanges ---- */

static int64_t
remaining_ms(const struct est_session *session)
{
	return session->end_ms - time_monotonic_ms();
}

/* Who has not proved himself learns neither password nor certificate. */
static void
add_credentials(const struct est_session *session,
    const struct operation *operation, struct https_request *request)
{
	size_t count = 0;

	if (operation->body) {
		request->headers[count++] = "content-type: application/pkcs10";
		request->headers[count++] = "content-transfer-encoding: base64";
	}
	if (operation->any_peer)
		return;
	request->headers[count] = session->authorization;
	request->key = session->server->key;
	request->chain = session->server->chain;
}

static enum error_code
exchange(struct est_session *session, const struct operation *operation,
    struct https_response *response, struct error *err)
{
	const struct est_server *server = session->server;
	size_t length = strlen(server->url);
	int64_t timeout_ms = remaining_ms(session);
	CLEANUP(string) char *url = NULL;
	struct https_request request = {
	    .method = operation->body ? "POST" : "GET",
	    .body = operation->body,
	    .body_length = operation->body ? strlen(operation->body) : 0,
	    .ca_pem = session->ca_pem ? session->ca_pem : server->ca_pem,
	    .system_roots_too = server->system_roots_too && !session->ca_pem,
	    .any_peer = operation->any_peer,
	    .allow_http = server->allow_http};

	if (timeout_ms <= 0)
		return error_set(err, ERROR_TIMEOUT, "there was no time left");
	while (length > 0 && server->url[length - 1] == '/')
		length--;
	url =
	    string_format("%.*s/%s", (int)length, server->url, operation->name);
	if (!url)
		return error_no_memory(err);
	request.url = url;
	request.timeout_ms =
	    timeout_ms < EST_EXCHANGE_MS ? timeout_ms : EST_EXCHANGE_MS;
	add_credentials(session, operation, &request);
	return https_send(&request, response, err);
}

/* One try. EST_LATER: *ret_wait_seconds, or -1 if nobody has said how long. */
static enum est_verdict
try(struct est_session *session, const struct operation *operation,
    struct https_response *response, int64_t *ret_wait_seconds,
    struct error *err)
{
	*ret_wait_seconds = -1;
	if (exchange(session, operation, response, err) == ERROR_NONE)
		return est_answer_judge(
		    operation->name, response, ret_wait_seconds, err);
	if (err->code == ERROR_UNAVAILABLE || err->code == ERROR_TIMEOUT)
		return EST_LATER;
	return EST_REFUSED;
}

/* Returns false if there is no time for it, or the wait was ended. */
static bool
wait_before_next(struct est_session *session, struct backoff *backoff,
    int64_t wait_seconds, const struct error *why)
{
	const struct est_server *server = session->server;
	int64_t wait_ms;

	if (wait_seconds < 0)
		wait_ms = backoff_next(backoff);
	else if (wait_seconds < WAIT_MIN_SECONDS)
		wait_ms = WAIT_MIN_SECONDS * MS_PER_SECOND;
	else
		wait_ms = wait_seconds * MS_PER_SECOND;
	if (wait_ms >= remaining_ms(session)) {
		session->wait_seconds = wait_ms / MS_PER_SECOND;
		return false;
	}
	return server->wait(server->context, wait_ms, why);
}

/*
 * Asks until there is an answer. Failures have a number of tries; a server that
 * has taken the request and not decided yet (202) may take all the time that
 * there is. *ret_body is "" if the server has nothing.
 */
static enum error_code
ask(struct est_session *session, const struct operation *operation,
    char **ret_body, struct error *err)
{
	struct backoff backoff = {BACKOFF_FIRST_MS, BACKOFF_MAXIMUM_MS, 0};
	unsigned tries = 0;

	session->wait_seconds = 0;
	for (;;) {
		CLEANUP_DONE(https_response)
		struct https_response response = {.status = 0};
		int64_t wait_seconds;
		enum est_verdict verdict =
		    try(session, operation, &response, &wait_seconds, err);

		if (verdict == EST_DONE || verdict == EST_NOTHING) {
			*ret_body = verdict == EST_DONE ? TAKE(response.body)
							: strdup("");
			return *ret_body ? ERROR_NONE : error_no_memory(err);
		}
		if (response.status != 202)
			tries++;
		if (verdict == EST_REFUSED || tries == EST_TRIES ||
		    !wait_before_next(session, &backoff, wait_seconds, err))
			return error_wrap(err, "EST server '%s': %s",
			    session->server->url, operation->name);
	}
}

/* ---- trust ---- */

static bool
same_fingerprint(const char *wanted, const char *hex)
{
	for (; *wanted; wanted++) {
		if (*wanted == ':')
			continue;
		if (tolower((unsigned char)*wanted) != *hex)
			return false;
		hex++;
	}
	return *hex == '\0';
}

static bool
has_fingerprint(X509 *certificate, const char *wanted)
{
	CLEANUP(der) unsigned char *der = NULL;
	int length = i2d_X509(certificate, &der);
	char hex[EST_FINGERPRINT_DIGITS + 1];
	struct error ignored;

	return length > 0 && !sha256_hex(der, (size_t)length, hex, &ignored) &&
	       same_fingerprint(wanted, hex);
}

/* Roots that nobody vouches for are thrown out; what is below one may stay. */
static enum error_code
keep_the_known(
    struct est_session *session, const char *fingerprint, struct error *err)
{
	x509_stack *authorities = session->authorities;
	X509 *known = NULL;

	for (int i = sk_X509_num(authorities) - 1; i >= 0; i--) {
		X509 *authority = sk_X509_value(authorities, i);

		if (has_fingerprint(authority, fingerprint))
			known = authority;
		else if (X509_self_signed(authority, 0) == 1)
			X509_free(sk_X509_delete(authorities, i));
	}
	if (!known)
		return error_set(err, ERROR_UPSTREAM,
		    "none of the CA certificates of EST server '%s' has the "
		    "configured fingerprint; is this the right server?",
		    session->server->url);
	return certificate_to_pem(known, &session->ca_pem, err);
}

static enum error_code
read_authorities(struct est_session *session, struct error *err)
{
	const struct est_server *server = session->server;
	bool by_fingerprint = server->fingerprint && !server->ca_pem;
	struct operation operation = {EST_CACERTS, NULL, by_fingerprint};
	CLEANUP(string) char *body = NULL;

	if (ask(session, &operation, &body, err))
		return err->code;
	if (est_certificates(body, &session->authorities, err))
		return error_wrap(
		    err, "EST server '%s': " EST_CACERTS, server->url);
	return by_fingerprint
		   ? keep_the_known(session, server->fingerprint, err)
		   : ERROR_NONE;
}

enum error_code
est_session_open(const struct est_server *server,
    struct est_session **ret_session, struct error *err)
{
	CLEANUP(est_session) struct est_session *session = NULL;

	if (create_session(server, &session, err) ||
	    read_authorities(session, err))
		return err->code;
	*ret_session = TAKE(session);
	return ERROR_NONE;
}

int64_t
est_session_wait_seconds(const struct est_session *session)
{
	return session->wait_seconds;
}

/* ---- enrolling ---- */

enum error_code
est_ask_wishes(struct est_session *session, struct est_wishes *ret_wishes,
    struct error *err)
{
	struct operation operation = {EST_CSRATTRS, NULL, false};
	CLEANUP(string) char *body = NULL;

	if (ask(session, &operation, &body, err))
		return err->code;
	if (est_csrattrs_read(body, ret_wishes, err))
		return error_wrap(err, "EST server '%s'", session->server->url);
	return ERROR_NONE;
}

static enum error_code
encode_request(X509_REQ *request, char **ret_body, struct error *err)
{
	CLEANUP(der) unsigned char *der = NULL;
	int length = i2d_X509_REQ(request, &der);

	if (length < 0)
		return error_set_openssl(
		    err, ERROR_INTERNAL, "certification request");
	*ret_body = est_body_encode(der, (size_t)length);
	return *ret_body ? ERROR_NONE : error_no_memory(err);
}

enum error_code
est_enroll(struct est_session *session, const struct est_order *order,
    x509_stack **ret_chain, struct error *err)
{
	struct operation operation = {order->operation, NULL, false};
	const struct est_expectation expectation = {.request = order->request,
	    .authorities = session->authorities,
	    .now = order->now,
	    .usage = order->usage,
	    .is_ca = order->is_ca};
	CLEANUP(string) char *body = NULL;
	CLEANUP(string) char *answer = NULL;
	CLEANUP(x509_stack) x509_stack *certificates = NULL;

	if (encode_request(order->request, &body, err))
		return err->code;
	operation.body = body;
	if (ask(session, &operation, &answer, err))
		return err->code;
	if (est_certificates(answer, &certificates, err) ||
	    est_accept(&expectation, certificates, ret_chain, err))
		return error_wrap(err, "EST server '%s': %s",
		    session->server->url, order->operation);
	return ERROR_NONE;
}

enum error_code
est_prove(const struct est_server *server, struct error *err)
{
	CLEANUP(est_session) struct est_session *session = NULL;
	struct est_wishes wishes;

	if (est_session_open(server, &session, err) ||
	    est_ask_wishes(session, &wishes, err))
		return error_wrap(err, "proving the new certificate");
	return ERROR_NONE;
}
