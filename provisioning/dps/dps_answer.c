/* SPDX-License-Identifier: MIT */
#include "dps_answer.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "common/hub_id.h"
#include "common/json.h"

#define HUB_MAX 255

/* An errorCode is an HTTP status, and three digits that say more. */
#define CODES_PER_STATUS 1000
#define CUSTOM_ALLOCATION_FAILED 400207

void
dps_assignment_done(struct dps_assignment *assignment)
{
	free(assignment->hub);
	free(assignment->device_id);
	free(assignment->tpm_key);
	*assignment = (struct dps_assignment){0};
}

void
dps_answer_done(struct dps_answer *answer)
{
	free(answer->operation_id);
	dps_assignment_done(&answer->assignment);
	*answer = (struct dps_answer){0};
}

static bool
consists_of(const char *text, size_t maximum, const char *punctuation)
{
	size_t length = strlen(text);

	if (length == 0 || length > maximum)
		return false;
	for (const char *c = text; *c; c++)
		if (!isascii((unsigned char)*c) ||
		    (!isalnum((unsigned char)*c) && !strchr(punctuation, *c)))
			return false;
	return true;
}

enum error_code
dps_assignment_check(const struct dps_assignment *assignment, struct error *err)
{
	/* A host and perhaps a port: nothing that would end it in an URL. */
	if (!consists_of(assignment->hub, HUB_MAX, ".-_:"))
		return error_set(
		    err, ERROR_MALFORMED, "the assigned hub is no host name");
	if (hub_device_id_check(assignment->device_id, err))
		return error_set(err, ERROR_MALFORMED,
		    "the device id is none that a hub can have");
	return ERROR_NONE;
}

static void
format_reason(const char *message, const json_t *code, char *reason)
{
	if (json_is_integer(code))
		(void)snprintf(reason, DPS_REASON_MAX,
		    "%.150s (%" JSON_INTEGER_FORMAT ")", message,
		    json_integer_value(code));
	else
		(void)snprintf(reason, DPS_REASON_MAX, "%.150s", message);
	for (char *c = reason; *c; c++)
		if (!isascii((unsigned char)*c) || !isprint((unsigned char)*c))
			*c = '?';
}

/* The members have different names in an error and in a registration. */
static void
reason_of(const json_t *object, const char *message_member, char *reason)
{
	const char *message =
	    json_string_value(json_object_get(object, message_member));

	format_reason(message && *message ? message : "no reason given",
	    json_object_get(object, "errorCode"), reason);
}

void
dps_answer_reason(
    const char *body, size_t length, char ret_reason[static DPS_REASON_MAX])
{
	CLEANUP(json) json_t *object = NULL;
	struct error ignored;

	if (json_parse(body, length, &object, &ignored))
		object = NULL;
	reason_of(object, "message", ret_reason);
}

bool
dps_answer_is_error(const char *body, size_t length, long status)
{
	CLEANUP(json) json_t *object = NULL;
	struct error ignored;

	if (json_parse(body, length, &object, &ignored))
		return false;
	return json_integer_value(json_object_get(object, "errorCode")) /
		   CODES_PER_STATUS ==
	       status;
}

static enum error_code
read_assignment(const json_t *body, struct dps_assignment *ret_assignment,
    struct error *err)
{
	CLEANUP_DONE(dps_assignment) struct dps_assignment assignment = {0};
	const json_t *state;

	if (json_get_object(body, "registrationState", &state, err) ||
	    json_copy_string(state, "assignedHub", &assignment.hub, err) ||
	    json_copy_string(state, "deviceId", &assignment.device_id, err) ||
	    dps_assignment_check(&assignment, err))
		return err->code;
	*ret_assignment = TAKE_CONTENTS(assignment);
	return ERROR_NONE;
}

/* Another client's DPS may leave it out. */
static enum error_code
read_tpm_key(const json_t *body, char **ret_key, struct error *err)
{
	const json_t *tpm =
	    json_object_get(json_object_get(body, "registrationState"), "tpm");
	const char *key = NULL;

	if (!json_is_object(tpm))
		return ERROR_NONE;
	if (json_get_optional_string(tpm, "authenticationKey", &key, err))
		return err->code;
	if (!key)
		return ERROR_NONE;
	*ret_key = strdup(key);
	return *ret_key ? ERROR_NONE : error_no_memory(err);
}

