/* SPDX-License-Identifier: MIT */
#include "routes_shared.h"

#include <string.h>

#include "attestation.h"
#include "common/daemon.h"
#include "common/file.h"
#include "common/http_server.h"
#include "common/time.h"
#include "keyd/client.h"
#include "payload.h"

#define AZIOT 20200901U
#define AZIOT_2021 20211201U

#define AGENTS (PEER_ROOT | PEER_DAEMON)
#define DEVICES (AGENTS | PEER_DEVICE)
#define CALLERS (DEVICES | PEER_MODULE)
#define MODULES (AGENTS | PEER_MODULE | PEER_LOCAL)
#define LISTED (AGENTS | HTTP_PRINCIPAL)

enum error_code
routes_check_fault(const struct provisiond *provisiond, struct error *err)
{
	if (!provisiond->fault.code)
		return ERROR_NONE;
	return error_set(
	    err, ERROR_UNAVAILABLE, "%s", provisiond->fault.message);
}

enum error_code
routes_reply(struct http_reply *reply, json_t *body, struct error *err)
{
	if (!body)
		return error_no_memory(err);
	reply->body = body;
	return ERROR_NONE;
}

bool
routes_hand_over(const struct http_request *request, enum provisiond_lane lane,
    struct http_reply *reply)
{
	if (!request->call || request->lane == lane)
		return false;
	reply->deferred = true;
	http_call_move(request->call, lane);
	return true;
}

/* A handle of our key for uid, who need not have a right to it in keyd. */
static enum error_code
lend_key(const struct config *config, uid_t uid, char **ret_handle,
    struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(string) char *own = NULL;
	struct error reason;

	if (attestation_handle(config_credential(config),
		config_device_name(config), &own, &reason) ||
	    keyd_client_create(0, &client, &reason) ||
	    keyd_delegate(client, own, uid, ret_handle, &reason))
		return error_set(err, ERROR_UPSTREAM,
		    "keyd does not give the device's key: %s", reason.message);
	return ERROR_NONE;
}

/* How the caller proves itself to the hub; a TPM is asked by aziot's call. */
static enum error_code
auth_to_json(const struct config *config, uid_t uid, json_t **ret_auth,
    struct error *err)
{
	const struct attestation_settings *credential =
	    config_credential(config);
	CLEANUP(string) char *handle = NULL;

	if (credential->kind == CREDENTIAL_TPM)
		*ret_auth = json_pack("{s:s}", "type", "tpm");
	else if (lend_key(config, uid, &handle, err))
		return err->code;
	else if (credential->kind == CREDENTIAL_X509)
		*ret_auth = json_pack("{s:s, s:s, s:s}", "type", "x509",
		    "keyHandle", handle, "certId", credential->identity_cert);
	else
		*ret_auth =
		    json_pack("{s:s, s:s}", "type", "sas", "keyHandle", handle);
	return *ret_auth ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
reply_identity(const struct provisiond *provisiond,
    const struct dps_assignment *assignment, uid_t uid,
    struct http_reply *reply, struct error *err)
{
	const char *gateway =
	    provisiond->config->provisioning.local_gateway_hostname;
	CLEANUP(json) json_t *auth = NULL;

	if (auth_to_json(provisiond->config, uid, &auth, err)) {
		provision_look_again(provisiond->provision);
		return err->code;
	}
	return routes_reply(reply,
	    json_pack("{s:s, s:{s:s, s:s, s:s, s:O}}", "type", "aziot", "spec",
		"hubName", assignment->hub, "gatewayHost",
		gateway ? gateway : assignment->hub, "deviceId",
		assignment->device_id, "auth", auth),
	    err);
}

/* From here on the request is not ours any more: it may be answered at once. */
static void
defer(const struct provisiond *provisiond, struct http_reply *reply)
{
	reply->deferred = true;
	waiters_review(provisiond->waiters);
}

static enum error_code
wait_for_identity(const struct provisiond *provisiond,
    const struct http_request *request, struct http_reply *reply,
    struct error *err)
{
	if (waiters_add_identity(
		provisiond->waiters, request->call, request->version, err))
		return err->code;
	defer(provisiond, reply);
	return ERROR_NONE;
}

enum error_code
routes_find_device(const struct provisiond *provisiond,
    const struct http_request *request, struct http_reply *reply,
    struct provision_view *ret_view, struct error *err)
{
	CLEANUP_DONE(provision_view) struct provision_view view = {0};

