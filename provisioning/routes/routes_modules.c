/* SPDX-License-Identifier: MIT */
/* Identities of modules, at the hub and local ones; the trust bundle. */
#include <string.h>

#include "certd/client.h"
#include "common/hub_id.h"
#include "common/time.h"
#include "local_identity.h"
#include "module_keys.h"
#include "principals.h"
#include "routes_shared.h"

#define RFC3339_SECONDS 19 /* "2031-05-04T10:00:00" */

/*
 * To aziot's clients all of it is a failure upstream. It may be the credentials
 * that are gone, or others than they were.
 */
static enum error_code
upstream(const struct provisiond *provisiond, struct error *err)
{
	if (err->code == ERROR_DENIED)
		(void)provision_hub_refuses(provisiond->provision);
	if (err->code == ERROR_DENIED || err->code == ERROR_INVALID)
		provision_look_again(provisiond->provision);
	if (err->code != ERROR_INTERNAL)
		err->code = ERROR_UPSTREAM;
	return err->code;
}

/* ---- as JSON ---- */

/* auth, which is taken, may be NULL: there is none in a list. */
static json_t *
module_to_json(const struct provisiond *provisiond,
    const struct dps_assignment *assignment, const struct hub_module *module,
    json_t *auth)
{
	const char *gateway =
	    provisiond->config->provisioning.local_gateway_hostname;

	return json_pack("{s:s, s:{s:s, s:s, s:s, s:s, s:s, s:o*}}", "type",
	    "aziot", "spec", "hubName", assignment->hub, "gatewayHost",
	    gateway ? gateway : assignment->hub, "deviceId",
	    assignment->device_id, "moduleId", module->id, "genId",
	    module->generation_id, "auth", auth);
}

static enum error_code
reply_module(const struct provisiond *provisiond,
    const struct dps_assignment *assignment, const struct hub_module *module,
    uid_t uid, struct http_reply *reply, struct error *err)
{
	CLEANUP(string) char *handle = NULL;

	if (module_keys_lend(module, uid, &handle, err))
		return upstream(provisiond, err);
	return routes_reply(reply,
	    module_to_json(provisiond, assignment, module,
		json_pack("{s:s, s:s}", "type", "sas", "keyHandle", handle)),
	    err);
}

/* aziot's form of it has an offset instead of a Z. */
static json_t *
expiry_to_json(int64_t when)
{
	return json_sprintf(
	    "%.*s+00:00", RFC3339_SECONDS, time_format(when).text);
}

static json_t *
local_to_json(const char *module, const struct local_identity *identity)
{
	return json_pack("{s:s, s:{s:s, s:{s:s*, s:s*, s:s, s:o}}}", "type",
	    "local", "spec", "moduleId", module, "auth", "privateKey",
	    identity->private_key, "keyHandle", identity->key_handle,
	    "certificate", identity->certificate, "expiration",
	    expiry_to_json(identity->expires));
}

/* ---- what the request says ---- */

enum identity_type {
	IDENTITY_AZIOT,
	IDENTITY_LOCAL,
};

static enum error_code
parse_type(const char *text, enum identity_type *ret_type, struct error *err)
{
	if (strcmp(text, "aziot") == 0)
		*ret_type = IDENTITY_AZIOT;
	else if (strcmp(text, "local") == 0)
		*ret_type = IDENTITY_LOCAL;
	else
		return error_set(err, ERROR_INVALID,
		    "type is '%s', it can be aziot and, for one module, local",
		    text);
	return ERROR_NONE;
}

static enum error_code
read_type(const struct http_request *request, enum identity_type *ret_type,
    struct error *err)
{
	char text[16];

	if (http_query(request, "type", text, sizeof(text), err))
		return err->code;
	return parse_type(text, ret_type, err);
}

/* Where local identities have no such call. */
static enum error_code
require_aziot(const struct http_request *request, struct error *err)
{
	enum identity_type type;

	if (read_type(request, &type, err))
		return err->code;
	if (type != IDENTITY_AZIOT)
		return error_set(
		    err, ERROR_INVALID, "this call is for type aziot only");
	return ERROR_NONE;
}

/* ---- local identities ---- */

static enum error_code
reply_local(const struct provisiond *provisiond, const char *module,
    const char *attributes, uid_t uid, struct http_reply *reply,
    struct error *err)
{
	CLEANUP_DONE(local_identity) struct local_identity identity = {0};
	bool is_server = attributes && strcmp(attributes, "server") == 0;

