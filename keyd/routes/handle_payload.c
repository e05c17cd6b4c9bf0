/* SPDX-License-Identifier: MIT */
#include "handle_payload.h"

#include <limits.h>
#include <stdlib.h>

json_t *
payload_of_key(enum key_kind kind, const char *id)
{
	return json_pack("{s:s}", kind == KEY_PAIR ? "KeyPair" : "Key", id);
}

json_t *
payload_of_derived(const char *base, const struct key_input *data)
{
	json_t *bytes = json_array();

	for (size_t i = 0; bytes && i < data->length; i++)
		if (json_array_append_new(bytes, json_integer(data->data[i]))) {
			json_decref(bytes);
			return NULL;
		}
	return json_pack("{s:[s, o]}", "Derived", base, bytes);
}

static enum error_code
not_understood(struct error *err)
{
	return error_set(
	    err, ERROR_INVALID, "the key handle says nothing that is known");
}

static enum error_code
read_derived(const json_t *pair, struct payload *payload, struct error *err)
{
	payload->base = json_string_value(json_array_get(pair, 0));
	payload->data = json_array_get(pair, 1);
	if (!payload->base || !json_is_array(payload->data))
		return not_understood(err);
	payload->kind = KEY_SECRET;
	return ERROR_NONE;
}

static enum error_code
read_key(const json_t *key, struct payload *payload, struct error *err)
{
	const json_t *derived = json_object_get(key, "Derived");

	if (derived)
		return read_derived(derived, payload, err);
	payload->kind = KEY_PAIR;
	payload->id = json_string_value(json_object_get(key, "KeyPair"));
	if (!payload->id) {
		payload->kind = KEY_SECRET;
		payload->id = json_string_value(json_object_get(key, "Key"));
	}
	return payload->id ? ERROR_NONE : not_understood(err);
}

static enum error_code
read_uid(
    const json_t *object, const char *member, uid_t *ret_uid, struct error *err)
{
	const json_t *number = json_object_get(object, member);
	json_int_t value = json_integer_value(number);

	if (!json_is_integer(number) || value < 0 || value >= UINT_MAX)
		return not_understood(err);
	*ret_uid = (uid_t)value;
	return ERROR_NONE;
}

enum error_code
payload_read(
    const json_t *document, struct payload *ret_payload, struct error *err)
{
	const json_t *delegated = json_object_get(document, "delegated");
	struct payload payload = {.is_delegated = delegated};

	if (read_key(json_object_get(document, "key_id"), &payload, err))
		return err->code;
	if (delegated && (read_uid(delegated, "by", &payload.delegator, err) ||
			     read_uid(delegated, "to", &payload.delegate, err)))
		return err->code;
	*ret_payload = payload;
	return ERROR_NONE;
}

enum error_code
payload_data(const json_t *array, unsigned char **ret_data, size_t *ret_length,
    struct error *err)
{
	size_t length = json_array_size(array);
	CLEANUP(bytes) unsigned char *data = malloc(length + 1);

	if (!data)
		return error_no_memory(err);
	for (size_t i = 0; i < length; i++) {
		const json_t *number = json_array_get(array, i);
		json_int_t value = json_integer_value(number);

		if (!json_is_integer(number) || value < 0 || value > UCHAR_MAX)
			return not_understood(err);
		data[i] = (unsigned char)value;
	}
	*ret_data = TAKE(data);
	*ret_length = length;
	return ERROR_NONE;
}
