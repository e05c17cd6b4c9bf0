/* SPDX-License-Identifier: MIT */
#include "hub_twin.h"

#include <stdint.h>
#include <string.h>

#include "stamp.h"

#define DEPTH_MAX 10
#define KEY_BYTES_MAX 1024
#define TAGS_BYTES_MAX 8192
#define PROPERTIES_BYTES_MAX 32768

/* ---- checking ---- */

static enum error_code
check_key(const char *key, struct error *err)
{
	if (!*key || strlen(key) > KEY_BYTES_MAX || strpbrk(key, "$. "))
		return error_set(err, ERROR_INVALID,
		    "'%.64s' is no name of a property: it has 1 to %d bytes "
		    "and no '$', '.' or blank",
		    key, KEY_BYTES_MAX);
	return ERROR_NONE;
}

static enum error_code
check_object(const json_t *object, int depth, struct error *err)
{
	const char *key;
	json_t *member;

	if (depth > DEPTH_MAX)
		return error_set(err, ERROR_INVALID,
		    "objects are nested more than %d deep", DEPTH_MAX);
	json_object_foreach((json_t *)(uintptr_t)object, key, member)
	{
		if (check_key(key, err))
			return err->code;
		if (json_is_object(member) &&
		    check_object(member, depth + 1, err))
			return err->code;
	}
	return ERROR_NONE;
}

static enum error_code
check_size(const json_t *value, size_t maximum, struct error *err)
{
	size_t size = json_dumpb(value, NULL, 0, JSON_COMPACT);

	if (size > maximum)
		return error_set(err, ERROR_INVALID,
		    "it would have %zu bytes; %zu are allowed", size, maximum);
	return ERROR_NONE;
}

/* ---- merging ---- */

static json_t *
new_metadata(const char *now)
{
	return json_pack("{s:s}", "$lastUpdated", now);
}

/* What SDKs send back of what they got, and is not theirs to set. */
static json_t *
without_annotations(const json_t *section)
{
	json_t *copy = json_deep_copy(section);

	(void)json_object_del(copy, "$metadata");
	(void)json_object_del(copy, "$version");
	return copy;
}

/* A value takes the place of what there was; an object is merged later. */
static enum error_code
put(json_t *target, json_t *metadata, const char *key, const json_t *value,
    const char *now, struct error *err)
{
	bool is_object = json_is_object(value);

	if (is_object && json_is_object(json_object_get(target, key))) {
		(void)json_object_set_new(json_object_get(metadata, key),
		    "$lastUpdated", json_string(now));
		return ERROR_NONE;
	}
	if (json_object_set_new(target, key,
		is_object ? json_object() : json_deep_copy(value)) ||
	    (metadata && json_object_set_new(metadata, key, new_metadata(now))))
		return error_no_memory(err);
	return ERROR_NONE;
}

/*
 * Merges patch into target (RFC 7396: a null takes away, in a new object too,
 * so that there never is one); metadata (or NULL) follows.
 */
static enum error_code
merge(json_t *target, json_t *metadata, const json_t *patch, const char *now,
    struct error *err)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)patch, key, value)
	{
		if (json_is_null(value)) {
			(void)json_object_del(target, key);
			(void)json_object_del(metadata, key);
			continue;
		}
		if (put(target, metadata, key, value, now, err) ||
		    (json_is_object(value) &&
			merge(json_object_get(target, key),
			    json_object_get(metadata, key), value, now, err)))
			return err->code;
	}
	return ERROR_NONE;
}

/* ---- making ---- */

static json_t *
new_section(const json_t *initial, const char *now)
{
	CLEANUP(json) json_t *patch = without_annotations(initial);
	CLEANUP(json) json_t *section = json_object();
	json_t *metadata = new_metadata(now);
	struct error no_memory;

	if (json_object_set_new(section, "$metadata", metadata) ||
	    json_object_set_new(section, "$version", json_integer(1)) ||
	    merge(section, metadata, patch, now, &no_memory))
		return NULL;
	return TAKE(section);
}

static json_t *
new_tags(const json_t *initial)
{
	CLEANUP(json) json_t *tags = json_object();
	struct error no_memory;

	if (merge(tags, NULL, initial, "", &no_memory))
		return NULL;
	return TAKE(tags);
}

