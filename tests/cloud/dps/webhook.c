/* SPDX-License-Identifier: MIT */
#include "webhook.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "certificate_info.h"
#include "enrollment_attestation.h"
#include "hub_twin.h"
#include "webhook_calls.h"

DEFINE_CLEANUP(url, CURLU, curl_url_cleanup)
DEFINE_CLEANUP(part, char, curl_free)

/* Judged by the parser that the call itself goes by. */
static bool
is_on_this_machine(const char *text)
{
	static const char *const hosts[] = {"localhost", "127.0.0.1", "[::1]"};
	CLEANUP(url) CURLU *url = curl_url();
	CLEANUP(part) char *scheme = NULL;
	CLEANUP(part) char *host = NULL;

	if (curl_url_set(url, CURLUPART_URL, text, CURLU_DISALLOW_USER) ||
	    curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) ||
	    curl_url_get(url, CURLUPART_HOST, &host, 0) ||
	    strcmp(scheme, "https") != 0)
		return false;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (strcasecmp(host, hosts[i]) == 0)
			return true;
	return false;
}

enum error_code
webhook_check(const json_t *definition, struct error *err)
{
	const char *url, *version;

	if (json_get_string(definition, "webhookUrl", &url, err) ||
	    json_get_optional_string(definition, "apiVersion", &version, err))
		return error_wrap(err, "'customAllocationDefinition'");
	if (!is_on_this_machine(url))
		return error_set(err, ERROR_INVALID,
		    "'webhookUrl' must be an https URL on localhost, without "
		    "a user; signet-cloud calls nobody else");
	return ERROR_NONE;
}

static json_t *
describe_certificate(const X509 *leaf)
{
	json_t *info = NULL;
	struct error ignored;

	if (certificate_info(leaf, &info, &ignored))
		return NULL;
	return json_pack(
	    "{s:{s:{s:o}}}", "clientCertificates", "primary", "info", info);
}

/* How the device has shown who it is; of keys that sign nothing is told. */
static json_t *
describe_attestation(const struct attestation *attestation)
{
	const json_t *enrolled =
	    json_object_get(attestation->enrollment.record, "attestation");

	switch (attestation->enrollment.type) {
	case ATTEST_SYMMETRIC_KEY:
		return json_object();
	case ATTEST_TPM:
		return json_pack("{s:O, s:s}", "endorsementKey",
		    json_object_get(
			json_object_get(enrolled, "tpm"), "endorsementKey"),
		    "storageRootKey", attestation->storage_root_key);
	case ATTEST_X509:
		break;
	}
	return describe_certificate(attestation->leaf);
}

static json_t *
describe_device(const struct attestation *attestation,
    const struct device_operation *operation)
{
	return json_pack("{s:s, s:s*, s:s*, s:o, s:O*}", "registrationId",
	    attestation->id.text, "currentIotHubHostName", operation->hub,
	    "currentDeviceId", operation->hub ? operation->device_id : NULL,
	    attestation_type_name(attestation->enrollment.type),
	    describe_attestation(attestation), "payload", operation->payload);
}

/* What Azure's DPS tells a webhook. */
static json_t *
make_body(const struct cloud *cloud, const struct attestation *attestation,
    const struct device_operation *operation)
{
	const struct enrollment *enrollment = &attestation->enrollment;
	json_t *hubs = json_array();

	for (size_t i = 0; i < allocation_hub_count(cloud, enrollment); i++)
		(void)json_array_append_new(
		    hubs, json_string(allocation_hub(cloud, enrollment, i)));
	return json_pack("{s:o, s:o, s:o}", "deviceRuntimeContext",
	    describe_device(attestation, operation),
	    enrollment->kind == ENROLLMENT_GROUP ? "enrollmentGroup"
						 : "individualEnrollment",
	    enrollment_to_json(enrollment), "linkedHubs", hubs);
}

static enum error_code
failed(struct allocation *allocation, enum allocation_failure failure,
    const char *reason)
{
	allocation->failure = failure;
	(void)snprintf(
	    allocation->reason, sizeof(allocation->reason), "%s", reason);
	reason_make_plain(allocation->reason);
	return ERROR_NONE;
}

/* The linked hub that is meant, as it is written here; or NULL. */
static const char *
find_linked(const struct cloud *cloud, const struct enrollment *enrollment,
    const char *name)
{
	for (size_t i = 0; i < allocation_hub_count(cloud, enrollment); i++) {
		const char *hub = allocation_hub(cloud, enrollment, i);

		if (strcasecmp(name, hub) == 0)
			return hub;
	}
	return NULL;
}

static enum error_code
read_answer(const struct cloud *cloud, const struct enrollment *enrollment,
    const struct https_response *response, struct allocation *allocation,
    struct error *err)
{
	CLEANUP(json) json_t *answer = NULL;
	json_t *twin;
	struct error why;
	const char *hub;

	if (response->status == 401 || response->status == 403)
		return failed(allocation, ALLOCATION_UNAUTHORIZED,
		    "The custom allocation webhook turned DPS away.");
	if (response->status != 200)
		return failed(allocation, ALLOCATION_FAILED,
		    "The custom allocation webhook did not answer 200.");
	if (json_parse(response->body, response->body_length, &answer, &why) ||
	    json_get_optional_string(answer, "iotHubHostName", &hub, &why))
		return failed(allocation, ALLOCATION_FAILED, why.message);
	if (!hub || !*hub)
		return failed(allocation, ALLOCATION_NO_HUB,
		    "The custom allocation webhook named no hub.");
	hub = find_linked(cloud, enrollment, hub);
	if (!hub)
		return failed(allocation, ALLOCATION_FAILED,
		    "The custom allocation webhook named a hub that is not "
		    "linked.");
	twin = json_object_get(answer, "initialTwin");
	if (twin_check_initial(twin, &why))
		return failed(allocation, ALLOCATION_FAILED, why.message);
	allocation->hub = strdup(hub);
	if (!allocation->hub)
		return error_no_memory(err);
	if (json_is_object(twin))
		allocation->initial_twin = json_incref(twin);
	allocation->payload = json_incref(json_object_get(answer, "payload"));
	return ERROR_NONE;
}

enum error_code
webhook_allocate(struct cloud *cloud, const struct attestation *attestation,
    const struct device_operation *operation, struct allocation *ret_allocation,
    struct error *err)
{
	const struct enrollment *enrollment = &attestation->enrollment;
	const json_t *definition =
	    json_object_get(enrollment->record, "customAllocationDefinition");
	CLEANUP_DONE(webhook_answer) struct webhook_answer answer = {0};
	CLEANUP_DONE(allocation) struct allocation allocation = {0};
	CLEANUP(json)
	json_t *body = make_body(cloud, attestation, operation);
	CLEANUP(string) char *text = body ? json_text(body) : NULL;
	struct webhook_request request = {
	    .body = text, .ca_file = cloud->options.webhook_ca};
	bool is_over;

	if (!text)
		return error_no_memory(err);
	if (json_get_string(definition, "webhookUrl", &request.url, err) ||
	    webhook_calls_ask(&cloud->webhook_calls, operation->id, &request,
		&is_over, &answer, err))
		return err->code;
	if (!is_over)
		allocation.is_pending = true;
	else if (answer.failure.code ? failed(&allocation, ALLOCATION_FAILED,
					   answer.failure.message)
				     : read_answer(cloud, enrollment,
					   &answer.response, &allocation, err))
		return err->code;
	*ret_allocation = TAKE_CONTENTS(allocation);
	return ERROR_NONE;
}
