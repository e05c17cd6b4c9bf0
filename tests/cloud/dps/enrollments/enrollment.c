/* SPDX-License-Identifier: MIT */
#include "enrollment.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "enrollment_attestation.h"
#include "hub_identity.h"
#include "hub_twin.h"
#include "webhook.h"

void
enrollment_done(struct enrollment *enrollment)
{
	json_decref(enrollment->record);
	json_decref(enrollment->keys);
	for (size_t i = 0; i < ENROLLED_CERTIFICATES; i++)
		X509_free(enrollment->enrolled.certificates[i]);
	*enrollment = (struct enrollment){0};
}

enum error_code
id_parse(const char *text, struct id_text *ret_id, struct error *err)
{
	size_t length = strlen(text);
	struct id_text id = {""};

	if (length == 0 || length >= sizeof(id.text))
		return error_set(err, ERROR_INVALID,
		    "an id has 1 to %zu characters", sizeof(id.text) - 1);
	for (size_t i = 0; i < length; i++) {
		if (!isascii((unsigned char)text[i]) ||
		    (!isalnum((unsigned char)text[i]) &&
			!strchr("-._:", text[i])))
			return error_set(err, ERROR_INVALID,
			    "'%s' is no id: letters, digits and - . _ : make "
			    "one",
			    text);
		id.text[i] = (char)tolower((unsigned char)text[i]);
	}
	if (strchr("._:", text[length - 1]))
		return error_set(err, ERROR_INVALID,
		    "'%s' is no id: it must end in a letter, a digit or '-'",
		    text);
	*ret_id = id;
	return ERROR_NONE;
}

/* The id in the body, if it is there, is the one of the path. */
static enum error_code
check_id(enum enrollment_kind kind, const struct id_text *id,
    const json_t *body, struct error *err)
{
	const char *member =
	    kind == ENROLLMENT_GROUP ? "enrollmentGroupId" : "registrationId";
	const char *text;
	struct id_text named;

	if (json_get_optional_string(body, member, &text, err))
		return err->code;
	if (!text)
		return ERROR_NONE;
	if (id_parse(text, &named, err))
		return error_wrap(err, "'%s'", member);
	if (strcmp(named.text, id->text) != 0)
		return error_set(err, ERROR_INVALID,
		    "'%s' is '%s', but the path says '%s'", member, text,
		    id->text);
	return ERROR_NONE;
}

/* Sets member of record to fallback unless the client has given it. */
static enum error_code
set_default(
    json_t *record, const char *member, json_t *fallback, struct error *err)
{
	const json_t *value = json_object_get(record, member);

	if (value && !json_is_null(value)) {
		json_decref(fallback);
		return ERROR_NONE;
	}
	return json_set(record, member, fallback, err);
}

static enum error_code
set_defaults(json_t *record, struct error *err)
{
	if (set_default(
		record, "provisioningStatus", json_string("enabled"), err) ||
	    set_default(
		record, "allocationPolicy", json_string("hashed"), err) ||
	    set_default(record, "iotHubs", json_array(), err) ||
	    set_default(record, "capabilities",
		json_pack("{s:b}", "iotEdge", 0), err) ||
	    set_default(record, "reprovisionPolicy",
		json_pack("{s:b, s:b}", "updateHubAssignment", 1,
		    "migrateDeviceData", 1),
		err))
		return err->code;
	return ERROR_NONE;
}

static enum error_code
check_choice(const json_t *record, const char *member,
    const char *const *choices, struct error *err)
{
	const char *text;

	if (json_get_string(record, member, &text, err))
		return err->code;
	for (; *choices; choices++)
		if (strcmp(*choices, text) == 0)
			return ERROR_NONE;
	return error_set(
	    err, ERROR_INVALID, "'%s' cannot be '%s'", member, text);
}

