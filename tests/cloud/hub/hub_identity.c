/* SPDX-License-Identifier: MIT */
#include "hub_identity.h"

#include <ctype.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/openssl.h"
#include "stamp.h"
#include "symmetric_key.h"

#define ETAG_BYTES 8
#define KEY_BYTES 32
#define SHA1_DIGITS 40
#define SHA256_DIGITS 64
#define NEVER "0001-01-01T00:00:00Z"
#define TICKS_PER_SECOND INT64_C(10000000)
#define TICKS_AT_1970 INT64_C(621355968000000000)

enum error_code
hub_id_check(const char *id, struct error *err)
{
	size_t length = strlen(id);

	if (length == 0 || length > HUB_ID_BYTES_MAX)
		return error_set(err, ERROR_INVALID,
		    "an id has 1 to %d characters", HUB_ID_BYTES_MAX);
	for (const char *c = id; *c; c++)
		if (!isascii((unsigned char)*c) ||
		    (!isalnum((unsigned char)*c) &&
			!strchr("-:.+%_#*?!(),=@$'", *c)))
			return error_set(err, ERROR_INVALID,
			    "an id has letters, digits and "
			    "-:.+%%_#*?!(),=@$' only");
	return ERROR_NONE;
}

enum error_code
hub_set_etag(json_t *record, struct error *err)
{
	unsigned char random[ETAG_BYTES];

	if (RAND_bytes(random, sizeof(random)) != 1)
		return error_set_openssl(err, ERROR_INTERNAL, "random bytes");
	return json_set_bytes(record, "etag", random, sizeof(random), err);
}

/* The time in ticks of 100 ns since the year 1, as the hub has it. */
static int64_t
generation_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return TICKS_AT_1970 + (int64_t)now.tv_sec * TICKS_PER_SECOND +
	       now.tv_nsec / 100;
}

json_t *
hub_record_create(const char *device_id, const char *module_id)
{
	char generation[24];
	json_t *record;

	(void)snprintf(
	    generation, sizeof(generation), "%jd", (intmax_t)generation_now());
	record = json_pack("{s:s, s:s*, s:s, s:s, s:s, s:s, s:i}", "deviceId",
	    device_id, "moduleId", module_id, "generationId", generation,
	    "connectionState", "Disconnected", "connectionStateUpdatedTime",
	    NEVER, "lastActivityTime", NEVER, "cloudToDeviceMessageCount", 0);
	if (module_id)
		return record;
	if (json_object_update_new(
		record, json_pack("{s:s, s:n, s:s, s:{s:b}}", "status",
			    "enabled", "statusReason", "statusUpdatedTime",
			    NEVER, "capabilities", "iotEdge", 0))) {
		json_decref(record);
		return NULL;
	}
	return record;
}

/* ---- credentials ---- */

static enum error_code
set_keys(json_t *authentication, const json_t *given, const json_t *former,
    struct error *err)
{
	json_t *keys = json_object();

	if (json_object_set_new(authentication, "symmetricKey", keys))
		return error_no_memory(err);
	/* SDKs send empty keys to have some made. */
	if (symmetric_key_set(
		keys, "primaryKey", given, former, KEY_BYTES, err) ||
	    symmetric_key_set(
		keys, "secondaryKey", given, former, KEY_BYTES, err))
		return error_wrap(err, "'symmetricKey'");
	return ERROR_NONE;
}

static enum error_code
set_no_keys(json_t *authentication, struct error *err)
{
	return json_set(authentication, "symmetricKey",
	    json_pack("{s:n, s:n}", "primaryKey", "secondaryKey"), err);
}

/* In hex: of SHA-1 or of SHA-256, as the hub takes them. */
static enum error_code
check_thumbprint(const char *member, const char *text, struct error *err)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	size_t length = text ? strlen(text) : 0;

	if (length == 0)
		return ERROR_NONE;
	if ((length != SHA1_DIGITS && length != SHA256_DIGITS) ||
	    text[strspn(text, digits)])
		return error_set(err, ERROR_INVALID,
		    "'%s' must be the SHA-1 or the SHA-256 of a certificate, "
		    "%d or %d hexadecimal digits",
		    member, SHA1_DIGITS, SHA256_DIGITS);
	return ERROR_NONE;
}

static enum error_code
set_thumbprints(
    json_t *authentication, const json_t *given, bool needed, struct error *err)
{
	const char *primary = NULL, *secondary = NULL;

	if (given && (json_get_optional_string(
			  given, "primaryThumbprint", &primary, err) ||
			 json_get_optional_string(
			     given, "secondaryThumbprint", &secondary, err)))
		return error_wrap(err, "'x509Thumbprint'");
	if (needed && (!primary || !*primary))
		return error_set(
		    err, ERROR_INVALID, "'primaryThumbprint' is missing");
	if (check_thumbprint("primaryThumbprint", primary, err) ||
	    check_thumbprint("secondaryThumbprint", secondary, err))
		return err->code;
	return json_set(authentication, "x509Thumbprint",
	    json_pack("{s:s?, s:s?}", "primaryThumbprint", primary,
		"secondaryThumbprint", secondary),
	    err);
}

static enum error_code
check_type(const char *type, struct error *err)
{
	static const char *const types[] = {
	    "sas", "selfSigned", "certificateAuthority", "none"};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i], type) == 0)
			return ERROR_NONE;
	return error_set(err, ERROR_INVALID,
	    "'type' is '%s'; there are sas, selfSigned, certificateAuthority "
	    "and none",
	    type);
}