enum error_code
dps_answer_challenge(
    const char *body, size_t length, char **ret_key, struct error *err)
{
	CLEANUP(json) json_t *object = NULL;

	if (json_parse(body, length, &object, err) ||
	    json_copy_string(object, "authenticationKey", ret_key, err))
		return error_set(err, ERROR_NOT_FOUND, "there is no key in it");
	return ERROR_NONE;
}

static enum error_code
read_operation(const json_t *body, char **ret_operation_id, struct error *err)
{
	const char *operation_id;

	if (json_get_string(body, "operationId", &operation_id, err))
		return err->code;
	if (!*operation_id)
		return error_set(
		    err, ERROR_MALFORMED, "'operationId' is empty");
	*ret_operation_id = strdup(operation_id);
	return *ret_operation_id ? ERROR_NONE : error_no_memory(err);
}

/*
 * A registration that failed is a refusal, unless its code says that DPS, or
 * the function that it asks which hub to take, was too busy or broken.
 */
static enum error_code
code_of_failure(const json_t *state)
{
	json_int_t code =
	    json_integer_value(json_object_get(state, "errorCode"));

	if (code / CODES_PER_STATUS == 429 || code / CODES_PER_STATUS >= 500 ||
	    code == CUSTOM_ALLOCATION_FAILED)
		return ERROR_UNAVAILABLE;
	return ERROR_UPSTREAM;
}

static enum error_code
refused(const json_t *body, const char *status, const char *registration_id,
    struct error *err)
{
	const json_t *state = json_object_get(body, "registrationState");
	char reason[DPS_REASON_MAX];

	if (strcmp(status, "disabled") == 0)
		return error_set(err, ERROR_UPSTREAM,
		    "DPS says that the enrollment of '%s' is disabled: enable "
		    "it there",
		    registration_id);
	if (strcmp(status, "unassigned") == 0)
		return error_set(err, ERROR_UPSTREAM,
		    "DPS assigns '%s' to no hub: check the hubs of its "
		    "enrollment",
		    registration_id);
	reason_of(state, "errorMessage", reason);
	return error_set(err, code_of_failure(state),
	    "DPS failed to assign '%s' to a hub: %s", registration_id, reason);
}

static bool
is_refusal(const char *status)
{
	return strcmp(status, "disabled") == 0 ||
	       strcmp(status, "unassigned") == 0 ||
	       strcmp(status, "failed") == 0;
}

static enum error_code
read_answer(const json_t *body, const char *registration_id,
    struct dps_answer *ret_answer, struct error *err)
{
	const char *status;

	if (json_get_string(body, "status", &status, err))
		return err->code;
	if (is_refusal(status))
		return refused(body, status, registration_id, err);
	if (strcmp(status, "assigned") == 0) {
		ret_answer->state = DPS_ASSIGNED;
		if (read_assignment(body, &ret_answer->assignment, err))
			return err->code;
		return read_tpm_key(body, &ret_answer->assignment.tpm_key, err);
	}
	if (strcmp(status, "assigning") == 0) {
		ret_answer->state = DPS_ASSIGNING;
		return read_operation(body, &ret_answer->operation_id, err);
	}
	return error_set(err, ERROR_MALFORMED,
	    "'status' is none that a registration can have");
}

enum error_code
dps_answer_read(const char *body, size_t length, const char *registration_id,
    struct dps_answer *ret_answer, struct error *err)
{
	CLEANUP(json) json_t *object = NULL;
	CLEANUP_DONE(dps_answer) struct dps_answer answer = {0};

	if (json_parse(body, length, &object, err) == ERROR_NONE &&
	    read_answer(object, registration_id, &answer, err) == ERROR_NONE) {
		*ret_answer = TAKE_CONTENTS(answer);
		return ERROR_NONE;
	}
	/* It is DPS that must speak more clearly, not whoever asks us. */
	if (err->code == ERROR_MALFORMED) {
		(void)error_wrap(
		    err, "DPS sends an answer that makes no sense");
		err->code = ERROR_UNAVAILABLE;
	}
	return err->code;
}