static enum error_code
check_flags(const json_t *record, const char *member, const char *first,
    const char *second, struct error *err)
{
	const json_t *object;
	bool ignored;

	if (json_get_object(record, member, &object, err) ||
	    json_get_bool(object, first, false, &ignored, err) ||
	    (second && json_get_bool(object, second, false, &ignored, err)))
		return err->code;
	return ERROR_NONE;
}

/* The i-th of hubs is a name, and none of those before it. */
static enum error_code
check_hub_name(const json_t *hubs, size_t i, struct error *err)
{
	const json_t *name = json_array_get(hubs, i);

	if (!json_is_string(name))
		return error_set(
		    err, ERROR_MALFORMED, "'iotHubs' must hold strings");
	if (json_string_length(name) == 0)
		return error_set(err, ERROR_INVALID,
		    "'iotHubs' must not hold an empty name");
	for (size_t j = 0; j < i; j++)
		if (strcasecmp(json_string_value(json_array_get(hubs, j)),
			json_string_value(name)) == 0)
			return error_set(err, ERROR_INVALID,
			    "'iotHubs' must not hold '%s' twice",
			    json_string_value(name));
	return ERROR_NONE;
}

/* The hub of the older form; NULL if there is none. */
static const char *
older_hub(const json_t *record)
{
	const char *name =
	    json_string_value(json_object_get(record, "iotHubHostName"));

	return name && *name ? name : NULL;
}

/* Whichever form a client knows and changes is not to be passed over. */
static enum error_code
check_hubs(const json_t *record, struct error *err)
{
	const json_t *hubs = json_object_get(record, "iotHubs");
	size_t count = json_array_size(hubs);
	const char *older;

	if (!json_is_array(hubs))
		return error_set(
		    err, ERROR_MALFORMED, "'iotHubs' must be an array");
	for (size_t i = 0; i < count; i++)
		if (check_hub_name(hubs, i, err))
			return err->code;
	if (json_get_optional_string(record, "iotHubHostName", &older, err))
		return err->code;
	older = older_hub(record);
	if (older && count > 0 &&
	    (count > 1 || strcasecmp(enrollment_hub(record, 0), older) != 0))
		return error_set(err, ERROR_INVALID,
		    "'iotHubHostName' is '%s', which stands for 'iotHubs' of "
		    "this one, but 'iotHubs' has others; set one of the two",
		    older);
	return ERROR_NONE;
}

/* It becomes the name of a device of the hub; empty is as if absent. */
static enum error_code
check_device_id(const json_t *record, struct error *err)
{
	const char *id;

	if (json_get_optional_string(record, "deviceId", &id, err))
		return err->code;
	if (id && *id && hub_id_check(id, err))
		return error_wrap(err, "'deviceId'");
	return ERROR_NONE;
}

static enum error_code
check_custom(const json_t *record, struct error *err)
{
	const char *policy =
	    json_string_value(json_object_get(record, "allocationPolicy"));
	const json_t *definition;

	if (!policy || strcmp(policy, "custom") != 0)
		return ERROR_NONE;
	if (json_get_object(
		record, "customAllocationDefinition", &definition, err))
		return err->code;
	return webhook_check(definition, err);
}

static enum error_code
check_members(const json_t *record, struct error *err)
{
	static const char *const statuses[] = {"enabled", "disabled", NULL};
	static const char *const policies[] = {
	    "hashed", "geoLatency", "static", "custom", NULL};
	const json_t *twin = json_object_get(record, "initialTwin");

	if (check_choice(record, "provisioningStatus", statuses, err) ||
	    check_choice(record, "allocationPolicy", policies, err) ||
	    check_flags(record, "capabilities", "iotEdge", NULL, err) ||
	    check_flags(record, "reprovisionPolicy", "updateHubAssignment",
		"migrateDeviceData", err) ||
	    check_hubs(record, err) || twin_check_initial(twin, err) ||
	    check_custom(record, err) || check_device_id(record, err))
		return err->code;
	return ERROR_NONE;
}

