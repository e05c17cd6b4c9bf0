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

#define TIMEOUT_SECONDS 5
#define MS_PER_SECOND 1000L

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
describe_certificate(const struct quirks *quirks, const X509 *leaf)
{
	json_t *info = NULL;
	struct error ignored;

	if (certificate_info(leaf, &info, &ignored))
		return NULL;
	if (quirks_has(quirks, QUIRK_WEBHOOK_X509))
		return json_pack("{s:o}", "certificateInfo", info);
	return json_pack(
	    "{s:{s:{s:o}}}", "clientCertificates", "primary", "info", info);
}

/* How the device has shown who it is; of keys that sign nothing is told. */
static json_t *
describe_attestation(
    const struct quirks *quirks, const struct attestation *attestation)
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
	return describe_certificate(quirks, attestation->leaf);
}

static json_t *
describe_device(const struct quirks *quirks,
    const struct attestation *attestation,
    const struct device_operation *operation)
{
	return json_pack("{s:s, s:s*, s:s*, s:o, s:O*}", "registrationId",
	    attestation->id.text, "currentIotHubHostName", operation->hub,
	    "currentDeviceId", operation->hub ? operation->device_id : NULL,
	    attestation_type_name(attestation->enrollment.type),
	    describe_attestation(quirks, attestation), "payload",
	    operation->payload);
}

/* The query of a webhook's URL has its key, and is shown to nobody. */
static json_t *
describe_enrollment(const struct enrollment *enrollment)
{
	CLEANUP(json) json_t *record = enrollment_to_json(enrollment);
	json_t *definition =
	    json_object_get(record, "customAllocationDefinition");
	const char *url =
	    json_string_value(json_object_get(definition, "webhookUrl"));
	const char *query = url ? strchr(url, '?') : NULL;

	if (query && json_object_set_new(definition, "webhookUrl",
			 json_sprintf("%.*s?****", (int)(query - url), url)))
		return NULL;
	return TAKE(record);
}

/* The hubs that the webhook may choose from. */
static json_t *
linked_hubs(const struct cloud *cloud, const struct enrollment *enrollment,
    const struct device_operation *operation)
{
	json_t *hubs;

	if (operation->hub &&
	    !enrollment_has_policy(enrollment, "updateHubAssignment"))
		return json_pack("[s]", operation->hub);
	hubs = json_array();
	for (size_t i = 0; i < allocation_hub_count(cloud, enrollment); i++)
		(void)json_array_append_new(
		    hubs, json_string(allocation_hub(cloud, enrollment, i)));
	return hubs;
}

/* What Azure's DPS tells a webhook. */
static json_t *
make_body(const struct cloud *cloud, const struct attestation *attestation,
    const struct device_operation *operation, json_t *hubs)
{
	const struct enrollment *enrollment = &attestation->enrollment;

	return json_pack("{s:o, s:o, s:O}", "deviceRuntimeContext",
	    describe_device(&cloud->options.quirks, attestation, operation),
	    enrollment->kind == ENROLLMENT_GROUP ? "enrollmentGroup"
						 : "individualEnrollment",
	    describe_enrollment(enrollment), "linkedHubs", hubs);
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

/* The hub that is meant, as it is written in hubs; or NULL. */
static const char *
find_linked(const json_t *hubs, const char *name)
{
	for (size_t i = 0; i < json_array_size(hubs); i++) {
		const char *hub = json_string_value(json_array_get(hubs, i));

		if (strcasecmp(name, hub) == 0)
			return hub;
	}
	return NULL;
}

/* The twin in a webhook's answer; NULL: it gives none. */
static json_t *
read_twin(const struct quirks *quirks, json_t *twin)
{
	if (json_is_null(twin) && quirks_has(quirks, QUIRK_WEBHOOK_NO_TWIN))
		return json_object();
	return json_is_object(twin) ? json_incref(twin) : NULL;
}

static enum error_code
read_answer(const struct quirks *quirks, const json_t *hubs,
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
	hub = find_linked(hubs, hub);
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
	allocation->initial_twin = read_twin(quirks, twin);
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
	json_t *hubs = linked_hubs(cloud, enrollment, operation);
	CLEANUP(json)
	json_t *body = make_body(cloud, attestation, operation, hubs);
	CLEANUP(string) char *text = body ? json_text(body) : NULL;
	unsigned seconds = cloud->options.webhook_seconds;
	struct webhook_request request = {.body = text,
	    .ca_file = cloud->options.webhook_ca,
	    .timeout_ms =
		MS_PER_SECOND * (seconds ? seconds : TIMEOUT_SECONDS)};
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
				     : read_answer(&cloud->options.quirks, hubs,
					   &answer.response, &allocation, err))
		return err->code;
	*ret_allocation = TAKE_CONTENTS(allocation);
	return ERROR_NONE;
}
