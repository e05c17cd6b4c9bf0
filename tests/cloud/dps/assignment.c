/* SPDX-License-Identifier: MIT */
#include "assignment.h"

#include <stdio.h>
#include <string.h>

#include "certificate_info.h"
#include "hub_assign.h"

#define CUSTOM_ALLOCATION_FAILED 400207

/* Sets a member that is always there for the same reason: no memory. */
static enum error_code
set(json_t *state, const char *member, json_t *value, struct error *err)
{
	if (json_object_set_new(state, member, value))
		return error_no_memory(err);
	return ERROR_NONE;
}

static enum error_code
set_status(json_t *state, const char *status, struct error *err)
{
	struct etag_text etag;

	if (etag_create(&etag, err))
		return err->code;
	if (set(state, "status", json_string(status), err) ||
	    set(state, "etag", json_string(etag.text), err) ||
	    set(state, "lastUpdatedDateTimeUtc", json_string(utc_now().text),
		err))
		return err->code;
	return ERROR_NONE;
}

/* The state so far; a new one if the device has never registered. */
static enum error_code
load(struct cloud *cloud, const struct id_text *id,
    struct registration *ret_registration, struct error *err)
{
	if (!registration_store_get(cloud->database, id, ret_registration, err))
		return ERROR_NONE;
	if (err->code != ERROR_NOT_FOUND)
		return err->code;

	*ret_registration = (struct registration){.id = *id};
	ret_registration->state = json_pack("{s:s, s:s}", "registrationId",
	    id->text, "createdDateTimeUtc", utc_now().text);
	return ret_registration->state ? ERROR_NONE : error_no_memory(err);
}

enum error_code
assignment_begin(struct cloud *cloud, const struct attestation *attestation,
    const struct fault *fault, struct operation_id *ret_operation_id,
    struct error *err)
{
	CLEANUP_DONE(registration) struct registration registration = {0};
	const struct enrollment *enrollment = &attestation->enrollment;
	struct operation operation = {.rounds = cloud->options.assign_rounds};

	if (fault->kind == FAULT_FAILED)
		operation.outcome = OPERATION_FAIL;
	if (fault->kind == FAULT_SLOW && fault->argument >= 0)
		operation.rounds = fault->argument;
	if (load(cloud, &attestation->id, &registration, err) ||
	    set_status(registration.state, "assigning", err))
		return err->code;

	registration.group_id = (struct id_text){""};
	if (enrollment->kind == ENROLLMENT_GROUP)
		registration.group_id = enrollment->id;
	if (registration_store_put(cloud->database, &registration, err))
		return err->code;
	return operation_create(cloud->database, &attestation->id, &operation,
	    ret_operation_id, err);
}

/*
 * static takes the first hub of the enrollment; the others do so too as long
 * as there is one hub behind this service.
 */
static const char *
evaluate_hub(const struct cloud *cloud, const json_t *record)
{
	const char *hub = json_string_value(
	    json_array_get(json_object_get(record, "iotHubs"), 0));

	return hub ? hub : cloud->options.hub;
}

static bool
policy_flag(const json_t *record, const char *name)
{
	const json_t *value =
	    json_object_get(json_object_get(record, "reprovisionPolicy"), name);

	return !json_is_false(value); /* both are true by default */
}

struct decision {
	const char *hub;
	const char *substatus;
	bool reset;
};

/* Applies the reprovisioning policy to a device that may have a hub already. */
static struct decision
decide(const struct cloud *cloud, const json_t *record, const json_t *state)
{
	const char *before =
	    json_string_value(json_object_get(state, "assignedHub"));
	const char *substatus =
	    json_string_value(json_object_get(state, "substatus"));
	const char *hub = evaluate_hub(cloud, record);

	if (!before)
		return (struct decision){hub, "initialAssignment", false};
	if (strcmp(before, hub) == 0 ||
	    !policy_flag(record, "updateHubAssignment"))
		return (struct decision){
		    before, substatus ? substatus : "initialAssignment", false};
	if (policy_flag(record, "migrateDeviceData"))
		return (struct decision){hub, "deviceDataMigrated", false};
	return (struct decision){hub, "deviceDataReset", true};
}

