/* SPDX-License-Identifier: MIT */
#include "dps.h"

#include <string.h>

#include "common/backoff.h"
#include "common/file.h"
#include "common/http.h"
#include "common/https_client.h"
#include "common/time.h"
#include "dps_clock.h"

#define API_VERSION "2021-06-01"
#define MS_PER_SECOND 1000

#define STATUS_UNAUTHORIZED 401
#define STATUS_FORBIDDEN 403
#define STATUS_NOT_FOUND 404
#define STATUS_REQUEST_TIMEOUT 408
#define STATUS_TOO_MANY_REQUESTS 429

struct session {
	const struct dps_request *request;
	char *url;      /* of the registration */
	char *resource; /* what a signature is for */
	struct proof proof;
	char *challenge;                     /* of DPS for a TPM, or NULL */
	struct https_connection *connection; /* for all of it */
	int64_t deadline;
	int64_t not_before;
	struct backoff backoff;
};

static void
session_done(struct session *session)
{
	free(session->url);
	free(session->resource);
	free(session->challenge);
	https_connection_free(session->connection);
}

static enum error_code
session_open(const struct dps_request *request, struct session *ret_session,
    struct error *err)
{
	CLEANUP(string) char *scope = http_encode_segment(request->scope_id);
	CLEANUP(string)
	char *id = http_encode_segment(request->registration_id);
	size_t length = strlen(request->endpoint);

	if (!scope || !id)
		return error_no_memory(err);
	if (length > 0 && request->endpoint[length - 1] == '/')
		length--;
	*ret_session = (struct session){
	    .request = request,
	    .url = string_format("%.*s/%s/registrations/%s", (int)length,
		request->endpoint, scope, id),
	    .resource = string_format("%s/registrations/%s", request->scope_id,
		request->registration_id),
	    .deadline = time_monotonic_ms() + request->deadline_ms,
	    .backoff = {.first_ms = 2000, .maximum_ms = 60000},
	};
	if (!request->tpm)
		ret_session->proof = *request->proof;
	if (!ret_session->url || !ret_session->resource)
		return error_no_memory(err);
	return https_connection_create(&ret_session->connection, err);
}

static int64_t
retry_after_ms(const struct https_response *response)
{
	long seconds = response->retry_after_seconds;

	if (seconds < 0)
		seconds = DPS_RETRY_AFTER_SECONDS;
	if (seconds < DPS_RETRY_AFTER_MIN_SECONDS)
		seconds = DPS_RETRY_AFTER_MIN_SECONDS;
	if (seconds > DPS_RETRY_AFTER_MAX_SECONDS)
		seconds = DPS_RETRY_AFTER_MAX_SECONDS;
	return (int64_t)seconds * MS_PER_SECOND;
}

/* Waits, unless that would take us past the deadline. */
static enum error_code
session_wait(const struct session *session, int64_t delay_ms,
    const struct error *why, struct error *err)
{
	const struct dps_request *request = session->request;

	if (time_monotonic_ms() + delay_ms >= session->deadline) {
		if (why) {
			*err = *why;
			return err->code;
		}
		return error_set(err, ERROR_TIMEOUT,
		    "DPS did not finish the registration of '%s' within %d s",
		    request->registration_id,
		    (int)(request->deadline_ms / MS_PER_SECOND));
	}
	if (!request->wait(request->context, delay_ms, why))
		return error_set(err, ERROR_UNAVAILABLE,
		    "the registration of '%s' was given up",
		    request->registration_id);
	return ERROR_NONE;
}

static long
exchange_timeout(const struct session *session)
{
	int64_t left = session->deadline - time_monotonic_ms();

	if (left > session->request->timeout_ms)
		return session->request->timeout_ms;
	return left > MS_PER_SECOND ? (long)left : MS_PER_SECOND;
}

