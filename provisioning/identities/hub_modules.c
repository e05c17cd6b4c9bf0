/* SPDX-License-Identifier: MIT */
#include "hub_modules.h"

#include <stdbool.h>
#include <string.h>

#include "common/file.h"
#include "common/http.h"
#include "common/json.h"
#include "common/time.h"

#define VERSION "?api-version=2017-11-08-preview"

/* Callers wait, so a busy hub is not waited for as long as it may want. */
#define PAUSE_MS INT64_C(3000)
#define PAUSE_MAX_SECONDS 10

#define TEXT_OF_HUB_MAX 200 /* of what it says, in a message of ours */

struct call {
	const char *method;
	const char *id; /* of the module; NULL: the list */
	json_t *body;   /* NULL: none */
	bool only_if_there;
};

/* ---- one exchange ---- */

static char *
url_of(const struct hub_access *access, const char *id)
{
	CLEANUP(string) char *device = http_encode_segment(access->device_id);
	CLEANUP(string) char *module = http_encode_segment(id ? id : "");

	if (!device || !module)
		return NULL;
	return string_format("https://%s/devices/%s/modules%s%s" VERSION,
	    access->gateway, device, id ? "/" : "", module);
}

/* It goes into messages, and from there to terminals and logs. */
static void
make_plain(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

/* What the hub says of an error, in as many words as we repeat. */
static void
read_reason(const struct https_response *response, char *text, size_t size)
{
	static const char *const members[] = {
	    "Message", "errorMessage", "message"};
	CLEANUP(json) json_t *body = NULL;
	struct error ignored;

	(void)snprintf(text, size, "no reason given");
	if (json_parse(response->body, response->body_length, &body, &ignored))
		return;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const char *said =
		    json_string_value(json_object_get(body, members[i]));

		if (!said)
			continue;
		(void)snprintf(text, size, "%s", said);
		make_plain(text);
		return;
	}
}

static bool
is_called(const char *reason, const char *name)
{
	static const char prefix[] = "ErrorCode:";
	size_t length = strlen(name);

	if (strncmp(reason, prefix, strlen(prefix)) != 0)
		return false;
	reason += strlen(prefix);
	return strncmp(reason, name, length) == 0 &&
	       (reason[length] == ';' || reason[length] == '\0');
}

/* Web servers on the way say 404, too, so it is the name that counts. */
static enum error_code
code_of_status(long status, const char *reason)
{
	if (status == 404 && is_called(reason, "ModuleNotFound"))
		return ERROR_NOT_FOUND;
	if (status == 404 && is_called(reason, "DeviceNotFound"))
		return ERROR_DENIED;
	if (status == 401 || status == 403)
		return ERROR_DENIED;
	if (status == 409)
		return ERROR_EXISTS;
	if (status == 408 || status == 429 || status >= 500)
		return ERROR_UNAVAILABLE;
	return ERROR_UPSTREAM;
}

static enum error_code
check_status(const struct hub_access *access, const char *method,
    const struct https_response *response, struct error *err)
{
	long expected = strcmp(method, "DELETE") == 0 ? 204 : 200;
	char reason[TEXT_OF_HUB_MAX];

	if (response->status == expected)
		return ERROR_NONE;
	read_reason(response, reason, sizeof(reason));
	return error_set(err, code_of_status(response->status, reason),
	    "hub '%s' answers device '%s' with %ld (%s)", access->hub,
	    access->device_id, response->status, reason);
}

/* *ret_pause_ms is how long the hub wants to be left alone, if it fails. */
static enum error_code
exchange(const struct hub_access *access, const struct call *call,
    json_t **ret_answer, int64_t *ret_pause_ms, struct error *err)
{
	CLEANUP(string) char *url = url_of(access, call->id);
	CLEANUP(secret) char *text = call->body ? json_text(call->body) : NULL;
	CLEANUP(string)
	char *resource =
	    string_format("%s/devices/%s", access->hub, access->device_id);
	CLEANUP(secret) char *signature = NULL;
	CLEANUP_DONE(https_response) struct https_response response = {0};
	struct https_request request = {
	    .connection = access->connection,
	    .method = call->method,
	    .url = url,
	    .headers = {"Content-Type: application/json",
			call->only_if_there ? "If-Match: *" : NULL},
	    .body = text,
	    .body_length = text ? strlen(text) : 0,
	    .ca_file = access->ca_file,
	    .timeout_ms = access->timeout_ms
        };

	*ret_pause_ms = PAUSE_MS;
	if (!url || !resource || (call->body && !text))
		return error_no_memory(err);
	if (proof_apply(
		access->proof, resource, NULL, &request, &signature, err)) {
		/* keyd's word, not a hub's */
		if (err->code == ERROR_DENIED || err->code == ERROR_NOT_FOUND)
			err->code = ERROR_INVALID;
		return error_wrap(err, "the signature for the hub");
	}
	if (https_send(&request, &response, err))
		return error_wrap(err, "hub '%s'", access->hub);
	if (response.retry_after_seconds > 0)
		*ret_pause_ms = response.retry_after_seconds * PAUSE_MS / 3;
	if (check_status(access, call->method, &response, err))
		return err->code;
	if (response.status == 204) {
		*ret_answer = NULL;
		return ERROR_NONE;
	}
	if (json_parse(response.body, response.body_length, ret_answer, err)) {
		err->code = ERROR_UPSTREAM;
		return error_wrap(err, "the answer of hub '%s'", access->hub);
	}
	return ERROR_NONE;
}

