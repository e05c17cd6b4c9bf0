/* SPDX-License-Identifier: MIT */
#include "assignment.h"

#include <stdio.h>
#include <string.h>

#include "allocation.h"
#include "device_store.h"
#include "hub_assign.h"
#include "hub_credentials.h"

/* What holds for another status than the one that state gets now. */
static void
forget(json_t *state, const char *const *members)
{
	for (; *members; members++)
		(void)json_object_del(state, *members);
}

static const char *const of_failure[] = {"errorCode", "errorMessage", NULL};
static const char *const of_assignment[] = {"assignedHub", "deviceId",
    "substatus", "payload", "x509", "symmetricKey", "tpm", NULL};

static enum error_code
set_status(json_t *state, const char *status, struct error *err)
{
	struct etag_text etag;

	if (etag_create(&etag, err))
		return err->code;
	if (json_set(state, "status", json_string(status), err) ||
	    json_set(state, "etag", json_string(etag.text), err) ||
	    json_set(state, "lastUpdatedDateTimeUtc",
		json_string(utc_now().text), err))
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
    const json_t *body, const struct fault *fault,
    struct operation_id *ret_operation_id, struct error *err)
{
	CLEANUP_DONE(registration) struct registration registration = {0};
	const struct enrollment *enrollment = &attestation->enrollment;
	struct operation operation = {.rounds = cloud->options.assign_rounds,
	    .payload = json_object_get(body, "payload")}; /* borrowed */

	if (fault->kind == FAULT_FAILED)
		operation.outcome = OPERATION_FAIL;
	if (fault->kind == FAULT_SLOW && fault->argument >= 0)
		operation.rounds = fault->argument;
	if (load(cloud, &attestation->id, &registration, err) ||
	    set_status(registration.state, "assigning", err))
		return err->code;

	forget(registration.state, of_failure);
	registration.group_id = (struct id_text){""};
	if (enrollment->kind == ENROLLMENT_GROUP)
		registration.group_id = enrollment->id;
	if (registration_store_put(cloud->database, &registration, err))
		return err->code;
	return operation_create(cloud->database, &attestation->id, &operation,
	    ret_operation_id, err);
}

struct decision {
	const char *hub;
	bool stays; /* the hub is the one of before */
	const char *substatus;
	bool reset;
};

/* NULL if the device has never been assigned. */
static const char *
hub_of(const struct registration *registration)
{
	return registration->hub && *registration->hub ? registration->hub
						       : NULL;
}

/* Whether a device that moves takes along what it has. */
static bool
migrates(const struct quirks *quirks, const struct enrollment *enrollment,
    const struct allocation *allocation)
{
	if (allocation->initial_twin &&
	    quirks_has(quirks, QUIRK_WEBHOOK_RESETS))
		return false;
	return enrollment_has_policy(enrollment, "migrateDeviceData");
}

/* Applies the reprovisioning policy to a device that may have a hub already. */
static struct decision
decide(const struct quirks *quirks, const struct enrollment *enrollment,
    const struct registration *registration,
    const struct allocation *allocation)
{
	const char *hub = allocation->hub;
	const char *before = hub_of(registration);
	const char *substatus = json_string_value(
	    json_object_get(registration->state, "substatus"));

	if (before && quirks_has(quirks, QUIRK_TOLD_AGAIN))
		substatus = "reprovisionedToInitialAssignment";
	if (!before)
		return (struct decision){
		    .hub = hub, .substatus = "initialAssignment"};
	if (strcmp(before, hub) == 0 ||
	    !enrollment_has_policy(enrollment, "updateHubAssignment"))
		return (struct decision){.hub = before,
		    .stays = true,
		    .substatus = substatus ? substatus : "initialAssignment"};
	if (migrates(quirks, enrollment, allocation))
		return (struct decision){
		    .hub = hub, .substatus = "deviceDataMigrated"};
	return (struct decision){
	    .hub = hub, .substatus = "deviceDataReset", .reset = true};
}

static const char *
device_id_of(const struct attestation *attestation)
{
	const char *own = json_string_value(
	    json_object_get(attestation->enrollment.record, "deviceId"));

	return own && *own ? own : attestation->id.text;
}

/* Whether a device that stays in its hub is left there as it is, or is not. */
static enum error_code
is_left_alone(const struct cloud *cloud, const char *device_id,
    bool *ret_left_alone, struct error *err)
{
	CLEANUP_DONE(device) struct device device = {0};
	enum error_code code =
	    device_store_get(cloud->database, device_id, &device, err);

	if (code && code != ERROR_NOT_FOUND)
		return code;
	*ret_left_alone = quirks_has(&cloud->options.quirks,
	    code ? QUIRK_DELETED_STAYS : QUIRK_KEPT_CREDENTIALS);
	return ERROR_NONE;
}