static enum error_code
send_to_dps(const struct session *session, const char *method, const char *url,
    const char *body, struct https_response *ret_response, struct error *err)
{
	const struct dps_request *request = session->request;
	struct https_request https = {
	    .connection = session->connection,
	    .method = method,
	    .url = url,
	    .headers = {"Accept: application/json",
			body ? "Content-Type: application/json; charset=utf-8" : NULL},
	    .body = body,
	    .body_length = body ? strlen(body) : 0,
	    .ca_file = request->ca_file,
	    .timeout_ms = exchange_timeout(session),
	};
	CLEANUP(string) char *signature = NULL;

	if (proof_apply(&session->proof, session->resource, "registration",
		&https, &signature, err))
		return error_wrap(err, "the signature for DPS");
	if (https_send(&https, ret_response, err) == ERROR_NONE)
		return ERROR_NONE;
	/*
	 * A handshake that fails is no refusal by DPS: whoever stands in
	 * between, or a wrong clock, can make it fail.
	 */
	if (err->code == ERROR_UPSTREAM && time_now() < CLOCK_FLOOR) {
		err->code = ERROR_UNAVAILABLE;
		return error_wrap(err,
		    "the clock of this device says %s, which cannot be: DPS "
		    "at %s",
		    time_format(time_now()).text, request->endpoint);
	}
	if (err->code == ERROR_UPSTREAM)
		err->code = ERROR_INVALID;
	return error_wrap(err, "DPS at %s", request->endpoint);
}

static bool
passes(long status)
{
	return status == STATUS_REQUEST_TIMEOUT ||
	       status == STATUS_TOO_MANY_REQUESTS || status >= 500;
}

/* DPS has answered that it cannot answer. Returns when to try again. */
static int64_t
postpone(struct session *session, const struct https_response *response,
    struct error *err)
{
	char reason[DPS_REASON_MAX];
	int64_t delay_ms;

	dps_answer_reason(response->body, response->body_length, reason);
	(void)error_set(err, ERROR_UNAVAILABLE,
	    "DPS at %s cannot answer now: %ld, %s", session->request->endpoint,
	    response->status, reason);
	if (response->retry_after_seconds < 0)
		return backoff_next(&session->backoff);
	delay_ms = retry_after_ms(response);
	session->not_before = time_monotonic_ms() + delay_ms;
	return delay_ms;
}

/*
 * Sends once. If it fails in a way that may pass, *ret_delay_ms says when to
 * try again; otherwise it is 0.
 */
static enum error_code
try_exchange(struct session *session, const char *method, const char *url,
    const char *body, struct https_response *ret_response,
    int64_t *ret_delay_ms, struct error *err)
{
	CLEANUP_DONE(https_response) struct https_response response = {0};

	*ret_delay_ms = 0;
	if (send_to_dps(session, method, url, body, &response, err)) {
		if (err->code == ERROR_UNAVAILABLE ||
		    err->code == ERROR_TIMEOUT)
			*ret_delay_ms = backoff_next(&session->backoff);
		return err->code;
	}
	if (passes(response.status)) {
		*ret_delay_ms = postpone(session, &response, err);
		return err->code;
	}
	*ret_response = TAKE_CONTENTS(response);
	return ERROR_NONE;
}

/* Sends until there is an answer with a meaning, or the deadline passes. */
static enum error_code
exchange(struct session *session, const char *method, const char *url,
    const char *body, struct https_response *ret_response, struct error *err)
{
	struct error why;
	int64_t delay_ms;

	while (try_exchange(
	    session, method, url, body, ret_response, &delay_ms, &why)) {
		if (delay_ms == 0) {
			*err = why;
			return err->code;
		}
		if (session_wait(session, delay_ms, &why, err))
			return err->code;
	}
	session->backoff.failures = 0;
	return ERROR_NONE;
}

/* Enrollment groups need the intermediates, and DPS fetches none itself. */
static const char *
chain_hint(const x509_stack *chain)
{
	const X509 *leaf = chain ? sk_X509_value(chain, 0) : NULL;

	if (!leaf || sk_X509_num(chain) != 1 ||
	    X509_NAME_cmp(
		X509_get_subject_name(leaf), X509_get_issuer_name(leaf)) == 0)
		return "";
	return "; the certificate comes without its intermediates, which an "
	       "enrollment group may need";
}

