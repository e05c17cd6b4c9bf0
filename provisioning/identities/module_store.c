/* SPDX-License-Identifier: MIT */
#include "module_store.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "common/json.h"
#include "common/openssl.h"

#define EXTENSION "json"
#define FILE_SIZE_MAX ((size_t)16 * 1024)
#define FILE_MODE 0600
#define FOLDER_MODE 0700
#define RECORDS_MAX 1000

static const char *const states[] = {
    [MODULE_BEGUN] = "begun",
    [MODULE_OURS] = "ours",
    [MODULE_FOREIGN] = "foreign",
};

DEFINE_CLEANUP(directory, DIR, closedir)

void
module_record_done(struct module_record *record)
{
	free(record->id);
	free(record->generation_id);
	*record = (struct module_record){0};
}

static bool
is_same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool
module_record_equals(
    const struct module_record *a, const struct module_record *b)
{
	return is_same_text(a->id, b->id) &&
	       is_same_text(a->generation_id, b->generation_id) &&
	       a->state == b->state && a->of_principal == b->of_principal;
}

void
module_records_done(struct module_records *records)
{
	for (size_t i = 0; i < records->count; i++)
		module_record_done(&records->items[i]);
	free(records->items);
	*records = (struct module_records){0};
}

enum error_code
module_store_folder(const char *state, const char *hub, const char *device_id,
    char **ret_folder, struct error *err)
{
	char hub_hash[65], device_hash[65];

	if (sha256_hex(hub, strlen(hub), hub_hash, err) ||
	    sha256_hex(device_id, strlen(device_id), device_hash, err))
		return err->code;
	*ret_folder =
	    string_format("%s/modules/%s-%s", state, hub_hash, device_hash);
	return *ret_folder ? ERROR_NONE : error_no_memory(err);
}

static char *
path_of(const char *folder, const char *id)
{
	CLEANUP(string) char *name = file_name_of_id(id, EXTENSION);

	return name ? string_format("%s/%s", folder, name) : NULL;
}

static enum error_code
parse_state(const char *name, enum module_state *ret_state, struct error *err)
{
	for (unsigned i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(name, states[i]) == 0) {
			*ret_state = (enum module_state)i;
			return ERROR_NONE;
		}
	return error_set(err, ERROR_MALFORMED, "there is no state '%s'", name);
}

static enum error_code
record_from_json(
    const json_t *object, struct module_record *ret_record, struct error *err)
{
	CLEANUP_DONE(module_record) struct module_record record = {0};
	const char *generation_id, *state;

	if (json_copy_string(object, "module_id", &record.id, err) ||
	    json_get_optional_string(
		object, "generation_id", &generation_id, err) ||
	    json_get_string(object, "state", &state, err) ||
	    parse_state(state, &record.state, err) ||
	    json_get_bool(
		object, "of_principal", false, &record.of_principal, err))
		return err->code;
	if (generation_id) {
		record.generation_id = strdup(generation_id);
		if (!record.generation_id)
			return error_no_memory(err);
	}
	if (record.state != MODULE_BEGUN && !generation_id)
		return error_set(
		    err, ERROR_MALFORMED, "'generation_id' is missing");
	*ret_record = TAKE_CONTENTS(record);
	return ERROR_NONE;
}

/* Fails with ERROR_MALFORMED if what is there is no record. */
static enum error_code
read_record(
    const char *path, struct module_record *ret_record, struct error *err)
{
	CLEANUP(string) char *text = NULL;
	CLEANUP(json) json_t *object = NULL;
	size_t length;

	if (file_read(path, FILE_SIZE_MAX, &text, &length, err) ||
	    json_parse(text, length, &object, err))
		return err->code;
	return record_from_json(object, ret_record, err);
}

/* Fails with ERROR_NOT_FOUND instead of ERROR_MALFORMED. */
static enum error_code
read_or_set_aside(
    const char *path, struct module_record *ret_record, struct error *err)
{
	CLEANUP(string) char *aside = string_format("%s.corrupt", path);

	if (!aside)
		return error_no_memory(err);
	if (read_record(path, ret_record, err) == ERROR_NONE)
		return ERROR_NONE;
	if (err->code != ERROR_MALFORMED && err->code != ERROR_INVALID)
		return err->code;
	if (file_rename(path, aside, err))
		return err->code;
	return error_set(err, ERROR_NOT_FOUND, "'%s' held no module", path);
}

enum error_code
module_store_load(const char *folder, const char *id,
    struct module_record *ret_record, struct error *err)
{
	CLEANUP(string) char *path = path_of(folder, id);

