/* SPDX-License-Identifier: MIT */
/* Certificates are issued, imported, renewed and deleted. */
#include "certs_state.h"
#include "common/http_server.h"
#include "routes_shared.h"

/* Who may not write is told that first. */
static enum error_code
require_decision(const struct certd *certd, const struct http_request *request,
    const char *id, struct error *err)
{
	if (certs_check_writer(certd->certs, request->peer.uid, id, err))
		return err->code;
	return require_time(certd, err);
}

/* "issuer" may be absent or null: then the configuration names it. */
static enum error_code
read_issuer(const json_t *body, struct cert_order *order, struct error *err)
{
	const json_t *issuer = json_object_get(body, "issuer");

	if (!issuer || json_is_null(issuer))
		return ERROR_NONE;
	if (json_get_object(body, "issuer", &issuer, err))
		return err->code;
	if (json_get_string(issuer, "certId", &order->issuer_id, err) ||
	    json_get_string(
		issuer, "privateKeyHandle", &order->issuer_key_handle, err))
		return error_wrap(err, "'issuer'");
	return ERROR_NONE;
}

/* What waits for an EST server does so where it holds up nobody else. */
static bool
hand_over(const struct certs *certs, const struct http_request *request,
    const struct cert_order *order, struct http_reply *reply)
{
	const struct policy policy = certs_policy(certs, order->id);

	if (!request->call || request->lane >= CERTD_EST || order->issuer_id ||
	    policy.method != POLICY_EST)
		return false;
	reply->deferred = true;
	http_call_move(
	    request->call, certd_lane_of(certs_est_server(certs, &policy)));
	return true;
}

enum error_code
handle_create(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	struct cert_order order = {.uid = request->peer.uid};
	CLEANUP(string) char *pem = NULL;
	const struct certs *certs;

	if (require_certs(context, &certs, err) ||
	    http_require_body(request, err) ||
	    json_get_string(request->body, "certId", &order.id, err) ||
	    json_get_string(request->body, "csr", &order.csr_pem, err) ||
	    read_issuer(request->body, &order, err) ||
	    require_decision(context, request, order.id, err))
		return err->code;
	if (hand_over(certs, request, &order, reply))
		return ERROR_NONE;
	if (certs_issue(certs, &order, &pem, err))
		return err->code;
	return reply_pem(reply, 201, pem, err);
}

/* What has rules for its renewal is renewed by them, by the journal. */
static bool
has_rules(const struct certd *certd, const char *id)
{
	return certd->engine &&
	       certs_policy(certd->certs, id).renewal.is_configured;
}

static enum error_code
hurry(const struct certd *certd, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const char *id = request->params[0];

	if (certs_check_writer(certd->certs, request->peer.uid, id, err) ||
	    renewals_hurry(engine_renewals(certd->engine), id, err))
		return err->code;
	reply->status = 202;
	reply->body = json_pack("{s:s, s:s}", "id", id, "status", "renewing");
	return reply->body ? ERROR_NONE : error_no_memory(err);
}

enum error_code
handle_renew(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct certd *certd = context;
	const struct cert_order order = {
	    .uid = request->peer.uid, .id = request->params[0]};
	CLEANUP(string) char *pem = NULL;
	const struct certs *certs;

	if (require_certs(certd, &certs, err))
		return err->code;
	if (has_rules(certd, request->params[0]))
		return hurry(certd, request, reply, err);
	if (require_decision(certd, request, request->params[0], err))
		return err->code;
	if (certs_renew(certs, order.uid, order.id, &pem, err))
		return err->code;
	return reply_pem(reply, 200, pem, err);
}

enum error_code
handle_import(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	CLEANUP(string) char *stored = NULL;
	const struct certs *certs;
	const char *pem;

	if (require_certs(context, &certs, err) ||
	    http_require_body(request, err) ||
	    json_get_string(request->body, "pem", &pem, err) ||
	    require_decision(context, request, request->params[0], err) ||
	    certs_import(certs, request->peer.uid, request->params[0], pem,
		&stored, err))
		return err->code;
	return reply_pem(reply, 201, stored, err);
}

enum error_code
handle_delete(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct certs *certs;

	if (require_certs(context, &certs, err) ||
	    certs_delete(certs, request->peer.uid, request->params[0], err))
		return err->code;
	reply->status = 204;
	return ERROR_NONE;
}