static enum error_code
read_credentials(const json_t *given, const json_t *former,
    json_t **ret_authentication, struct error *err)
{
	const json_t *keys = json_object_get(given, "symmetricKey");
	const char *type = NULL;
	CLEANUP(json) json_t *authentication = NULL;

	if (given && json_get_optional_string(given, "type", &type, err))
		return err->code;
	if (!type)
		type = "sas";
	authentication = json_pack("{s:s}", "type", type);
	if (!authentication)
		return error_no_memory(err);
	if (check_type(type, err) ||
	    (strcmp(type, "sas") == 0
		    ? set_keys(authentication,
			  json_is_object(keys) ? keys : NULL,
			  json_object_get(former, "symmetricKey"), err)
		    : set_no_keys(authentication, err)) ||
	    set_thumbprints(authentication,
		json_object_get(given, "x509Thumbprint"),
		strcmp(type, "selfSigned") == 0, err))
		return err->code;
	*ret_authentication = TAKE(authentication);
	return ERROR_NONE;
}

/* Without any in body, those that there are stay. */
static enum error_code
update_credentials(json_t *record, const json_t *body, struct error *err)
{
	const json_t *former = json_object_get(record, "authentication");
	const json_t *given = json_object_get(body, "authentication");
	json_t *authentication;

	if (json_is_null(given))
		given = NULL;
	if (given && !json_is_object(given))
		return error_set(
		    err, ERROR_MALFORMED, "'authentication' must be an object");
	if (!given && former)
		return ERROR_NONE;
	if (read_credentials(given, former, &authentication, err))
		return error_wrap(err, "'authentication'");
	return json_set(record, "authentication", authentication, err);
}

/* ---- the rest of a record ---- */

/* The time is that of a change, not of a PUT that says the same again. */
static enum error_code
set_status(json_t *record, const char *status, struct error *err)
{
	const char *former =
	    json_string_value(json_object_get(record, "status"));

	if (former && strcmp(former, status) == 0)
		return ERROR_NONE;
	if (json_object_set_new(record, "status", json_string(status)) ||
	    json_object_set_new(
		record, "statusUpdatedTime", json_string(utc_now().text)))
		return error_no_memory(err);
	return ERROR_NONE;
}

static enum error_code
update_status(json_t *record, const json_t *body, struct error *err)
{
	const char *status, *reason;

	if (json_get_optional_string(body, "status", &status, err) ||
	    json_get_optional_string(body, "statusReason", &reason, err))
		return err->code;
	if (status && strcmp(status, "enabled") != 0 &&
	    strcmp(status, "disabled") != 0)
		return error_set(
		    err, ERROR_INVALID, "'status' cannot be '%s'", status);
	if (reason &&
	    json_object_set_new(record, "statusReason", json_string(reason)))
		return error_no_memory(err);
	return status ? set_status(record, status, err) : ERROR_NONE;
}

static enum error_code
update_edge(json_t *record, const json_t *body, struct error *err)
{
	const json_t *capabilities = json_object_get(body, "capabilities");
	bool is_edge;

	if (!json_is_object(capabilities))
		return ERROR_NONE;
	if (json_get_bool(capabilities, "iotEdge", false, &is_edge, err))
		return error_wrap(err, "'capabilities'");
	return json_set(record, "capabilities",
	    json_pack("{s:b}", "iotEdge", (int)is_edge), err);
}

static bool
is_list_of_texts(const json_t *value)
{
	for (size_t i = 0; i < json_array_size(value); i++)
		if (!json_is_string(json_array_get(value, i)))
			return false;
	return json_is_array(value);
}

/* Where a device stands below edge devices: kept, and not looked at. */
static enum error_code
update_scopes(json_t *record, const json_t *body, struct error *err)
{
	json_t *parents = json_object_get(body, "parentScopes");
	const char *scope;

	if (json_get_optional_string(body, "deviceScope", &scope, err))
		return err->code;
	if (json_is_null(parents))
		parents = NULL;
	if (parents && !is_list_of_texts(parents))
		return error_set(err, ERROR_MALFORMED,
		    "'parentScopes' must be an array of strings");
	if ((scope && json_object_set_new(
			  record, "deviceScope", json_string(scope))) ||
	    (parents && json_object_set(record, "parentScopes", parents)))
		return error_no_memory(err);
	return ERROR_NONE;
}

static enum error_code
update_manager(json_t *record, const json_t *body, struct error *err)
{
	const char *manager;

	if (json_get_optional_string(body, "managedBy", &manager, err))
		return err->code;
	if (manager &&
	    json_object_set_new(record, "managedBy", json_string(manager)))
		return error_no_memory(err);
	return ERROR_NONE;
}

enum error_code
hub_record_update(json_t *record, const json_t *body, struct error *err)
{
	bool is_module = json_object_get(record, "moduleId") != NULL;

	if (!json_is_object(body))
		return error_set(
		    err, ERROR_MALFORMED, "the body must be a JSON object");
	if (is_module ? update_manager(record, body, err)
		      : update_status(record, body, err) ||
			    update_edge(record, body, err) ||
			    update_scopes(record, body, err))
		return err->code;
	if (update_credentials(record, body, err))
		return err->code;
	return hub_set_etag(record, err);
}