json_t *
twin_create(const char *device_id, const char *module_id, const json_t *initial,
    int version)
{
	const json_t *properties = json_object_get(initial, "properties");
	struct utc_text now = utc_now();

	return json_pack("{s:s, s:s*, s:i, s:o, s:{s:o, s:o}}", "deviceId",
	    device_id, "moduleId", module_id, "version", version, "tags",
	    new_tags(json_object_get(initial, "tags")), "properties", "desired",
	    new_section(json_object_get(properties, "desired"), now.text),
	    "reported", new_section(NULL, now.text));
}

/* ---- changing ---- */

static enum error_code
increment(json_t *object, const char *member, struct error *err)
{
	json_int_t value;

	if (json_get_integer(object, member, &value, err))
		return err->code;
	return json_set(object, member, json_integer(value + 1), err);
}

static enum error_code
update_section(
    json_t *section, const json_t *given, bool replace, struct error *err)
{
	CLEANUP(json) json_t *patch = without_annotations(given);
	struct utc_text now = utc_now();
	json_t *metadata = json_object_get(section, "$metadata");
	json_int_t version;

	if (!patch || !metadata)
		return error_no_memory(err);
	if (check_object(patch, 1, err) ||
	    json_get_integer(section, "$version", &version, err))
		return err->code;
	if (replace) {
		metadata = json_incref(metadata);
		(void)json_object_clear(section);
		(void)json_object_clear(metadata);
		if (json_object_set_new(section, "$metadata", metadata))
			return error_no_memory(err);
	}
	if (json_object_set_new(
		metadata, "$lastUpdated", json_string(now.text)) ||
	    json_object_set_new(section, "$version", json_integer(version + 1)))
		return error_no_memory(err);
	if (merge(section, metadata, patch, now.text, err))
		return err->code;
	return check_size(section, PROPERTIES_BYTES_MAX, err);
}

static enum error_code
update_tags(json_t *twin, const json_t *given, bool replace, struct error *err)
{
	json_t *tags = json_object_get(twin, "tags");

	if (check_object(given, 1, err))
		return err->code;
	if (replace)
		(void)json_object_clear(tags);
	if (merge(tags, NULL, given, "", err))
		return err->code;
	return check_size(tags, TAGS_BYTES_MAX, err);
}

/* *ret_value is NULL if object has no such member; it may be a null. */
static enum error_code
optional_section(const json_t *object, const char *member,
    const json_t **ret_value, struct error *err)
{
	*ret_value = json_object_get(object, member);
	if (!*ret_value || json_is_object(*ret_value) ||
	    json_is_null(*ret_value))
		return ERROR_NONE;
	return error_set(
	    err, ERROR_MALFORMED, "'%s' must be an object", member);
}

enum error_code
twin_update(json_t *twin, const json_t *patch, bool replace, struct error *err)
{
	const json_t *tags, *properties, *desired = NULL;

	if (!json_is_object(patch))
		return error_set(
		    err, ERROR_MALFORMED, "the body must be a JSON object");
	if (optional_section(patch, "tags", &tags, err) ||
	    optional_section(patch, "properties", &properties, err) ||
	    optional_section(properties, "desired", &desired, err))
		return err->code;
	if (json_is_null(properties))
		desired = properties;
	if (tags && update_tags(twin, tags, replace || json_is_null(tags), err))
		return error_wrap(err, "'tags'");
	if (desired &&
	    update_section(
		json_object_get(json_object_get(twin, "properties"), "desired"),
		desired, replace || json_is_null(desired), err))
		return error_wrap(err, "'properties.desired'");
	return increment(twin, "version", err);
}

enum error_code
twin_check_initial(const json_t *initial, struct error *err)
{
	CLEANUP(json) json_t *scratch = NULL;

	if (!initial || json_is_null(initial))
		return ERROR_NONE;
	if (!json_is_object(initial))
		return error_set(
		    err, ERROR_MALFORMED, "'initialTwin' must be an object");
	scratch = twin_create("scratch", NULL, NULL, 1);
	if (!scratch)
		return error_no_memory(err);
	if (twin_update(scratch, initial, true, err))
		return error_wrap(err, "'initialTwin'");
	return ERROR_NONE;
}