static const char *
device_id_of(const struct attestation *attestation)
{
	const char *own = json_string_value(
	    json_object_get(attestation->enrollment.record, "deviceId"));

	return own && *own ? own : attestation->id.text;
}

/* An individual's two certificates; for a group the one that was presented. */
static enum error_code
set_thumbprints(const struct attestation *attestation,
    struct hub_assignment *assignment, struct error *err)
{
	const struct enrolled *enrolled = &attestation->enrollment.enrolled;
	bool pinned = attestation->enrollment.kind == ENROLLMENT_INDIVIDUAL;
	const X509 *primary =
	    pinned ? enrolled->certificates[0] : attestation->leaf;
	const X509 *secondary = pinned && enrolled->certificates[1]
				    ? enrolled->certificates[1]
				    : primary;

	if (thumbprint_create(
		primary, EVP_sha256(), &assignment->primary, err) ||
	    thumbprint_create(
		secondary, EVP_sha256(), &assignment->secondary, err))
		return err->code;
	return ERROR_NONE;
}

static enum error_code
write_to_hub(struct cloud *cloud, const struct attestation *attestation,
    const struct decision *decision, struct error *err)
{
	const json_t *record = attestation->enrollment.record;
	const json_t *twin = json_object_get(record, "initialTwin");
	struct hub_assignment assignment = {
	    .device_id = device_id_of(attestation),
	    .hub = decision->hub,
	    .is_edge = json_is_true(json_object_get(
		json_object_get(record, "capabilities"), "iotEdge")),
	    .initial_twin = json_is_object(twin) ? twin : NULL,
	    .reset = decision->reset};

	if (set_thumbprints(attestation, &assignment, err))
		return err->code;
	return hub_assign(cloud->database, &assignment, err);
}

static enum error_code
describe_certificates(
    const struct attestation *attestation, json_t **ret_x509, struct error *err)
{
	CLEANUP(json) json_t *x509 = json_object();
	json_t *info;

	if (!x509)
		return error_no_memory(err);
	if (attestation->signer) {
		if (certificate_info(attestation->signer, &info, err) ||
		    set(x509, "signingCertificateInfo", info, err) ||
		    set(x509, "enrollmentGroupId",
			json_string(attestation->enrollment.id.text), err))
			return err->code;
	}
	if (certificate_info(attestation->leaf, &info, err) ||
	    set(x509, "certificateInfo", info, err))
		return err->code;
	*ret_x509 = TAKE(x509);
	return ERROR_NONE;
}

static enum error_code
assign(struct cloud *cloud, const struct attestation *attestation,
    json_t *state, struct error *err)
{
	struct decision decision =
	    decide(cloud, attestation->enrollment.record, state);
	json_t *x509;

	if (write_to_hub(cloud, attestation, &decision, err) ||
	    describe_certificates(attestation, &x509, err) ||
	    set(state, "x509", x509, err) ||
	    set(state, "substatus", json_string(decision.substatus), err) ||
	    set(state, "assignedHub", json_string(decision.hub), err) ||
	    set(state, "deviceId", json_string(device_id_of(attestation)), err))
		return err->code;
	(void)json_object_del(state, "errorCode");
	(void)json_object_del(state, "errorMessage");
	return set_status(state, "assigned", err);
}

static enum error_code
fail(json_t *state, struct error *err)
{
	if (set(state, "errorCode", json_integer(CUSTOM_ALLOCATION_FAILED),
		err) ||
	    set(state, "errorMessage",
		json_string("The custom allocation failed."), err))
		return err->code;
	return set_status(state, "failed", err);
}

enum error_code
assignment_end(struct cloud *cloud, const struct attestation *attestation,
    enum operation_outcome outcome, struct registration *registration,
    struct error *err)
{
	if (outcome == OPERATION_FAIL
		? fail(registration->state, err)
		: assign(cloud, attestation, registration->state, err))
		return err->code;
	return registration_store_put(cloud->database, registration, err);
}
