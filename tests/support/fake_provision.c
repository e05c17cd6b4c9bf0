/* SPDX-License-Identifier: MIT */
#include "cmocka_wrap.h"
#include "common/file.h"

#include "fake_provision.h"

#include <stdio.h>
#include <string.h>

#include "attestation.h"
#include "common/daemon.h"
#include "keyd/client.h"

struct fake_provision fake_provision;

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
	*ret_view = (struct provision_view){.status = fake_provision.status};
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
