/* SPDX-License-Identifier: MIT */
#include "preloaded.h"

#include <string.h>

#include "common/uri.h"

struct entry {
	const struct config_pair *pair;
	char *path;                       /* NULL: a list */
	struct preloaded_members members; /* of a list */
};

struct preloaded {
	size_t count;
	struct entry *entries;
};

/* How far resolving one list has come with each entry. */
enum visit { UNSEEN, ON_THE_WAY, DONE };

DEFINE_CLEANUP(visits, enum visit, free)

void
preloaded_free(struct preloaded *preloaded)
{
	if (!preloaded)
		return;
	for (size_t i = 0; i < preloaded->count; i++) {
		free(preloaded->entries[i].path);
		free(preloaded->entries[i].members.ids);
	}
	free(preloaded->entries);
	free(preloaded);
}

static struct entry *
find(const struct preloaded *preloaded, const char *id)
{
	for (size_t i = 0; i < preloaded->count; i++)
		if (strcmp(preloaded->entries[i].pair->key, id) == 0)
			return &preloaded->entries[i];
	return NULL;
}

static enum error_code
read_path(const char *text, char **ret_path, struct error *err)
{
	CLEANUP(uri) struct uri *uri = NULL;

	if (uri_parse(text, &uri, err))
		return err->code;
	if (uri_kind(uri) != URI_FILE)
		return error_set(err, ERROR_INVALID,
		    "certificates are loaded from file: URIs only");
	*ret_path = strdup(uri_file_path(uri));
	return *ret_path ? ERROR_NONE : error_no_memory(err);
}

static enum error_code
add_member(struct preloaded_members *members, const char *id, struct error *err)
{
	const char **grown;

	for (size_t i = 0; i < members->count; i++)
		if (strcmp(members->ids[i], id) == 0)
			return ERROR_NONE;
	grown = reallocarray(
	    members->ids, members->count + 1, sizeof(*members->ids));
	if (!grown)
		return error_no_memory(err);
	members->ids = grown;
	members->ids[members->count++] = id;
	return ERROR_NONE;
}

/* Adds to members what list stands for, depth first. */
static enum error_code
resolve(const struct preloaded *preloaded, const struct entry *list,
    enum visit *visits, struct preloaded_members *members, struct error *err)
{
	const struct config_strings *ids = &list->pair->list;
	enum visit *visit = &visits[list - preloaded->entries];

	if (*visit == DONE)
		return ERROR_NONE;
	if (*visit == ON_THE_WAY)
		return error_set(err, ERROR_INVALID,
		    "the list '%s' contains itself", list->pair->key);
	*visit = ON_THE_WAY;
	for (size_t i = 0; i < ids->count; i++) {
		const struct entry *entry = find(preloaded, ids->items[i]);
		bool is_list = entry && !entry->path;

		if (is_list ? resolve(preloaded, entry, visits, members, err)
			    : add_member(members, ids->items[i], err))
			return err->code;
	}
	*visit = DONE;
	return ERROR_NONE;
}

static enum error_code
resolve_list(
    const struct preloaded *preloaded, struct entry *list, struct error *err)
{
	CLEANUP(visits)
	enum visit *visits = calloc(preloaded->count, sizeof(*visits));

	if (!visits)
		return error_no_memory(err);
	return resolve(preloaded, list, visits, &list->members, err);
}

static enum error_code
read_entries(struct preloaded *preloaded, const struct config_map *map,
    struct error *err)
{
	preloaded->entries = calloc(map->count + 1, sizeof(struct entry));
	if (!preloaded->entries)
		return error_no_memory(err);
	for (size_t i = 0; i < map->count; i++) {
		struct entry *entry = &preloaded->entries[i];

		entry->pair = &map->items[i];
		preloaded->count++;
		if (entry->pair->value &&
		    read_path(entry->pair->value, &entry->path, err))
			return error_wrap(
			    err, "preloaded_certs.%s", entry->pair->key);
	}
	for (size_t i = 0; i < preloaded->count; i++) {
		struct entry *entry = &preloaded->entries[i];

		if (!entry->path && resolve_list(preloaded, entry, err))
			return error_wrap(
			    err, "preloaded_certs.%s", entry->pair->key);
	}
	return ERROR_NONE;
}

enum error_code
preloaded_create(const struct config_map *map, struct preloaded **ret_preloaded,
    struct error *err)
{
	CLEANUP(preloaded)
	struct preloaded *preloaded = calloc(1, sizeof(*preloaded));

	if (!preloaded)
		return error_no_memory(err);
	if (read_entries(preloaded, map, err))
		return err->code;
	*ret_preloaded = TAKE(preloaded);
	return ERROR_NONE;
}

const char *
preloaded_path(const struct preloaded *preloaded, const char *id)
{
	const struct entry *entry = find(preloaded, id);

	return entry ? entry->path : NULL;
}

const struct preloaded_members *
preloaded_list(const struct preloaded *preloaded, const char *id)
{
	const struct entry *entry = find(preloaded, id);

	return entry && !entry->path ? &entry->members : NULL;
}

size_t
preloaded_count(const struct preloaded *preloaded)
{
	return preloaded->count;
}

const char *
preloaded_id(const struct preloaded *preloaded, size_t number)
{
	return preloaded->entries[number].pair->key;
}
