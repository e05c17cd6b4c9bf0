/* SPDX-License-Identifier: MIT */
/*
 * New pairs that wait for proof: who uses the certificate fetches them, tries
 * them, and says whether they work.
 */
#include <string.h>

#include "certs_state.h"
#include "common/file.h"
#include "routes_shared.h"

#define REASON_DEFAULT "who uses it rejected the candidate"

/* What calls wait for: no certificate's id has a control character. */
static char *
name_of(const char *id)
{
	return string_format("\x01%s", id);
}

void
candidate_wake(const struct certd *certd, const char *id)
{
	CLEANUP(string) char *name = name_of(id);

	if (name && certd->waiters)
		waiters_wake(certd->waiters, name);
}

static enum error_code
require_renewals(const struct certd *certd, const struct http_request *request,
    struct renewals **ret_renewals, struct error *err)
{
	const struct certs *certs;

	if (require_certs(certd, &certs, err) ||
	    certs_check_writer(
		certs, request->peer.uid, request->params[0], err))
		return err->code;
	if (!certd->engine)
		return error_set(err, ERROR_UNAVAILABLE,
		    "certd does not renew; its log says why");
	*ret_renewals = engine_renewals(certd->engine);
	return ERROR_NONE;
}

static enum error_code
reply_candidate(const struct renewal_candidate *candidate, const char *id,
    struct http_reply *reply, struct error *err)
{
	reply->body = json_pack("{s:s, s:s, s:s, s:s}", "id", id, "pem",
	    candidate->pem, "key", candidate->key, "digest", candidate->digest);
	return reply->body ? ERROR_NONE : error_no_memory(err);
}

/* Between our look and waiting it may have come, so we look again. */
static enum error_code
wait_for_candidate(const struct certd *certd,
    const struct http_request *request, struct renewals *renewals,
    const char *known, struct http_reply *reply, struct error *err)
{
	CLEANUP_DONE(renewal_candidate)
	struct renewal_candidate candidate = {.key = NULL};
	CLEANUP(string) char *id = strdup(request->params[0]);
	CLEANUP(string) char *name = name_of(request->params[0]);
	struct error ignored;
	int64_t timeout_ms;

	if (!id || !name)
		return error_no_memory(err);
	if (read_wait_timeout(request, &timeout_ms, err) ||
	    waiters_add(certd->waiters, request->call, name, timeout_ms, err))
		return err->code;
	reply->deferred = true;
	if (renewals_candidate(renewals, id, &candidate, &ignored) ==
		ERROR_NONE &&
	    strcmp(candidate.digest, known) != 0)
		waiters_wake(certd->waiters, name);
	return ERROR_NONE;
}

enum error_code
handle_candidate(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct certd *certd = context;
	const char *id = request->params[0];
	CLEANUP_DONE(renewal_candidate)
	struct renewal_candidate candidate = {.key = NULL};
	struct renewals *renewals;
	struct renewal_status status;
	char known[WAIT_MAX];
	enum error_code code;

	if (require_renewals(certd, request, &renewals, err) ||
	    http_query(request, "wait", known, sizeof(known), err))
		return err->code;
	code = renewals_candidate(renewals, id, &candidate, err);
	if (code == ERROR_NONE && strcmp(candidate.digest, known) != 0)
		return reply_candidate(&candidate, id, reply, err);
	/* Nobody waits for what will never be. */
	if (*known && request->call &&
	    (code == ERROR_NONE || code == ERROR_NOT_FOUND) &&
	    renewals_status(renewals, id, &status))
		return wait_for_candidate(
		    certd, request, renewals, known, reply, err);
	return code ? code : reply_candidate(&candidate, id, reply, err);
}

enum error_code
handle_confirm(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	struct renewals *renewals;
	const char *digest;

	if (require_renewals(context, request, &renewals, err) ||
	    http_require_body(request, err) ||
	    json_get_string(request->body, "digest", &digest, err) ||
	    renewals_confirm(renewals, request->params[0], digest, err))
		return err->code;
	reply->status = 204;
	return ERROR_NONE;
}

enum error_code
handle_reject(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	struct renewals *renewals;
	const char *digest, *reason;

	if (require_renewals(context, request, &renewals, err) ||
	    http_require_body(request, err) ||
	    json_get_string(request->body, "digest", &digest, err) ||
	    json_get_optional_string(request->body, "reason", &reason, err) ||
	    renewals_reject(renewals, request->params[0], digest,
		reason ? reason : REASON_DEFAULT, err))
		return err->code;
	reply->status = 204;
	return ERROR_NONE;
}