	if (!path)
		return error_no_memory(err);
	return read_or_set_aside(path, ret_record, err);
}

enum error_code
module_store_save(
    const char *folder, const struct module_record *record, struct error *err)
{
	CLEANUP(string) char *path = path_of(folder, record->id);
	CLEANUP(json)
	json_t *object = json_pack("{s:s, s:s?, s:s, s:b}", "module_id",
	    record->id, "generation_id", record->generation_id, "state",
	    states[record->state], "of_principal", record->of_principal);
	CLEANUP(string) char *text = object ? json_text(object) : NULL;

	if (!path || !text)
		return error_no_memory(err);
	if (file_make_directory(folder, FOLDER_MODE, err))
		return err->code;
	return file_write(path, text, strlen(text), FILE_MODE, err);
}

enum error_code
module_store_remove(const char *folder, const char *id, struct error *err)
{
	CLEANUP(string) char *path = path_of(folder, id);

	if (!path)
		return error_no_memory(err);
	return file_remove(path, err);
}

/* ---- all of them ---- */

static bool
is_record_name(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && strcmp(dot, "." EXTENSION) == 0;
}

static enum error_code
add_record(const char *folder, const char *name, struct module_records *records,
    struct error *err)
{
	CLEANUP(string) char *path = string_format("%s/%s", folder, name);
	struct module_record *items;

	if (!path)
		return error_no_memory(err);
	if (records->count == RECORDS_MAX)
		return error_set(err, ERROR_INTERNAL,
		    "there are more than %d modules in '%s'", RECORDS_MAX,
		    folder);
	items = reallocarray(
	    records->items, records->count + 1, sizeof(*records->items));
	if (!items)
		return error_no_memory(err);
	records->items = items;
	if (read_or_set_aside(path, &items[records->count], err))
		return err->code == ERROR_NOT_FOUND ? ERROR_NONE : err->code;
	records->count++;
	return ERROR_NONE;
}

/* *ret_directory is NULL, which is success, if there is none. */
static enum error_code
open_directory(const char *path, DIR **ret_directory, struct error *err)
{
	*ret_directory = opendir(path);
	if (*ret_directory || errno == ENOENT)
		return ERROR_NONE;
	return error_set_errno(err, ERROR_INTERNAL, "'%s'", path);
}

enum error_code
module_store_list(
    const char *folder, struct module_records *ret_records, struct error *err)
{
	CLEANUP_DONE(module_records) struct module_records records = {0};
	CLEANUP(directory) DIR *directory = NULL;
	const struct dirent *entry;

	if (open_directory(folder, &directory, err))
		return err->code;
	while (directory && (entry = readdir(directory)))
		if (is_record_name(entry->d_name) &&
		    add_record(folder, entry->d_name, &records, err))
			return err->code;
	*ret_records = TAKE_CONTENTS(records);
	return ERROR_NONE;
}

/* ---- other hubs ---- */

/* Removes a folder of files. */
static enum error_code
remove_folder(const char *path, struct error *err)
{
	CLEANUP(directory) DIR *directory = NULL;
	const struct dirent *entry;

	if (open_directory(path, &directory, err))
		return err->code;
	while (directory && (entry = readdir(directory)))
		if (entry->d_name[0] != '.' &&
		    unlinkat(dirfd(directory), entry->d_name, 0) < 0)
			return error_set_errno(err, ERROR_INTERNAL,
			    "cannot remove '%s/%s'", path, entry->d_name);
	if (rmdir(path) < 0 && errno != ENOENT)
		return error_set_errno(
		    err, ERROR_INTERNAL, "cannot remove '%s'", path);
	return ERROR_NONE;
}

enum error_code
module_store_forget_others(const char *folder, struct error *err)
{
	const char *own = strrchr(folder, '/') + 1;
	CLEANUP(string)
	char *parent = strndup(folder, (size_t)(own - 1 - folder));
	CLEANUP(directory) DIR *directory = NULL;
	const struct dirent *entry;

	if (!parent)
		return error_no_memory(err);
	if (open_directory(parent, &directory, err))
		return err->code;
	while (directory && (entry = readdir(directory))) {
		CLEANUP(string) char *path = NULL;

		if (entry->d_name[0] == '.' || strcmp(entry->d_name, own) == 0)
			continue;
		path = string_format("%s/%s", parent, entry->d_name);
		if (!path)
			return error_no_memory(err);
		if (remove_folder(path, err))
			return err->code;
	}
	return ERROR_NONE;
}