static bool
may_pass(enum error_code code)
{
	return code == ERROR_UNAVAILABLE || code == ERROR_TIMEOUT;
}

static enum error_code
call_hub(const struct hub_access *access, const struct call *call,
    json_t **ret_answer, struct error *err)
{
	for (unsigned attempt = 0;; attempt++) {
		int64_t pause_ms;

		if (exchange(access, call, ret_answer, &pause_ms, err) ==
		    ERROR_NONE)
			return ERROR_NONE;
		if (!may_pass(err->code) || attempt == access->retries ||
		    pause_ms > PAUSE_MAX_SECONDS * 1000)
			return err->code;
		time_sleep_ms((long)pause_ms);
	}
}

/* ---- what comes back ---- */

static enum error_code
not_understood(const struct hub_access *access, struct error *err)
{
	err->code = ERROR_UPSTREAM;
	return error_wrap(err, "the answer of hub '%s'", access->hub);
}

/* A call that answers with the module that it is about. */
static enum error_code
call_for_module(const struct hub_access *access, const struct call *call,
    struct hub_module *ret_module, struct error *err)
{
	CLEANUP(json) json_t *answer = NULL;
	CLEANUP_DONE(hub_module) struct hub_module module = {0};

	if (call_hub(access, call, &answer, err))
		return err->code;
	if (hub_module_from_json(answer, &module, err))
		return not_understood(access, err);
	if (strcmp(module.id, call->id) != 0)
		return error_set(err, ERROR_UPSTREAM,
		    "hub '%s' answers with module '%s' instead of '%s'",
		    access->hub, module.id, call->id);
	*ret_module = TAKE_CONTENTS(module);
	return ERROR_NONE;
}

enum error_code
hub_module_create(const struct hub_access *access, const char *id,
    struct hub_module *ret_module, struct error *err)
{
	CLEANUP(json)
	json_t *body = json_pack(
	    "{s:s, s:s}", "moduleId", id, "deviceId", access->device_id);
	const struct call call = {.method = "PUT", .id = id, .body = body};

	if (!body)
		return error_no_memory(err);
	return call_for_module(access, &call, ret_module, err);
}

enum error_code
hub_module_set_keys(const struct hub_access *access, const char *id,
    const char *primary, const char *secondary, struct hub_module *ret_module,
    struct error *err)
{
	CLEANUP(json)
	json_t *body = json_pack("{s:s, s:s, s:{s:{s:s, s:s}, s:s}}",
	    "moduleId", id, "deviceId", access->device_id, "authentication",
	    "symmetricKey", "primaryKey", primary, "secondaryKey", secondary,
	    "type", "sas");
	const struct call call = {
	    .method = "PUT", .id = id, .body = body, .only_if_there = true};

	if (!body)
		return error_no_memory(err);
	return call_for_module(access, &call, ret_module, err);
}

enum error_code
hub_module_get(const struct hub_access *access, const char *id,
    struct hub_module *ret_module, struct error *err)
{
	const struct call call = {.method = "GET", .id = id};

	return call_for_module(access, &call, ret_module, err);
}

enum error_code
hub_module_list(const struct hub_access *access,
    struct hub_modules *ret_modules, struct error *err)
{
	const struct call call = {.method = "GET"};
	CLEANUP(json) json_t *answer = NULL;

	if (call_hub(access, &call, &answer, err))
		return err->code;
	if (hub_modules_from_json(answer, ret_modules, err))
		return not_understood(access, err);
	return ERROR_NONE;
}

enum error_code
hub_module_delete(
    const struct hub_access *access, const char *id, struct error *err)
{
	const struct call call = {
	    .method = "DELETE", .id = id, .only_if_there = true};
	CLEANUP(json) json_t *answer = NULL;

	return call_hub(access, &call, &answer, err);
}