	if (provision_look(provisiond->provision, &view, err))
		return err->code;
	switch (view.status) {
	case PROVISION_PROVISIONING:
		return wait_for_identity(provisiond, request, reply, err);
	case PROVISION_PROVISIONED:
		*ret_view = TAKE_CONTENTS(view);
		return ERROR_NONE;
	case PROVISION_FAILED:
	case PROVISION_UNMANAGED:
		break;
	}
	return error_set(err, ERROR_NOT_FOUND,
	    "the device is not provisioned: %s", view.message);
}

static enum error_code
device_identity(const struct provisiond *provisiond,
    const struct http_request *request, struct http_reply *reply,
    struct error *err)
{
	CLEANUP_DONE(provision_view) struct provision_view view = {0};

	if (routes_find_device(provisiond, request, reply, &view, err))
		return err->code;
	if (reply->deferred)
		return ERROR_NONE;
	return reply_identity(
	    provisiond, &view.assignment, request->peer.uid, reply, err);
}

static enum error_code
handle_identity(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	if (routes_check_fault(context, err))
		return err->code;
	if (!(request->classes & DEVICES))
		return routes_reply_own_module(context, request, reply, err);
	return device_identity(context, request, reply, err);
}

static enum error_code
handle_device(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const char *type;

	if (http_require_body(request, err) ||
	    json_get_string(request->body, "type", &type, err) ||
	    routes_check_fault(context, err))
		return err->code;
	return device_identity(context, request, reply, err);
}

static enum error_code
handle_renew(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct provisiond *provisiond = context;
	uint64_t number;

	if (routes_check_fault(provisiond, err))
		return err->code;
	number = provision_request(provisiond->provision);
	if (waiters_add_request(provisiond->waiters, request->call,
		request->version, number, err))
		return err->code;
	defer(provisiond, reply);
	return ERROR_NONE;
}

/* As aziot prints an URL: with a path, if only "/". */
static json_t *
endpoint_to_json(const char *endpoint)
{
	const char *path = strchr(strstr(endpoint, "://") + 3, '/');

	return path ? json_string(endpoint) : json_sprintf("%s/", endpoint);
}

/* null if there is none, or none that can be read. */
static json_t *
payload_to_json(const struct payload_settings *settings)
{
	json_t *payload = NULL;
	struct error ignored;

	if (payload_load(settings, &payload, &ignored) || !payload)
		return json_null();
	return payload;
}

static json_t *
provisioning_to_json(
    const struct config *config, const struct provision_view *view)
{
	const struct provisioning_settings *settings = &config->provisioning;

	if (strcmp(settings->source, "none") == 0)
		return json_pack("{s:s}", "source", "none");
	if (strcmp(settings->source, "manual") == 0)
		return json_pack("{s:s, s:s}", "source", "manual", "auth",
		    settings->authentication.method);
	return json_pack("{s:s, s:s, s:o, s:s, s:s?, s:o}", "source", "dps",
	    "auth", settings->attestation.method, "endpoint",
	    endpoint_to_json(settings->global_endpoint), "scope_id",
	    settings->scope_id, "registration_id", view->registration_id,
	    "payload", payload_to_json(&settings->payload));
}

/* What became of it; aziot's clients know nothing of that. */
static json_t *
outcome_to_json(const struct config *config, const struct provision_view *view)
{
	struct time_text assigned_at = time_format(view->assigned_at);

	return json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:s?}", "status",
	    provision_status_name(view->status), "message", view->message,
	    "device_id", view->assignment.device_id, "assigned_hub",
	    view->assignment.hub, "assigned_at",
	    view->assigned_at ? assigned_at.text : NULL, "trust_bundle_cert",
	    config->trust_bundle_cert);
}

