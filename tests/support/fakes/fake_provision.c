/* SPDX-License-Identifier: MIT */
#include "cmocka_wrap.h"
#include "common/file.h"

#include "fake_provision.h"

#include <stdio.h>
#include <string.h>

#include "attestation.h"
#include "certd/client.h"
#include "common/daemon.h"
#include "keyd/client.h"
#include "local_identity.h"
#include "module_keys.h"
#include "modules.h"

struct fake_provision fake_provision;

void
fake_provision_open(struct provisiond *provisiond, const struct config *config)
{
	struct error err;

	fake_provision = (struct fake_provision){
	    .status = PROVISION_PROVISIONED, .message = ""};
	*provisiond = (struct provisiond){.config = config};
	assert_int_equal(
	    peers_create(config, &provisiond->peers, &err), ERROR_NONE);
	assert_int_equal(
	    waiters_create(NULL, &provisiond->waiters, &err), ERROR_NONE);
}

void
fake_provision_close(struct provisiond *provisiond)
{
	peers_free(provisiond->peers);
	waiters_free(provisiond->waiters);
}

struct http_reply
fake_provision_send(struct provisiond *provisiond, uid_t uid,
    const char *method, const char *target, const char *body,
    struct http_call *call)
{
	const struct http_service service = provisiond_service(provisiond);
	struct http_message message = {.method = method,
	    .target = target,
	    .body = body,
	    .body_length = body ? strlen(body) : 0,
	    .peer = {.uid = uid},
	    .call = call};
	struct http_reply reply;

	if (call)
		call->lane = message.lane = http_lane_of(&service, &message);
	http_dispatch(&service, &message, &reply);
	if (call && call->moved) {
		assert_true(reply.deferred);
		assert_int_not_equal(call->lane, message.lane);
		call->moved = false;
		message.lane = call->lane;
		http_dispatch(&service, &message, &reply);
		assert_false(call->moved);
	}
	return reply;
}

void
http_call_move(struct http_call *call, unsigned lane)
{
	call->moved = true;
	call->lane = lane;
}

const char *
provision_status_name(enum provision_status status)
{
	return status == PROVISION_PROVISIONED ? "provisioned" : "other";
}

void
provision_view_done(struct provision_view *view)
{
	free(view->registration_id);
	dps_assignment_done(&view->assignment);
}

enum error_code
provision_look(struct provision *provision, struct provision_view *ret_view,
    struct error *err)
{
	(void)provision;
	(void)err;
	*ret_view = (struct provision_view){
	    .status = fake_provision.status, .passing = fake_provision.passing};
	(void)snprintf(ret_view->message, sizeof(ret_view->message), "%s",
	    fake_provision.message);
	if (fake_provision.status == PROVISION_PROVISIONED) {
		ret_view->registration_id = strdup("dev-1");
		ret_view->assigned_at = 1796112000;
		ret_view->assignment.hub = strdup("hub.example");
		ret_view->assignment.device_id = strdup("dev-1");
	}
	return ERROR_NONE;
}

bool
provision_is_pending(struct provision *provision)
{
	(void)provision;
	return fake_provision.status == PROVISION_PROVISIONING;
}

uint64_t
provision_request(struct provision *provision)
{
	(void)provision;
	return ++fake_provision.requests;
}

bool
provision_hub_refuses(struct provision *provision)
{
	(void)provision;
	fake_provision.refusals++;
	return true;
}

void
provision_look_again(struct provision *provision)
{
	(void)provision;
	fake_provision.looks++;
}

bool
provision_is_served(
    struct provision *provision, uint64_t request, struct error *ret_outcome)
{
	(void)provision;
	if (fake_provision.served < request)
		return false;
	*ret_outcome = fake_provision.outcome;
	return true;
}

enum error_code
keyd_client_create(
    unsigned timeout_ms, struct unix_http **ret_client, struct error *err)
{
	(void)timeout_ms;
	(void)err;
	*ret_client = NULL;
	return ERROR_NONE;
}

void
unix_http_free(struct unix_http *client)
{
	(void)client;
}

enum error_code
attestation_handle(const struct attestation_settings *attestation,
    const char *name, char **ret_handle, struct error *err)
{
	(void)name;
	if (fake_provision.keyd_away)
		return error_set(err, ERROR_UNAVAILABLE, "nobody listens");
	assert_string_equal(attestation->kind == CREDENTIAL_X509
				? attestation->identity_pk
				: attestation->symmetric_key,
	    "device-id");
	*ret_handle = strdup("sr=a&sig=b");
	return ERROR_NONE;
}

enum error_code
keyd_delegate(struct unix_http *client, const char *handle, uid_t uid,
    char **ret_handle, struct error *err)
{
	(void)client;
	(void)err;
	assert_string_equal(handle, "sr=a&sig=b");
	*ret_handle = string_format("sr=%u&sig=b", uid);
	return ERROR_NONE;
}