	if (local_identity_issue(
		provisiond->config, module, is_server, uid, &identity, err)) {
		if (err->code != ERROR_INVALID)
			return upstream(provisiond, err);
		return err->code;
	}
	return routes_reply(reply, local_to_json(module, &identity), err);
}

static enum error_code
show_local(const struct provisiond *provisiond,
    const struct http_request *request, struct http_reply *reply,
    struct error *err)
{
	const char *module = request->params[0];
	const struct principal_settings *principal =
	    principals_find(provisiond->config, module, "local");

	if (!principal)
		return error_set(err, ERROR_INVALID,
		    "no principal of the configuration is called '%s' and has "
		    "a local identity",
		    module);
	if (routes_hand_over(request, PROVISIOND_LANE_LOCAL, reply))
		return ERROR_NONE;
	return reply_local(provisiond, module, principal->localid.attributes,
	    request->peer.uid, reply, err);
}

static enum error_code
read_local_options(
    const json_t *body, const char **ret_attributes, struct error *err)
{
	const json_t *options = json_object_get(body, "localIdOpts");
	const char *type;

	*ret_attributes = NULL;
	if (!options || json_is_null(options))
		return ERROR_NONE;
	if (json_get_string(options, "type", &type, err) ||
	    json_get_optional_string(
		options, "attributes", ret_attributes, err))
		return err->code;
	if (strcmp(type, "x509") != 0 ||
	    (*ret_attributes && strcmp(*ret_attributes, "client") != 0 &&
		strcmp(*ret_attributes, "server") != 0))
		return error_set(err, ERROR_MALFORMED,
		    "localIdOpts can have type x509 and attributes client or "
		    "server");
	return ERROR_NONE;
}

static enum error_code
make_local(const struct provisiond *provisiond,
    const struct http_request *request, const char *module,
    struct http_reply *reply, struct error *err)
{
	const char *attributes;

	if (read_local_options(request->body, &attributes, err))
		return err->code;
	if (principals_find(provisiond->config, module, "local"))
		return error_set(err, ERROR_INVALID,
		    "'%s' is a principal of the configuration: it gets its "
		    "local identity by GET",
		    module);
	if (routes_hand_over(request, PROVISIOND_LANE_LOCAL, reply))
		return ERROR_NONE;
	return reply_local(
	    provisiond, module, attributes, request->peer.uid, reply, err);
}

/* ---- modules at the hub ---- */

static enum error_code
show_module(const struct provisiond *provisiond,
    const struct http_request *request, const char *module,
    struct http_reply *reply, struct error *err)
{
	CLEANUP_DONE(provision_view) struct provision_view view = {0};
	CLEANUP_DONE(hub_module) struct hub_module found = {0};

	if (routes_find_device(provisiond, request, reply, &view, err))
		return err->code;
	if (reply->deferred ||
	    (modules_asks_hub(provisiond->modules, &view.assignment, module) &&
		routes_hand_over(request, PROVISIOND_LANE_HUB, reply)))
		return ERROR_NONE;
	if (modules_get(
		provisiond->modules, &view.assignment, module, &found, err))
		return upstream(provisiond, err);
	return reply_module(provisiond, &view.assignment, &found,
	    request->peer.uid, reply, err);
}

enum error_code
routes_reply_own_module(const struct provisiond *provisiond,
    const struct http_request *request, struct http_reply *reply,
    struct error *err)
{
	const char *name = peers_name(provisiond->peers, request->peer.uid);

	if (hub_module_id_check(name, err))
		return err->code;
	return show_module(provisiond, request, name, reply, err);
}

static bool
is_agent(const struct http_request *request)
{
	return (request->classes & (PEER_ROOT | PEER_DAEMON)) != 0;
}

/* Who is no agent sees the module that it is. */
static enum error_code
check_name(const struct provisiond *provisiond,
    const struct http_request *request, struct error *err)
{
	const char *name = peers_name(provisiond->peers, request->peer.uid);

	if (is_agent(request) ||
	    (name && strcmp(name, request->params[0]) == 0))
		return ERROR_NONE;
	return error_set(err, ERROR_DENIED, "uid %u is not module '%s'",
	    request->peer.uid, request->params[0]);
}

enum error_code
handle_show_module(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct provisiond *provisiond = context;
	enum identity_type type;

	if (routes_check_fault(provisiond, err) ||
	    check_name(provisiond, request, err) ||
	    read_type(request, &type, err) ||
	    hub_module_id_check(request->params[0], err))
		return err->code;
	if (type == IDENTITY_LOCAL)
		return show_local(provisiond, request, reply, err);
	return show_module(provisiond, request, request->params[0], reply, err);
}