static enum error_code
handle_status(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct provisiond *provisiond = context;
	CLEANUP_DONE(provision_view) struct provision_view view = {0};
	CLEANUP(json) json_t *body = NULL;
	CLEANUP(json) json_t *outcome = NULL;

	if (routes_check_fault(provisiond, err) ||
	    provision_look(provisiond->provision, &view, err))
		return err->code;
	body = provisioning_to_json(provisiond->config, &view);
	if (request->version >= HTTP_VERSION_SIGNET) {
		outcome = outcome_to_json(provisiond->config, &view);
		if (!body || !outcome || json_object_update(body, outcome))
			return error_no_memory(err);
	}
	return routes_reply(reply, TAKE(body), err);
}

static const char *
health_of(const struct provision_view *view)
{
	if (view->status == PROVISION_PROVISIONING)
		return "starting";
	if (view->status == PROVISION_UNMANAGED ||
	    (view->status == PROVISION_PROVISIONED && !*view->message))
		return "ok";
	return "degraded";
}

static enum error_code
handle_health(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct provisiond *provisiond = context;
	CLEANUP_DONE(provision_view) struct provision_view view = {0};
	struct daemon_health health = {
	    .status = "degraded", .message = provisiond->fault.message};

	(void)request;
	if (!provisiond->fault.code) {
		if (provision_look(provisiond->provision, &view, err))
			return err->code;
		health.status = health_of(&view);
		health.message = view.message;
		health.passing = view.status == PROVISION_PROVISIONED &&
				 *view.message && view.passing;
	}
	return daemon_health_reply(&health, reply, err);
}

#define ANYONE HTTP_ANYONE
#define OURS HTTP_VERSION_SIGNET
#define CALLS PROVISIOND_LANE_CALLS
#define HUB PROVISIOND_LANE_HUB
#define CHANGE PROVISIOND_LANE_CHANGE

/* clang-format off */
const struct http_route provisiond_routes[] = {
    {"GET",    "/identities/identity",           AZIOT,      CALLERS,  CALLS,  handle_identity},
    {"POST",   "/identities/device",             AZIOT,      DEVICES,  CALLS,  handle_device},
    {"POST",   "/identities/device/reprovision", AZIOT,      AGENTS,   CALLS,  handle_renew},
    {"GET",    "/identities/provisioning",       AZIOT_2021, LISTED,   CALLS,  handle_status},
    {"GET",    "/identities/modules",            AZIOT,      AGENTS,   HUB,    handle_list_modules},
    {"POST",   "/identities/modules",            AZIOT,      AGENTS,   CALLS,  handle_make_module},
    {"GET",    "/identities/modules/{}",         AZIOT,      MODULES,  CALLS,  handle_show_module},
    {"PUT",    "/identities/modules/{}",         AZIOT,      AGENTS,   CHANGE, handle_renew_module},
    {"DELETE", "/identities/modules/{}",         AZIOT,      AGENTS,   CHANGE, handle_remove_module},
    {"GET",    "/trust-bundle",                  AZIOT,      ANYONE,   CALLS,  handle_trust_bundle},
    {"GET",    "/health",                        OURS,       ANYONE,   CALLS,  handle_health},
};
/* clang-format on */
const size_t provisiond_route_count =
    sizeof(provisiond_routes) / sizeof(provisiond_routes[0]);

/* Without a configuration nobody can be told apart, and nothing is told. */
static unsigned
classify(void *context, const struct peer *peer)
{
	const struct provisiond *provisiond = context;

	if (provisiond->fault.code)
		return AGENTS;
	return peers_classify(provisiond->peers, peer->uid);
}

struct http_service
provisiond_service(struct provisiond *provisiond)
{
	static const unsigned versions[] = {
	    AZIOT, AZIOT_2021, 20220801, HTTP_VERSION_SIGNET};

	return (struct http_service){
	    .routes = provisiond_routes,
	    .route_count = provisiond_route_count,
	    .versions = versions,
	    .version_count = sizeof(versions) / sizeof(versions[0]),
	    .classify = classify,
	    .context = provisiond,
	};
}