static const char *
name_of_proof(const struct session *session)
{
	if (session->request->tpm)
		return "TPM";
	return session->proof.sign ? "key" : "certificate";
}

static enum error_code
unauthorized(const struct session *session,
    const struct https_response *response, const char *reason,
    struct error *err)
{
	if (dps_clock_check(&session->proof, response->date, err))
		return err->code;
	return error_set(err, ERROR_UPSTREAM,
	    "DPS does not accept the %s of '%s': %s%s", name_of_proof(session),
	    session->request->registration_id, reason,
	    chain_hint(session->proof.chain));
}

/*
 * Gateways and proxies on the way refuse by the same numbers as DPS: there is
 * no backend just now, or who opens TLS does not let us out.
 */
static bool
could_be_anybodys(const struct https_response *response)
{
	return (response->status == STATUS_UNAUTHORIZED ||
		   response->status == STATUS_FORBIDDEN ||
		   response->status == STATUS_NOT_FOUND) &&
	       !dps_answer_is_error(
		   response->body, response->body_length, response->status);
}

static enum error_code
refused(const struct session *session, const struct https_response *response,
    struct error *err)
{
	const struct dps_request *request = session->request;
	char reason[DPS_REASON_MAX];

	if (could_be_anybodys(response))
		return error_set(err, ERROR_UNAVAILABLE,
		    "what answers at %s is not DPS: %ld, without an error code "
		    "of DPS; see what stands in between",
		    request->endpoint, response->status);
	dps_answer_reason(response->body, response->body_length, reason);
	switch (response->status) {
	case STATUS_UNAUTHORIZED:
	case STATUS_FORBIDDEN:
		return unauthorized(session, response, reason, err);
	case STATUS_NOT_FOUND:
		return error_set(err, ERROR_UPSTREAM,
		    "DPS at %s does not know the id scope '%s': %s",
		    request->endpoint, request->scope_id, reason);
	default:
		return error_set(err, ERROR_INVALID,
		    "DPS at %s cannot do what it is asked: %ld, %s",
		    request->endpoint, response->status, reason);
	}
}

static enum error_code
read_response(const struct session *session,
    const struct https_response *response, struct dps_answer *ret_answer,
    struct error *err)
{
	if (response->status < 200 || response->status > 299)
		return refused(session, response, err);
	return dps_answer_read(response->body, response->body_length,
	    session->request->registration_id, ret_answer, err);
}

/* The body of "register"; free(). */
static char *
registration_body(const struct dps_request *request)
{
	const struct dps_tpm *tpm = request->tpm;
	CLEANUP(json)
	json_t *keys = tpm ? json_pack("{s:s, s:s}", "endorsementKey",
				 tpm->endorsement_key, "storageRootKey",
				 tpm->storage_root_key)
			   : NULL;
	CLEANUP(json)
	json_t *object = json_pack("{s:s, s:O*, s:O*}", "registrationId",
	    request->registration_id, "payload",
	    (json_t *)(uintptr_t)request->payload, "tpm", keys);

	if (tpm && !keys)
		return NULL;
	return object ? json_text(object) : NULL;
}

/*
 * The first step of a TPM: what comes instead of an answer is a key, wrapped
 * for that TPM. It is what signs the requests from then on.
 */
static enum error_code
take_challenge(struct session *session, const char *url, const char *body,
    struct error *err)
{
	const struct dps_tpm *tpm = session->request->tpm;
	CLEANUP_DONE(https_response) struct https_response response = {0};
	struct error none;

