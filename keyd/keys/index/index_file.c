/* SPDX-License-Identifier: MIT */
#include "index_file.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "common/file.h"
#include "common/json.h"
#include "common/time.h"

#define INDEX_VERSION 1
#define INDEX_FILE_MAX (16 * 1024 * 1024)

void
index_list_done(struct index_list *list)
{
	free(list->items);
	*list = (struct index_list){0};
}

void
index_state_done(struct index_state *state)
{
	index_list_done(&state->keys);
	index_list_done(&state->doomed);
}

static enum error_code
text_from_json(const json_t *object, const char *member, char *ret_text,
    size_t size, struct error *err)
{
	const char *text;

	if (json_get_string(object, member, &text, err))
		return err->code;
	if (strlen(text) >= size)
		return error_set(
		    err, ERROR_INVALID, "'%s' is too long", member);
	(void)snprintf(ret_text, size, "%s", text);
	return ERROR_NONE;
}

/* Of length 0 if there is no such member. */
static enum error_code
tag_from_json(const json_t *object, const char *member, struct key_tag *ret_tag,
    struct error *err)
{
	const char *hex = NULL;

	if (json_get_optional_string(object, member, &hex, err))
		return err->code;
	ret_tag->length = 0;
	if (hex && *hex &&
	    !OPENSSL_hexstr2buf_ex(ret_tag->data, sizeof(ret_tag->data),
		&ret_tag->length, hex, '\0'))
		return error_set(
		    err, ERROR_INVALID, "'%s' is not hexadecimal", member);
	return ERROR_NONE;
}

static enum error_code
algorithm_from_json(
    const json_t *object, enum key_algorithm *ret_algorithm, struct error *err)
{
	static const enum key_algorithm algorithms[] = {
	    KEY_EC, KEY_RSA, KEY_EDWARDS};
	const char *name;

	if (json_get_string(object, "algorithm", &name, err))
		return err->code;
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (strcmp(name, key_algorithm_name(algorithms[i])) == 0) {
			*ret_algorithm = algorithms[i];
			return ERROR_NONE;
		}
	return error_set(err, ERROR_INVALID, "'algorithm' is '%s'", name);
}

/* Where a secret is is a token, or keyd's file for its label. */
static enum error_code
kind_from_json(
    const json_t *object, struct index_record *record, struct error *err)
{
	const char *kind, *usage;

	if (json_get_string(object, "kind", &kind, err))
		return err->code;
	if (strcmp(kind, "pair") == 0) {
		record->kind = KEY_PAIR;
		return algorithm_from_json(object, &record->algorithm, err);
	}
	if (strcmp(kind, "symmetric") != 0)
		return error_set(err, ERROR_INVALID,
		    "'kind' is '%s', neither 'pair' nor 'symmetric'", kind);
	record->kind = KEY_SECRET;
	if (json_get_bool(object, "file", false, &record->in_file, err) ||
	    json_get_optional_string(object, "usage", &usage, err))
		return err->code;
	return usage ? key_usage_parse(usage, KEY_SECRET, &record->usage, err)
		     : ERROR_NONE;
}

static enum error_code
record_from_json(
    const json_t *object, struct index_record *record, struct error *err)
{
	const char *created;

	if (text_from_json(object, "id", record->id, sizeof(record->id), err) ||
	    text_from_json(
		object, "label", record->label, sizeof(record->label), err) ||
	    text_from_json(
		object, "token", record->serial, sizeof(record->serial), err) ||
	    tag_from_json(object, "cka_id", &record->tag, err) ||
	    tag_from_json(object, "pkcs11_id", &record->pkcs11_id, err) ||
	    kind_from_json(object, record, err) ||
	    json_get_optional_string(object, "created", &created, err))
		return err->code;
	record->created = 0;
	return created ? time_parse(created, &record->created, err)
		       : ERROR_NONE;
}

static enum error_code
list_from_json(const json_t *document, const char *member,
    struct index_list *list, struct error *err)
{
	const json_t *array = json_object_get(document, member);
	size_t count = json_array_size(array);