enum error_code
daemon_health_reply(const struct daemon_health *health,
    struct http_reply *reply, struct error *err)
{
	(void)err;
	reply->body = json_pack(
	    "{s:s, s:s}", "status", health->status, "message", health->message);
	if (health->passing)
		(void)json_object_set_new(reply->body, "passing", json_true());
	return ERROR_NONE;
}

void
daemon_resume(struct http_call *call)
{
	call->resumed++;
}

bool
http_call_is_abandoned(const struct http_call *call)
{
	return call->abandoned;
}

void
http_call_answer(struct http_call *call, struct http_reply *reply)
{
	call->answered++;
	call->status = reply->status;
	call->body = reply->body;
}

/* ---- modules ---- */

static enum error_code
answer_module(const char *call, const char *id, struct hub_module *ret_module,
    struct error *err)
{
	(void)snprintf(fake_provision.asked, sizeof(fake_provision.asked),
	    "%s %s", call, id);
	if (fake_provision.modules)
		return error_set(err, fake_provision.modules, "the hub fails");
	if (ret_module) {
		ret_module->id = strdup(id);
		ret_module->generation_id = strdup("63");
	}
	return ERROR_NONE;
}

bool
modules_asks_hub(const struct modules *modules,
    const struct dps_assignment *assignment, const char *id)
{
	(void)modules;
	(void)assignment;
	(void)id;
	return !fake_provision.remembers;
}

enum error_code
modules_get(struct modules *modules, const struct dps_assignment *assignment,
    const char *id, struct hub_module *ret_module, struct error *err)
{
	(void)modules;
	assert_string_equal(assignment->hub, "hub.example");
	return answer_module("get", id, ret_module, err);
}

enum error_code
modules_make(struct modules *modules, const struct dps_assignment *assignment,
    const char *id, struct hub_module *ret_module, struct error *err)
{
	(void)modules;
	(void)assignment;
	return answer_module("make", id, ret_module, err);
}

enum error_code
modules_renew(struct modules *modules, const struct dps_assignment *assignment,
    const char *id, struct hub_module *ret_module, struct error *err)
{
	(void)modules;
	(void)assignment;
	return answer_module("renew", id, ret_module, err);
}

enum error_code
modules_remove(struct modules *modules, const struct dps_assignment *assignment,
    const char *id, struct error *err)
{
	(void)modules;
	(void)assignment;
	return answer_module("remove", id, NULL, err);
}

enum error_code
modules_list(struct modules *modules, const struct dps_assignment *assignment,
    struct hub_modules *ret_list, struct error *err)
{
	struct hub_module *items = calloc(1, sizeof(*items));

	(void)modules;
	(void)assignment;
	assert_non_null(items);
	if (answer_module("list", "m1", items, err)) {
		free(items);
		return err->code;
	}
	*ret_list = (struct hub_modules){.count = 1, .items = items};
	return ERROR_NONE;
}

enum error_code
module_keys_lend(const struct hub_module *module, uid_t uid, char **ret_handle,
    struct error *err)
{
	if (fake_provision.keyd_away)
		return error_set(err, ERROR_UNAVAILABLE, "nobody listens");
	*ret_handle = string_format("sr=%s.%u&sig=b", module->id, uid);
	return ERROR_NONE;
}

void
local_identity_done(struct local_identity *identity)
{
	free(identity->private_key);
	free(identity->key_handle);
	free(identity->certificate);
}

enum error_code
local_identity_issue(const struct config *config, const char *module,
    bool is_server, uid_t uid, struct local_identity *ret_identity,
    struct error *err)
{
	(void)config;
	(void)snprintf(fake_provision.asked, sizeof(fake_provision.asked),
	    "local %s %s", module, is_server ? "server" : "client");
	if (fake_provision.local)
		return error_set(err, fake_provision.local, "cannot issue");
	*ret_identity = (struct local_identity){
	    .certificate = strdup("CERT"), .expires = INT64_C(1935655200)};
	if (fake_provision.keeps_key)
		ret_identity->key_handle = string_format("sr=l.%u&sig=b", uid);
	else
		ret_identity->private_key = strdup("KEY");
	return ERROR_NONE;
}

enum error_code
certd_client_create(
    unsigned timeout_ms, struct unix_http **ret_client, struct error *err)
{
	return keyd_client_create(timeout_ms, ret_client, err);
}

enum error_code
certd_trust_bundle(struct unix_http *client, char **ret_pem, struct error *err)
{
	(void)client;
	if (!fake_provision.trust)
		return error_set(err, ERROR_NOT_FOUND, "no bundle");
	*ret_pem = strdup(fake_provision.trust);
	return ERROR_NONE;
}