	free(TAKE(session->challenge));
	session->proof = (struct proof){0};
	if (exchange(session, "PUT", url, body, &response, err))
		return err->code;
	if (response.status >= 200 && response.status <= 299)
		return error_set(err, ERROR_UNAVAILABLE,
		    "DPS at %s sends no key for the TPM of '%s'",
		    session->request->endpoint,
		    session->request->registration_id);
	if (response.status != STATUS_UNAUTHORIZED ||
	    dps_answer_challenge(response.body, response.body_length,
		&session->challenge, &none))
		return refused(session, &response, err);
	if (tpm->import(tpm->context, session->challenge, err))
		return error_wrap(err, "the key that DPS sent for the TPM");
	session->proof =
	    (struct proof){.sign = tpm->sign, .context = tpm->context};
	return ERROR_NONE;
}

/* A DPS that sends no other key means the one that it has sent. */
static enum error_code
settle_hub_key(const struct session *session, struct dps_assignment *assignment,
    struct error *err)
{
	if (!session->request->tpm) {
		free(TAKE(assignment->tpm_key));
		return ERROR_NONE;
	}
	if (!assignment->tpm_key)
		assignment->tpm_key = strdup(session->challenge);
	return assignment->tpm_key ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
put_registration(struct session *session, struct dps_answer *ret_answer,
    int64_t *ret_delay_ms, struct error *err)
{
	CLEANUP_DONE(https_response) struct https_response response = {0};
	CLEANUP(string) char *body = registration_body(session->request);
	CLEANUP(string)
	char *url =
	    string_format("%s/register?api-version=" API_VERSION, session->url);

	if (!body || !url)
		return error_no_memory(err);
	if (session->request->tpm && take_challenge(session, url, body, err))
		return err->code;
	if (exchange(session, "PUT", url, body, &response, err))
		return err->code;
	*ret_delay_ms = retry_after_ms(&response);
	return read_response(session, &response, ret_answer, err);
}

static enum error_code
get_operation(struct session *session, const char *operation_id,
    struct dps_answer *ret_answer, int64_t *ret_delay_ms, struct error *err)
{
	CLEANUP_DONE(https_response) struct https_response response = {0};
	CLEANUP(string) char *id = http_encode_segment(operation_id);
	CLEANUP(string)
	char *url =
	    id ? string_format("%s/operations/%s?api-version=" API_VERSION,
		     session->url, id)
	       : NULL;

	if (!url)
		return error_no_memory(err);
	if (exchange(session, "GET", url, NULL, &response, err))
		return err->code;
	if (response.status == STATUS_NOT_FOUND)
		return error_set(err, ERROR_UNAVAILABLE,
		    "DPS has forgotten the registration of '%s' that it began",
		    session->request->registration_id);
	*ret_delay_ms = retry_after_ms(&response);
	return read_response(session, &response, ret_answer, err);
}

static enum error_code
register_and_poll(struct session *session,
    struct dps_assignment *ret_assignment, struct error *err)
{
	CLEANUP_DONE(dps_answer) struct dps_answer answer = {0};
	int64_t delay_ms = 0;

	if (put_registration(session, &answer, &delay_ms, err))
		return err->code;
	while (answer.state == DPS_ASSIGNING) {
		CLEANUP_DONE(dps_answer)
		struct dps_answer previous = TAKE_CONTENTS(answer);

		if (session_wait(session, delay_ms, NULL, err) ||
		    get_operation(session, previous.operation_id, &answer,
			&delay_ms, err))
			return err->code;
	}
	if (settle_hub_key(session, &answer.assignment, err))
		return err->code;
	*ret_assignment = TAKE_CONTENTS(answer.assignment);
	return ERROR_NONE;
}

enum error_code
dps_register(const struct dps_request *request,
    struct dps_assignment *ret_assignment, int64_t *ret_not_before,
    struct error *err)
{
	CLEANUP_DONE(session) struct session session = {0};
	enum error_code code;

	*ret_not_before = 0;
	if (session_open(request, &session, err))
		return err->code;
	code = register_and_poll(&session, ret_assignment, err);
	*ret_not_before = session.not_before;
	return code;
}
