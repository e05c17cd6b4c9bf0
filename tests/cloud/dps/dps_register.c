/* SPDX-License-Identifier: MIT */
#include "dps_register.h"

#include <string.h>
#include <strings.h>

#include "assignment.h"
#include "common/file.h"
#include "dps_attest.h"
#include "registration_store.h"

/* For who has named none of those that there are, and may. */
#define VERSION_DEFAULT "2021-06-01"

/* Azure's two ways to turn a disabled device away. */
static enum error_code
refuse_disabled(struct cloud *cloud, const struct attestation *attestation,
    struct reply *reply, struct error *err)
{
	if (!cloud->options.disabled_is_success)
		return refuse(reply, REFUSE_UNAUTHORIZED,
		    "The enrollment '%s' is disabled.",
		    attestation->enrollment.id.text);
	return reply_json(reply, 200,
	    json_pack("{s:s, s:s, s:{s:s, s:s}}", "operationId", "", "status",
		"disabled", "registrationState", "registrationId",
		attestation->id.text, "status", "disabled"),
	    err);
}

/*
 * What each of a device's requests must pass: scope, id, enrollment. If it
 * does not, it is answered: reply->status is not 0.
 */
static enum error_code
authenticate(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct attestation *ret_attestation, struct error *err)
{
	struct id_text id;

	if (strcasecmp(request->params[0], cloud->id_scope) != 0)
		return refuse(reply, REFUSE_ROUTE, "There is no ID scope '%s'.",
		    request->params[0]);
	if (id_parse(request->params[1], &id, err))
		return refuse(
		    reply, REFUSE_REGISTRATION_ID, "%s.", err->message);
	if (attest_device(cloud, &id, request, ret_attestation, err))
		return refuse_tpm_keys(
		    json_object_get(request->json, "tpm"), reply, err);
	if (!enrollment_is_enabled(&ret_attestation->enrollment) ||
	    request->fault.kind == FAULT_DISABLED)
		return refuse_disabled(cloud, ret_attestation, reply, err);
	return ERROR_NONE;
}

/* The body names the same registration as the path, if it names one. */
static enum error_code
check_body(
    const struct request *request, const struct id_text *id, struct error *err)
{
	const char *text;

	if (!json_is_object(request->json))
		return error_set(
		    err, ERROR_MALFORMED, "The body must be a JSON object.");
	if (json_get_optional_string(
		request->json, "registrationId", &text, err))
		return err->code;
	if (text && strcasecmp(text, id->text) != 0)
		return error_set(err, ERROR_INVALID,
		    "The body is about registration '%s', the path about '%s'.",
		    text, id->text);
	return ERROR_NONE;
}

/* What only newer versions of the API know, if Azure's way is to say so. */
static enum error_code
check_newer(const struct cloud *cloud, const json_t *body, struct error *err)
{
	static const char *const members[] = {"csr", "clientCertificateCsr"};

	if (!quirks_has(&cloud->options.quirks, QUIRK_CSR_REFUSED))
		return ERROR_NONE;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (json_object_get(body, members[i]))
			return error_set(err, ERROR_INVALID,
			    "'%s' is not offered: no certificates are issued "
			    "here.",
			    members[i]);
	return ERROR_NONE;
}

/* The first step of a TPM: what it must activate before it can sign. */
static enum error_code
reply_challenge(const struct cloud *cloud,
    const struct attestation *attestation, struct reply *reply,
    struct error *err)
{
	bool bare = quirks_has(&cloud->options.quirks, QUIRK_BARE_CHALLENGE);

	return reply_json(reply, 401,
	    json_pack("{s:s, s:s*, s:s*}", "authenticationKey",
		attestation->challenge, "message",
		bare ? NULL : "Authorization required", "keyName",
		bare ? NULL : "registration"),
	    err);
}

/* A challenge is for registering only. */
static enum error_code
authenticate_fully(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct attestation *ret_attestation, struct error *err)
{
	if (authenticate(cloud, request, reply, ret_attestation, err))
		return err->code;
	if (ret_attestation->challenge && !reply->status)
		return error_set(err, ERROR_DENIED,
		    "A shared access signature by the TPM's key is needed.");
	return ERROR_NONE;
}