	if (!json_is_array(array))
		return error_set(
		    err, ERROR_INVALID, "'%s' must be a list", member);
	list->items = calloc(count + 1, sizeof(*list->items));
	if (!list->items)
		return error_no_memory(err);
	for (; list->count < count; list->count++)
		if (record_from_json(json_array_get(array, list->count),
			&list->items[list->count], err))
			return error_wrap(
			    err, "entry %zu of '%s'", list->count + 1, member);
	return ERROR_NONE;
}

static enum error_code
state_from_text(const char *text, size_t length, struct index_state *state,
    struct error *err)
{
	CLEANUP(json) json_t *document = NULL;
	json_int_t version;

	if (json_parse(text, length, &document, err) ||
	    json_get_integer(document, "version", &version, err))
		return err->code;
	if (version != INDEX_VERSION)
		return error_set(err, ERROR_INVALID,
		    "version %lld is not known to this keyd",
		    (long long)version);
	if (list_from_json(document, "keys", &state->keys, err))
		return err->code;
	return list_from_json(document, "doomed", &state->doomed, err);
}

enum error_code
index_file_read(
    const char *path, struct index_state *ret_state, struct error *err)
{
	CLEANUP_DONE(index_state) struct index_state state = {0};
	CLEANUP(string) char *text = NULL;
	size_t length;

	if (file_read(path, INDEX_FILE_MAX, &text, &length, err)) {
		if (err->code != ERROR_NOT_FOUND)
			return err->code;
		*ret_state = (struct index_state){0};
		return ERROR_NONE;
	}
	if (state_from_text(text, length, &state, err)) {
		err->code = ERROR_INVALID;
		return error_wrap(err,
		    "the key index '%s' is damaged; restore it, or move it "
		    "away to find keys by their labels",
		    path);
	}
	*ret_state = TAKE_CONTENTS(state);
	return ERROR_NONE;
}

/* What pairs and secrets do not have in common. */
static json_t *
kind_to_json(const struct index_record *record)
{
	char usage[KEY_USAGE_TEXT_MAX];

	if (record->kind == KEY_PAIR)
		return json_pack("{s:s, s:s}", "kind", "pair", "algorithm",
		    key_algorithm_name(record->algorithm));
	key_usage_format(record->usage, usage);
	return json_pack("{s:s, s:b, s:s*}", "kind", "symmetric", "file",
	    (int)record->in_file, "usage", *usage ? usage : NULL);
}

struct tag_text {
	char text[2 * KEY_TAG_MAX + 1]; /* hexadecimal */
};

static struct tag_text
tag_text(const struct key_tag *tag)
{
	struct tag_text hex = {""};

	if (tag->length > 0)
		(void)OPENSSL_buf2hexstr_ex(hex.text, sizeof(hex.text), NULL,
		    tag->data, tag->length, '\0');
	return hex;
}

static json_t *
record_to_json(const struct index_record *record)
{
	CLEANUP(json) json_t *kind = kind_to_json(record);
	struct tag_text seen = tag_text(&record->pkcs11_id);
	json_t *object = json_pack("{s:s, s:s, s:s, s:s*, s:s}", "id",
	    record->id, "token", record->serial, "cka_id",
	    tag_text(&record->tag).text, "pkcs11_id",
	    *seen.text ? seen.text : NULL, "label", record->label);

	if (object && record->created)
		(void)json_object_set_new(object, "created",
		    json_string(time_format(record->created).text));
	if (!kind || json_object_update(object, kind)) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static json_t *
list_to_json(const struct index_list *list)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < list->count; i++)
		if (json_array_append_new(
			array, record_to_json(&list->items[i]))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

enum error_code
index_file_write(
    const char *path, const struct index_state *state, struct error *err)
{
	CLEANUP(json)
	json_t *document = json_pack("{s:i, s:o, s:o}", "version",
	    INDEX_VERSION, "keys", list_to_json(&state->keys), "doomed",
	    list_to_json(&state->doomed));
	CLEANUP(string)
	char *text = document ? json_dumps(document, JSON_INDENT(1)) : NULL;

	if (!text)
		return error_no_memory(err);
	return file_write(path, text, strlen(text), 0600, err);
}
