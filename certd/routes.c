/* SPDX-License-Identifier: MIT */
#include "routes.h"

#include "common/daemon.h"
#include "common/time.h"

#define AZIOT 20200901U
#define WRITERS (HTTP_PRINCIPAL | HTTP_ROOT)

/* Without certificates every call but GET /health says why. */
static enum error_code
require_certs(const struct certd *certd, const struct certs **ret_certs,
    struct error *err)
{
	if (!certd->certs)
		return error_set(
		    err, ERROR_UNAVAILABLE, "%s", certd->problem.message);
	*ret_certs = certd->certs;
	return ERROR_NONE;
}

static enum error_code
reply_pem(struct http_reply *reply, unsigned status, const char *pem,
    struct error *err)
{
	reply->body = json_pack("{s:s}", "pem", pem);
	if (!reply->body)
		return error_set(
		    err, ERROR_INVALID, "the certificate's text is not UTF-8");
	reply->status = status;
	return ERROR_NONE;
}

static enum error_code
handle_health(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct certd *certd = context;
	struct error problem = certd->problem;
	bool is_ok = certd->certs && !certs_check(certd->certs, &problem);
	struct daemon_health health = {.status = is_ok ? "ok" : "degraded",
	    .message = is_ok ? "" : problem.message};

	(void)request;
	return daemon_health_reply(&health, reply, err);
}

static json_t *
item_to_json(const struct cert_item *item)
{
	const struct description *about = &item->about;

	if (item->problem.code)
		return json_pack("{s:s, s:s, s:s}", "id", item->id, "location",
		    item->location, "error", item->problem.message);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s}", "id",
	    item->id, "subject", about->subject, "issuer", about->issuer,
	    "serial", about->serial, "notBefore",
	    time_format(about->not_before).text, "notAfter",
	    time_format(about->not_after).text, "ca", about->is_ca, "location",
	    item->location);
}

static json_t *
list_to_json(const struct cert_list *list)
{
	CLEANUP(json) json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++)
		if (json_array_append_new(array, item_to_json(&list->items[i])))
			return NULL;
	return json_pack("{s:O}", "certificates", array);
}

static enum error_code
handle_list(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct certs *certs;
	CLEANUP_DONE(cert_list) struct cert_list list = {0, NULL};

	(void)request;
	if (require_certs(context, &certs, err) ||
	    certs_list(certs, &list, err))
		return err->code;
	reply->body = list_to_json(&list);
	return reply->body ? ERROR_NONE : error_no_memory(err);
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

static enum error_code
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

static enum error_code
handle_get(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	CLEANUP(string) char *pem = NULL;
	const struct certs *certs;

	if (require_certs(context, &certs, err) ||
	    certs_get(certs, request->params[0], &pem, err))
		return err->code;
	return reply_pem(reply, 200, pem, err);
}

static enum error_code
handle_import(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct certs *certs;
	const char *pem;

	if (require_certs(context, &certs, err) ||
	    http_require_body(request, err) ||
	    json_get_string(request->body, "pem", &pem, err) ||
	    certs_import(
		certs, request->peer.uid, request->params[0], pem, err))
		return err->code;
	return reply_pem(reply, 201, pem, err);
}

static enum error_code
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

/* Certificates are public: whoever reaches the socket may read them all. */
const struct http_route certd_routes[] = {
    {"GET",    "/health",          HTTP_VERSION_SIGNET, HTTP_ANYONE, 0, handle_health},
    {"GET",    "/certificates",    HTTP_VERSION_SIGNET, HTTP_ANYONE, 0, handle_list  },
    {"POST",   "/certificates",    AZIOT,               WRITERS,     0, handle_create},
    {"GET",    "/certificates/{}", AZIOT,               HTTP_ANYONE, 0, handle_get   },
    {"PUT",    "/certificates/{}", AZIOT,               WRITERS,     0, handle_import},
    {"DELETE", "/certificates/{}", AZIOT,               WRITERS,     0, handle_delete},
};
const size_t certd_route_count = sizeof(certd_routes) / sizeof(certd_routes[0]);

static const unsigned versions[] = {AZIOT, HTTP_VERSION_SIGNET};

/* A certd without certificates lets everybody through to the reason for it. */
static unsigned
classify(void *context, const struct peer *peer)
{
	const struct certd *certd = context;

	if (!certd->certs || certs_knows(certd->certs, peer->uid))
		return HTTP_PRINCIPAL;
	return 0;
}

struct http_service
certd_service(struct certd *certd)
{
	return (struct http_service){.routes = certd_routes,
	    .route_count = certd_route_count,
	    .versions = versions,
	    .version_count = sizeof(versions) / sizeof(versions[0]),
	    .classify = classify,
	    .context = certd};
}
