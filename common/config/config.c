/* SPDX-License-Identifier: MIT */
#include "common/config.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "common/config_node.h"
#include "common/file.h"
#include "common/paths.h"
#include "config_origins.h"
#include "config_section.h"
#include "config_value.h"

#define FILE_BYTES_MAX ((size_t)1024 * 1024)

static void contents_done(const struct config_table *table, void *settings);

static void
list_done(const struct config_field *field, struct config_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		void *item = (char *)list->items + i * field->table->size;

		contents_done(field->table, item);
		if (field->type == CONFIG_SECTIONS)
			secret_free(*(char **)item);
	}
	free(list->items);
	*list = (struct config_list){0};
}

static void
contents_done(const struct config_table *table, void *settings)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct config_field *field = &table->fields[i];
		void *member = (char *)settings + field->offset;

		if (field->type == CONFIG_SECTION)
			contents_done(field->table, member);
		else if (field->type == CONFIG_LIST ||
			 field->type == CONFIG_SECTIONS)
			list_done(field, member);
		else
			config_value_done(field->type, member);
	}
}

void
config_done(const struct config_table *table, void *settings)
{
	contents_done(table, settings);
	memset(settings, 0, table->size);
}

/* Lays the file at path, which root keeps pointing to, over root. */
static enum error_code
add_file(const char *path, struct config_node *root, struct error *err)
{
	CLEANUP(secret) char *text = NULL;
	CLEANUP_DONE(config_node) struct config_node over = {0};
	size_t length;

	if (file_read(path, FILE_BYTES_MAX, &text, &length, err) ||
	    config_node_parse(path, text, length, &over, err) ||
	    config_node_merge(root, &over, err))
		return err->code;
	return ERROR_NONE;
}

/* ret_origins may be NULL. */
static enum error_code
load(const char *path, const struct config_strings *dropins,
    const struct config_table *table, void *settings,
    struct config_origins *ret_origins, struct error *err)
{
	CLEANUP_DONE(config_node)
	struct config_node root = {.file = path, .line = 1, .column = 1};
	enum error_code code = add_file(path, &root, err);

	for (size_t i = 0; !code && i < dropins->count; i++)
		code = add_file(dropins->items[i], &root, err);
	if (!code)
		code = config_section_read(&root, table, NULL, settings, err);
	if (!code && ret_origins)
		code = config_origins_collect(&root, ret_origins, err);
	if (code)
		config_done(table, settings);
	return code;
}

enum error_code
config_load(const char *path, const struct config_table *table, void *settings,
    struct error *err)
{
	static const struct config_strings none = {0};

	return load(path, &none, table, settings, NULL, err);
}

enum error_code
config_parse(const char *name, const char *text, size_t length,
    const struct config_table *table, void *settings, struct error *err)
{
	CLEANUP_DONE(config_node) struct config_node root = {0};
	enum error_code code =
	    config_node_parse(name, text, length, &root, err);

	if (!code)
		code = config_section_read(&root, table, NULL, settings, err);
	if (code)
		config_done(table, settings);
	return code;
}

enum error_code
config_read(const struct config_node *root, const struct config_table *table,
    const struct config_listener *listener, void *settings, struct error *err)
{
	enum error_code code =
	    config_section_read(root, table, listener, settings, err);

	if (code)
		config_done(table, settings);
	return code;
}

static int
is_dropin(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && dot && strcmp(dot, ".yaml") == 0;
}

/* Not alphasort(), whose order depends on the locale. */
static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static enum error_code
add_dropin(const char *folder, const char *name, struct config_strings *paths,
    struct error *err)
{
	CLEANUP(string) char *path = string_format("%s/%s", folder, name);
	struct stat status;
	char **items;

	if (!path)
		return error_no_memory(err);
	/* What has vanished or is no file is none of ours. */
	if (stat(path, &status) < 0 || !S_ISREG(status.st_mode))
		return ERROR_NONE;
	items = reallocarray(paths->items, paths->count + 1, sizeof(*items));
	if (!items)
		return error_no_memory(err);
	paths->items = items;
	items[paths->count++] = TAKE(path);
	return ERROR_NONE;
}

static enum error_code
add_dropins(const char *folder, struct config_strings *paths, struct error *err)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, is_dropin, by_bytes);
	enum error_code code = ERROR_NONE;

	if (count < 0 && errno == ENOENT)
		return ERROR_NONE;
	if (count < 0)
		return error_set_errno(err,
		    errno == EACCES ? ERROR_DENIED : ERROR_INTERNAL,
		    "cannot list '%s'", folder);

	for (int i = 0; i < count; i++) {
		if (!code)
			code =
			    add_dropin(folder, entries[i]->d_name, paths, err);
		free(entries[i]);
	}
	free(entries);
	return code;
}

void
config_strings_done(struct config_strings *strings)
{
	config_value_done(CONFIG_STRINGS, strings);
}

enum error_code
config_dropins(
    const char *path, struct config_strings *ret_paths, struct error *err)
{
	CLEANUP(string) char *folder = paths_dropins(path);
	CLEANUP_DONE(config_strings) struct config_strings paths = {0};

	if (!folder)
		return error_no_memory(err);
	if (add_dropins(folder, &paths, err))
		return err->code;
	*ret_paths = TAKE_CONTENTS(paths);
	return ERROR_NONE;
}

enum error_code
config_load_with_dropins(const char *path, const struct config_table *table,
    void *settings, struct error *err)
{
	return config_load_with_origins(path, table, settings, NULL, err);
}

enum error_code
config_load_with_origins(const char *path, const struct config_table *table,
    void *settings, struct config_origins *ret_origins, struct error *err)
{
	CLEANUP_DONE(config_strings) struct config_strings paths = {0};
	enum error_code code = config_dropins(path, &paths, err);

	if (code)
		config_done(table, settings);
	else
		code = load(path, &paths, table, settings, ret_origins, err);
	if (code == ERROR_NOT_FOUND)
		code = error_set(err, ERROR_NOT_FOUND,
		    "there is no '%s'; 'signetctl config apply' makes it",
		    path);
	return code;
}

const char *
config_map_get(const struct config_map *map, const char *key)
{
	for (size_t i = 0; i < map->count; i++)
		if (strcmp(map->items[i].key, key) == 0)
			return map->items[i].value;
	return NULL;
}
