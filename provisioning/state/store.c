/* SPDX-License-Identifier: MIT */
#include "store.h"

#include <string.h>
#include <strings.h>

#include "common/file.h"
#include "common/json.h"
#include "common/time.h"

#define FILE_SIZE_MAX (64 * 1024)
#define FILE_MODE 0600

static void
origin_done(struct origin *origin)
{
	free(origin->endpoint);
	free(origin->scope_id);
	free(origin->registration_id);
	free(origin->thumbprint);
	free(origin->payload);
	*origin = (struct origin){0};
}

void
record_done(struct record *record)
{
	origin_done(&record->origin);
	dps_assignment_done(&record->assignment);
	*record = (struct record){0};
}

static bool
agrees(const char *a, const char *b)
{
	return !a || !b || strcmp(a, b) == 0;
}

bool
origin_agrees(const struct origin *a, const struct origin *b)
{
	return agrees(a->endpoint, b->endpoint) &&
	       agrees(a->scope_id, b->scope_id) &&
	       agrees(a->registration_id, b->registration_id) &&
	       agrees(a->thumbprint, b->thumbprint) &&
	       agrees(a->payload, b->payload);
}

/* NULL stays NULL, which is success. */
static bool
copy_text(const char *from, char **ret_to)
{
	*ret_to = from ? strdup(from) : NULL;
	return !from || *ret_to;
}

enum error_code
origin_copy(
    const struct origin *origin, struct origin *ret_origin, struct error *err)
{
	if (!copy_text(origin->endpoint, &ret_origin->endpoint) ||
	    !copy_text(origin->scope_id, &ret_origin->scope_id) ||
	    !copy_text(origin->registration_id, &ret_origin->registration_id) ||
	    !copy_text(origin->thumbprint, &ret_origin->thumbprint) ||
	    !copy_text(origin->payload, &ret_origin->payload))
		return error_no_memory(err);
	return ERROR_NONE;
}

static char *
path_of(const char *directory, const char *name)
{
	return string_format("%s/%s", directory, name);
}

/* Older records do not have it; then nothing is known of it. */
static enum error_code
copy_optional(const json_t *object, const char *member, char **ret_text,
    struct error *err)
{
	const char *text;

	if (json_get_optional_string(object, member, &text, err))
		return err->code;
	*ret_text = text ? strdup(text) : NULL;
	return text && !*ret_text ? error_no_memory(err) : ERROR_NONE;
}

static enum error_code
record_from_json(
    const json_t *object, struct record *ret_record, struct error *err)
{
	CLEANUP_DONE(record) struct record record = {0};
	struct origin *origin = &record.origin;
	struct dps_assignment *assignment = &record.assignment;
	const json_t *made_for;
	const char *assigned_at;

	if (json_copy_string(object, "hub", &assignment->hub, err) ||
	    json_copy_string(
		object, "device_id", &assignment->device_id, err) ||
	    dps_assignment_check(assignment, err) ||
	    json_get_string(object, "assigned_at", &assigned_at, err) ||
	    time_parse(assigned_at, &record.assigned_at, err) ||
	    json_get_object(object, "made_for", &made_for, err) ||
	    json_copy_string(made_for, "endpoint", &origin->endpoint, err) ||
	    json_copy_string(made_for, "scope_id", &origin->scope_id, err) ||
	    json_copy_string(
		made_for, "registration_id", &origin->registration_id, err) ||
	    copy_optional(made_for, "thumbprint", &origin->thumbprint, err) ||
	    copy_optional(made_for, "payload", &origin->payload, err) ||
	    copy_optional(object, "tpm_key", &assignment->tpm_key, err) ||
	    json_get_bool(object, "is_renewed", false, &record.is_renewed, err))
		return err->code;
	*ret_record = TAKE_CONTENTS(record);
	return ERROR_NONE;
}

static json_t *
record_to_json(const struct record *record)
{
	const struct origin *origin = &record->origin;

	return json_pack(
	    "{s:s, s:s, s:s, s:s*, s:o*, s:{s:s, s:s, s:s, s:s*, s:s*}}", "hub",
	    record->assignment.hub, "device_id", record->assignment.device_id,
	    "assigned_at", time_format(record->assigned_at).text, "tpm_key",
	    record->assignment.tpm_key, "is_renewed",
	    record->is_renewed ? json_true() : NULL, "made_for", "endpoint",
	    origin->endpoint, "scope_id", origin->scope_id, "registration_id",
	    origin->registration_id, "thumbprint", origin->thumbprint,
	    "payload", origin->payload);
}

static enum error_code
parse_record(const char *text, size_t length, struct record *ret_record,
    struct error *err)
{
	CLEANUP(json) json_t *object = NULL;

	if (json_parse(text, length, &object, err))
		return err->code;
	return record_from_json(object, ret_record, err);
}

enum error_code
store_load(const char *directory, const char *name, struct record *ret_record,
    struct error *err)
{
	CLEANUP(string) char *path = path_of(directory, name);
	CLEANUP(string) char *text = NULL;
	size_t length;

	if (!path)
		return error_no_memory(err);
	if (file_read(path, FILE_SIZE_MAX, &text, &length, err))
		return err->code;
	if (parse_record(text, length, ret_record, err) == ERROR_NONE)
		return ERROR_NONE;
	if (err->code == ERROR_MALFORMED)
		err->code = ERROR_INVALID;
	return error_wrap(err, "'%s' holds no assignment", path);
}

enum error_code
store_save(const char *directory, const char *name, const struct record *record,
    struct error *err)
{
	CLEANUP(string) char *path = path_of(directory, name);
	CLEANUP(json) json_t *object = record_to_json(record);
	CLEANUP(string) char *text = object ? json_text(object) : NULL;

	if (!path || !text)
		return error_no_memory(err);
	return file_write(path, text, strlen(text), FILE_MODE, err);
}

enum error_code
store_remove(const char *directory, const char *name, struct error *err)
{
	CLEANUP(string) char *path = path_of(directory, name);

	if (!path)
		return error_no_memory(err);
	return file_remove(path, err);
}

enum error_code
store_set_aside(const char *directory, struct error *err)
{
	CLEANUP(string) char *path = path_of(directory, STORE_ASSIGNMENT);
	CLEANUP(string)
	char *aside = path_of(directory, STORE_ASSIGNMENT ".corrupt");

	if (!path || !aside)
		return error_no_memory(err);
	return file_rename(path, aside, err);
}
