/* SPDX-License-Identifier: MIT */
/* Certificates are issued, imported, renewed and deleted. */
#include "routes_shared.h"

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
	    certs_issue(certs, &order, &pem, err))
		return err->code;
	return reply_pem(reply, 201, pem, err);
}

enum error_code
handle_renew(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	CLEANUP(string) char *pem = NULL;
	const struct certs *certs;

	if (require_certs(context, &certs, err) ||
	    certs_renew(
		certs, request->peer.uid, request->params[0], &pem, err))
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