static enum error_code
list_to_json(const struct provisiond *provisiond,
    const struct dps_assignment *assignment, const struct hub_modules *modules,
    json_t **ret_body, struct error *err)
{
	CLEANUP(json) json_t *array = json_array();

	for (size_t i = 0; i < modules->count; i++)
		if (json_array_append_new(
			array, module_to_json(provisiond, assignment,
				   &modules->items[i], NULL)))
			return error_no_memory(err);
	*ret_body = json_pack("{s:O}", "identities", array);
	return *ret_body ? ERROR_NONE : error_no_memory(err);
}

enum error_code
handle_list_modules(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct provisiond *provisiond = context;
	CLEANUP_DONE(provision_view) struct provision_view view = {0};
	CLEANUP_DONE(hub_modules) struct hub_modules modules = {0};

	if (routes_check_fault(provisiond, err) ||
	    require_aziot(request, err) ||
	    routes_find_device(provisiond, request, reply, &view, err))
		return err->code;
	if (reply->deferred)
		return ERROR_NONE;
	if (modules_list(provisiond->modules, &view.assignment, &modules, err))
		return upstream(provisiond, err);
	return list_to_json(
	    provisiond, &view.assignment, &modules, &reply->body, err);
}

/* A change that ends with a module, which is what is answered. */
typedef enum error_code module_change(struct modules *modules,
    const struct dps_assignment *assignment, const char *id,
    struct hub_module *ret_module, struct error *err);

static enum error_code
change_module(const struct provisiond *provisiond,
    const struct http_request *request, const char *id, module_change *change,
    struct http_reply *reply, struct error *err)
{
	CLEANUP_DONE(provision_view) struct provision_view view = {0};
	CLEANUP_DONE(hub_module) struct hub_module module = {0};

	if (routes_find_device(provisiond, request, reply, &view, err))
		return err->code;
	if (reply->deferred)
		return ERROR_NONE;
	if (change(provisiond->modules, &view.assignment, id, &module, err))
		return upstream(provisiond, err);
	return reply_module(provisiond, &view.assignment, &module,
	    request->peer.uid, reply, err);
}

enum error_code
handle_make_module(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct provisiond *provisiond = context;
	enum identity_type type;
	const char *text, *module;

	if (http_require_body(request, err) ||
	    json_get_string(request->body, "type", &text, err) ||
	    json_get_string(request->body, "moduleId", &module, err) ||
	    parse_type(text, &type, err) || hub_module_id_check(module, err) ||
	    routes_check_fault(provisiond, err))
		return err->code;
	if (type == IDENTITY_LOCAL)
		return make_local(provisiond, request, module, reply, err);
	if (routes_hand_over(request, PROVISIOND_LANE_CHANGE, reply))
		return ERROR_NONE;
	return change_module(
	    provisiond, request, module, modules_make, reply, err);
}

enum error_code
handle_renew_module(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct provisiond *provisiond = context;

	if (routes_check_fault(provisiond, err) ||
	    require_aziot(request, err) ||
	    hub_module_id_check(request->params[0], err))
		return err->code;
	return change_module(
	    provisiond, request, request->params[0], modules_renew, reply, err);
}

enum error_code
handle_remove_module(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	const struct provisiond *provisiond = context;
	CLEANUP_DONE(provision_view) struct provision_view view = {0};

	if (routes_check_fault(provisiond, err) ||
	    require_aziot(request, err) ||
	    hub_module_id_check(request->params[0], err) ||
	    routes_find_device(provisiond, request, reply, &view, err))
		return err->code;
	if (reply->deferred)
		return ERROR_NONE;
	if (modules_remove(
		provisiond->modules, &view.assignment, request->params[0], err))
		return upstream(provisiond, err);
	reply->status = 204;
	return ERROR_NONE;
}

/* ---- the trust bundle ---- */

/* Where certd has none it is empty, as aziot-identityd's always is. */
enum error_code
handle_trust_bundle(void *context, const struct http_request *request,
    struct http_reply *reply, struct error *err)
{
	CLEANUP(unix_http) struct unix_http *client = NULL;
	CLEANUP(string) char *pem = NULL;

	(void)request;
	if (routes_check_fault(context, err))
		return err->code;
	if (certd_client_create(0, &client, err) ||
	    certd_trust_bundle(client, &pem, err))
		if (err->code != ERROR_NOT_FOUND)
			return error_wrap(err, "the trust bundle");
	return routes_reply(
	    reply, json_pack("{s:s}", "certificate", pem ? pem : ""), err);
}