static enum error_code
write_to_hub(struct cloud *cloud, const struct attestation *attestation,
    const struct decision *decision, const json_t *twin, json_t *state,
    struct error *err)
{
	const json_t *record = attestation->enrollment.record;
	const struct quirks *quirks = &cloud->options.quirks;
	bool counts = twin && !quirks_has(quirks, QUIRK_TWIN_OF_VERSION_1);
	bool left_alone = false;
	CLEANUP(json) json_t *credentials = NULL;
	struct hub_assignment assignment = {
	    .device_id = device_id_of(attestation),
	    .hub = decision->hub,
	    .is_edge = json_is_true(json_object_get(
		json_object_get(record, "capabilities"), "iotEdge")),
	    .initial_twin = twin,
	    .twin_version = counts ? 2 : 1,
	    .reset = decision->reset};

	if (decision->stays &&
	    is_left_alone(cloud, assignment.device_id, &left_alone, err))
		return err->code;
	if (left_alone)
		return ERROR_NONE;
	if (hub_credentials(quirks, attestation, state, &credentials, err))
		return err->code;
	assignment.authentication = credentials;
	return hub_assign(cloud->database, &assignment, err);
}

static enum error_code
assign(struct cloud *cloud, const struct attestation *attestation,
    const struct allocation *allocation, struct registration *registration,
    struct error *err)
{
	const struct enrollment *enrollment = &attestation->enrollment;
	json_t *state = registration->state;
	struct decision decision = decide(
	    &cloud->options.quirks, enrollment, registration, allocation);
	CLEANUP(string) char *hub = strdup(decision.hub);
	const json_t *twin =
	    allocation->initial_twin
		? allocation->initial_twin
		: json_object_get(enrollment->record, "initialTwin");

	if (!hub)
		return error_no_memory(err);
	if (!json_is_object(twin))
		twin = NULL;
	if (write_to_hub(cloud, attestation, &decision, twin, state, err) ||
	    json_set(
		state, "substatus", json_string(decision.substatus), err) ||
	    json_set(state, "assignedHub", json_string(decision.hub), err) ||
	    json_set(
		state, "deviceId", json_string(device_id_of(attestation)), err))
		return err->code;
	(void)json_object_del(state, "payload");
	if (allocation->payload &&
	    json_object_set(state, "payload", allocation->payload))
		return error_no_memory(err);
	free(registration->hub);
	registration->hub = TAKE(hub);
	return set_status(state, "assigned", err);
}

static enum error_code
fail(json_t *state, int code, const char *reason, struct error *err)
{
	forget(state, of_assignment);
	if (json_set(state, "errorCode", json_integer(code), err) ||
	    json_set(state, "errorMessage", json_string(reason), err))
		return err->code;
	return set_status(state, "failed", err);
}

static enum error_code
allocate_and_assign(struct cloud *cloud, const struct attestation *attestation,
    const struct device_operation *operation, struct registration *registration,
    bool *ret_done, struct error *err)
{
	CLEANUP_DONE(allocation) struct allocation allocation = {0};

	if (allocation_evaluate(
		cloud, attestation, operation, &allocation, err))
		return err->code;
	*ret_done = !allocation.is_pending;
	if (allocation.is_pending)
		return ERROR_NONE;
	if (allocation.failure)
		return fail(registration->state, (int)allocation.failure,
		    allocation.reason, err);
	return assign(cloud, attestation, &allocation, registration, err);
}

enum error_code
assignment_end(struct cloud *cloud, const struct attestation *attestation,
    const char *operation_id, struct operation *operation,
    struct registration *registration, struct error *err)
{
	const char *device_id =
	    json_string_value(json_object_get(registration->state, "deviceId"));
	const struct device_operation what = {.id = operation_id,
	    .payload = operation->payload,
	    .hub = hub_of(registration),
	    .device_id = device_id ? device_id : device_id_of(attestation)};

	operation->done = true;
	if (operation->outcome == OPERATION_FAIL
		? fail(registration->state, ALLOCATION_FAILED,
		      "The custom allocation failed.", err)
		: allocate_and_assign(cloud, attestation, &what, registration,
		      &operation->done, err))
		return err->code;
	if (!operation->done)
		return ERROR_NONE;
	return registration_store_put(cloud->database, registration, err);
}