/* What the service itself says about an enrollment is not the client's. */
static enum error_code
make_record(enum enrollment_kind kind, const struct id_text *id,
    const json_t *body, json_t **ret_record, struct error *err)
{
	static const char *const ours[] = {"etag", "createdDateTimeUtc",
	    "lastUpdatedDateTimeUtc", "registrationState", "registrationId",
	    "enrollmentGroupId"};
	CLEANUP(json)
	json_t *record = json_pack("{s:s}",
	    kind == ENROLLMENT_GROUP ? "enrollmentGroupId" : "registrationId",
	    id->text);
	CLEANUP(json) json_t *given = json_deep_copy(body);

	if (!record || !given)
		return error_no_memory(err);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		(void)json_object_del(given, ours[i]);
	if (kind == ENROLLMENT_GROUP)
		(void)json_object_del(given, "deviceId");
	if (json_object_update(record, given))
		return error_no_memory(err);
	*ret_record = TAKE(record);
	return ERROR_NONE;
}

enum error_code
enrollment_read(enum enrollment_kind kind, const struct id_text *id,
    const json_t *body, const struct enrollment_context *context,
    struct enrollment *ret_enrollment, struct error *err)
{
	const struct enrollment *stored = context->stored;
	CLEANUP_DONE(enrollment)
	struct enrollment enrollment = {
	    .kind = kind, .id = *id, .updated = utc_now()};

	if (!json_is_object(body))
		return error_set(
		    err, ERROR_MALFORMED, "the body must be a JSON object");
	if (check_id(kind, id, body, err) ||
	    make_record(kind, id, body, &enrollment.record, err) ||
	    set_defaults(enrollment.record, err) ||
	    check_members(enrollment.record, err) ||
	    enrollment_attestation_read(context, &enrollment, err) ||
	    etag_create(&enrollment.etag, err))
		return err->code;

	enrollment.created = stored ? stored->created : enrollment.updated;
	*ret_enrollment = TAKE_CONTENTS(enrollment);
	return ERROR_NONE;
}

json_t *
enrollment_to_json(const struct enrollment *enrollment)
{
	CLEANUP(json) json_t *record = json_deep_copy(enrollment->record);

	if (!record ||
	    json_object_set_new(
		record, "etag", json_string(enrollment->etag.text)) ||
	    json_object_set_new(record, "createdDateTimeUtc",
		json_string(enrollment->created.text)) ||
	    json_object_set_new(record, "lastUpdatedDateTimeUtc",
		json_string(enrollment->updated.text)))
		return NULL;
	return TAKE(record);
}

size_t
enrollment_hub_count(const json_t *record)
{
	size_t count = json_array_size(json_object_get(record, "iotHubs"));

	return count == 0 && older_hub(record) ? 1 : count;
}

const char *
enrollment_hub(const json_t *record, size_t i)
{
	const json_t *name =
	    json_array_get(json_object_get(record, "iotHubs"), i);

	return name ? json_string_value(name) : older_hub(record);
}

const char *
enrollment_key(const struct enrollment *enrollment, const char *member)
{
	return json_string_value(json_object_get(enrollment->keys, member));
}

json_t *
enrollment_mechanism_to_json(const struct enrollment *enrollment)
{
	CLEANUP(json)
	json_t *attestation =
	    json_deep_copy(json_object_get(enrollment->record, "attestation"));

	if (!attestation ||
	    (enrollment->keys &&
		json_object_set(attestation, "symmetricKey", enrollment->keys)))
		return NULL;
	return TAKE(attestation);
}

bool
enrollment_is_enabled(const struct enrollment *enrollment)
{
	const char *status = json_string_value(
	    json_object_get(enrollment->record, "provisioningStatus"));

	return status && strcmp(status, "enabled") == 0;
}

bool
enrollment_has_policy(const struct enrollment *enrollment, const char *flag)
{
	const json_t *policy =
	    json_object_get(enrollment->record, "reprovisionPolicy");

	return !json_is_false(json_object_get(policy, flag));
}