/* Where the operation can be asked for, if Azure's way is to say it. */
static enum error_code
add_location(const struct cloud *cloud, const struct request *request,
    const char *operation_id, struct reply *reply, struct error *err)
{
	const char *version = target_version(request->target);
	CLEANUP(string) char *location = NULL;

	if (!quirks_has(&cloud->options.quirks, QUIRK_LOCATION))
		return ERROR_NONE;
	location = string_format("https://%s/%s/registrations/%s/operations/%s"
				 "?api-version=%s",
	    request->headers.host ? request->headers.host : "localhost",
	    cloud->id_scope, request->params[1], operation_id,
	    version ? version : VERSION_DEFAULT);
	if (!location)
		return error_no_memory(err);
	return reply_add_header(reply, "Location", location, err);
}

enum error_code
dps_register_device(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(attestation) struct attestation attestation = {0};
	struct operation_id operation_id;

	if (authenticate(cloud, request, reply, &attestation, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	if (check_body(request, &attestation.id, err) ||
	    check_newer(cloud, request->json, err))
		return err->code;
	if (attestation.challenge)
		return reply_challenge(cloud, &attestation, reply, err);
	if (assignment_begin(cloud, &attestation, request->json,
		&request->fault, &operation_id, err))
		return err->code;

	if (add_location(cloud, request, operation_id.text, reply, err))
		return err->code;
	reply->retry_after_seconds = cloud->options.retry_after_seconds;
	return reply_json(reply, 202,
	    json_pack("{s:s, s:s}", "operationId", operation_id.text, "status",
		"assigning"),
	    err);
}

static enum error_code
reply_assigning(struct cloud *cloud, const char *operation_id,
    const struct id_text *id, struct reply *reply, struct error *err)
{
	reply->retry_after_seconds = cloud->options.retry_after_seconds;
	return reply_json(reply, 202,
	    json_pack("{s:s, s:s, s:{s:s, s:s}}", "operationId", operation_id,
		"status", "assigning", "registrationState", "registrationId",
		id->text, "status", "assigning"),
	    err);
}

static enum error_code
reply_state(const char *operation_id, json_t *state, struct reply *reply,
    struct error *err)
{
	return reply_json(reply, 200,
	    json_pack("{s:s, s:O, s:O}", "operationId", operation_id, "status",
		json_object_get(state, "status"), "registrationState", state),
	    err);
}

/* One step of the operation; the last one assigns. */
static enum error_code
advance(struct cloud *cloud, const struct attestation *attestation,
    const char *operation_id, struct operation *operation, struct reply *reply,
    struct error *err)
{
	CLEANUP_DONE(registration) struct registration registration = {0};

	if (operation->rounds > 0) {
		operation->rounds--;
		if (operation_update(
			cloud->database, operation_id, operation, err))
			return err->code;
		return reply_assigning(
		    cloud, operation_id, &attestation->id, reply, err);
	}
	if (registration_store_get(
		cloud->database, &attestation->id, &registration, err))
		return err->code;
	if (!operation->done) {
		if (assignment_end(cloud, attestation, operation_id, operation,
			&registration, err))
			return err->code;
		if (!operation->done)
			return reply_assigning(
			    cloud, operation_id, &attestation->id, reply, err);
		if (operation_update(
			cloud->database, operation_id, operation, err))
			return err->code;
	}
	return reply_state(operation_id, registration.state, reply, err);
}

enum error_code
dps_status(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(attestation) struct attestation attestation = {0};
	const char *operation_id = request->params[2];
	CLEANUP_DONE(operation) struct operation operation = {0};

	if (authenticate_fully(cloud, request, reply, &attestation, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	if (operation_get(cloud->database, &attestation.id, operation_id,
		&operation, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : refuse(reply, REFUSE_OPERATION_NOT_FOUND,
				 "There is no operation '%s' of registration "
				 "'%s'.",
				 operation_id, attestation.id.text);
	return advance(
	    cloud, &attestation, operation_id, &operation, reply, err);
}

enum error_code
dps_lookup(struct cloud *cloud, const struct request *request,
    struct reply *reply, struct error *err)
{
	CLEANUP_DONE(attestation) struct attestation attestation = {0};
	CLEANUP_DONE(registration) struct registration registration = {0};

	if (authenticate_fully(cloud, request, reply, &attestation, err))
		return err->code;
	if (reply->status)
		return ERROR_NONE;
	if (check_body(request, &attestation.id, err))
		return err->code;
	if (registration_store_get(
		cloud->database, &attestation.id, &registration, err))
		return err->code != ERROR_NOT_FOUND
			   ? err->code
			   : refuse(reply, REFUSE_REGISTRATION_NOT_FOUND,
				 "'%s' has never registered.",
				 attestation.id.text);
	return reply_json(reply, 200, json_incref(registration.state), err);
}
