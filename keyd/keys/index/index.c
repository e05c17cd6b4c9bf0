/* SPDX-License-Identifier: MIT */
#include "index.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "index_file.h"

struct index {
	char *path;
	pthread_mutex_t writing; /* one change at a time, also on the disk */
	pthread_mutex_t mutex;   /* for state; never held during I/O */
	struct index_state state;
};

void
index_close(struct index *index)
{
	if (!index)
		return;
	index_state_done(&index->state);
	pthread_mutex_destroy(&index->mutex);
	pthread_mutex_destroy(&index->writing);
	free(index->path);
	free(index);
}

enum error_code
index_open(const char *path, struct index **ret_index, struct error *err)
{
	CLEANUP(index) struct index *index = calloc(1, sizeof(*index));

	if (!index)
		return error_no_memory(err);
	pthread_mutex_init(&index->writing, NULL);
	pthread_mutex_init(&index->mutex, NULL);
	index->path = strdup(path);
	if (!index->path)
		return error_no_memory(err);
	if (index_file_read(path, &index->state, err))
		return err->code;
	*ret_index = TAKE(index);
	return ERROR_NONE;
}

/* ---- lists of records, in order of their ids, then kinds ---- */

struct index_key {
	enum key_kind kind;
	const char *id;
};

static int
compare(const void *left, const void *right)
{
	const struct index_key *key = left;
	const struct index_record *record = right;
	int order = strcmp(key->id, record->id);

	return order ? order : (int)key->kind - (int)record->kind;
}

static struct index_record *
find(const struct index_list *list, enum key_kind kind, const char *id)
{
	const struct index_key key = {kind, id};

	if (list->count == 0)
		return NULL;
	return bsearch(
	    &key, list->items, list->count, sizeof(*list->items), compare);
}

/* A copy with room for one record more. */
static enum error_code
copy_list(const struct index_list *list, struct index_list *ret_copy,
    struct error *err)
{
	struct index_record *items = calloc(list->count + 1, sizeof(*items));

	if (!items)
		return error_no_memory(err);
	if (list->count > 0)
		memcpy(items, list->items, list->count * sizeof(*items));
	ret_copy->count = list->count;
	ret_copy->items = items;
	return ERROR_NONE;
}

static void
erase(struct index_list *list, const struct index_record *record)
{
	size_t position = (size_t)(record - list->items);

	list->count--;
	memmove(list->items + position, list->items + position + 1,
	    (list->count - position) * sizeof(*list->items));
}

static void
insert(struct index_list *list, const struct index_record *record)
{
	const struct index_key key = {record->kind, record->id};
	size_t position = 0;

	while (
	    position < list->count && compare(&key, &list->items[position]) > 0)
		position++;
	memmove(list->items + position + 1, list->items + position,
	    (list->count - position) * sizeof(*list->items));
	list->items[position] = *record;
	list->count++;
}

/* What identifies an object; it need not have an id. */
static struct index_record
object_of(enum key_kind kind, const char *serial, const struct key_tag *tag,
    const char *label)
{
	struct index_record object = {.kind = kind, .tag = *tag};

	(void)snprintf(object.serial, sizeof(object.serial), "%s", serial);
	(void)snprintf(object.label, sizeof(object.label), "%s", label);
	return object;
}

static bool
is_same_object(
    const struct index_record *known, const struct index_record *object)
{
	/* In the middle of a move the object may already have the new label. */
	return known->kind == object->kind &&
	       known->in_file == object->in_file &&
	       strcmp(known->serial, object->serial) == 0 &&
	       key_tag_equal(&known->tag, &object->tag) &&
	       (strcmp(known->label, object->label) == 0 ||
		   strcmp(known->id, object->label) == 0);
}

static struct index_record *
find_object(const struct index_list *list, const struct index_record *object)
{
	for (size_t i = 0; i < list->count; i++)
		if (is_same_object(&list->items[i], object))
			return &list->items[i];
	return NULL;
}

/* ---- reading ---- */

bool
index_get(struct index *index, enum key_kind kind, const char *id,
    struct index_record *ret_record)
{
	const struct index_record *record;

	pthread_mutex_lock(&index->mutex);
	record = find(&index->state.keys, kind, id);
	if (record)
		*ret_record = *record;
	pthread_mutex_unlock(&index->mutex);
	return record;
}

bool
index_owns(struct index *index, enum key_kind kind, const char *serial,
    const struct key_tag *tag, const char *label)
{
	struct index_record object = object_of(kind, serial, tag, label);
	bool owns;

	pthread_mutex_lock(&index->mutex);
	owns = find_object(&index->state.keys, &object) ||
	       find_object(&index->state.doomed, &object);
	pthread_mutex_unlock(&index->mutex);
	return owns;
}

static enum error_code
copy_locked(struct index *index, const struct index_list *list,
    struct index_list *ret_list, struct error *err)
{
	enum error_code code;

	pthread_mutex_lock(&index->mutex);
	code = copy_list(list, ret_list, err);
	pthread_mutex_unlock(&index->mutex);
	return code;
}

size_t
index_count(struct index *index)
{
	size_t count;

	pthread_mutex_lock(&index->mutex);
	count = index->state.keys.count;
	pthread_mutex_unlock(&index->mutex);
	return count;
}

enum error_code
index_list(struct index *index, struct index_list *ret_list, struct error *err)
{
	return copy_locked(index, &index->state.keys, ret_list, err);
}

enum error_code
index_list_doomed(
    struct index *index, struct index_list *ret_list, struct error *err)
{
	return copy_locked(index, &index->state.doomed, ret_list, err);
}

/* ---- changing: on a copy, which then takes the place of the state ---- */

typedef enum error_code change(
    struct index_state *state, const void *argument, struct error *err);

static enum error_code
copy_state(
    struct index *index, struct index_state *ret_state, struct error *err)
{
	struct index_state state = {0};

	if (copy_list(&index->state.keys, &state.keys, err))
		return err->code;
	if (copy_list(&index->state.doomed, &state.doomed, err)) {
		index_state_done(&state);
		return err->code;
	}
	*ret_state = state;
	return ERROR_NONE;
}

static enum error_code
apply_and_write(
    struct index *index, change *apply, const void *argument, struct error *err)
{
	CLEANUP_DONE(index_state) struct index_state next = {0};
	struct index_state former;

	/* Nobody else writes, so the state may be read without its lock. */
	if (copy_state(index, &next, err) || apply(&next, argument, err) ||
	    index_file_write(index->path, &next, err))
		return err->code;

	pthread_mutex_lock(&index->mutex);
	former = index->state;
	index->state = next;
	pthread_mutex_unlock(&index->mutex);
	next = former;
	return ERROR_NONE;
}

static enum error_code
update(
    struct index *index, change *apply, const void *argument, struct error *err)
{
	enum error_code code;

	pthread_mutex_lock(&index->writing);
	code = apply_and_write(index, apply, argument, err);
	pthread_mutex_unlock(&index->writing);
	return code;
}

/* Takes it out; what it named is to be destroyed. */
static void
doom(struct index_state *state, enum key_kind kind, const char *id)
{
	const struct index_record *record = find(&state->keys, kind, id);

	if (!record)
		return;
	insert(&state->doomed, record);
	erase(&state->keys, record);
}

static enum error_code
check_free(const struct index_state *state, const struct index_record *record,
    struct error *err)
{
	const struct index_record *owner = find_object(&state->keys, record);

	if ((owner && owner != find(&state->keys, record->kind, record->id)) ||
	    find_object(&state->doomed, record))
		return error_set(err, ERROR_EXISTS,
		    "the object of '%s' belongs to another id", record->id);
	return ERROR_NONE;
}

static enum error_code
put(struct index_state *state, const void *argument, struct error *err)
{
	const struct index_record *record = argument;
	struct index_record *former =
	    find(&state->keys, record->kind, record->id);

	if (check_free(state, record, err))
		return err->code;
	if (former)
		*former = *record;
	else
		insert(&state->keys, record);
	return ERROR_NONE;
}

enum error_code
index_put(
    struct index *index, const struct index_record *record, struct error *err)
{
	return update(index, put, record, err);
}

static enum error_code
replace(struct index_state *state, const void *argument, struct error *err)
{
	const struct index_record *record = argument;
	const struct index_record *former =
	    find(&state->keys, record->kind, record->id);

	if (former && !is_same_object(former, record))
		doom(state, record->kind, record->id);
	return put(state, argument, err);
}

enum error_code
index_replace(
    struct index *index, const struct index_record *record, struct error *err)
{
	return update(index, replace, record, err);
}

struct move {
	const char *from;
	const char *to;
};

static enum error_code
move(struct index_state *state, const void *argument, struct error *err)
{
	const struct move *ids = argument;
	const struct index_record *source =
	    find(&state->keys, KEY_PAIR, ids->from);
	struct index_record moved;

	if (!source)
		return error_set(
		    err, ERROR_NOT_FOUND, "no key '%s'", ids->from);
	moved = *source;
	erase(&state->keys, source);
	doom(state, KEY_PAIR, ids->to);
	(void)memcpy(moved.id, ids->to, strlen(ids->to) + 1);
	insert(&state->keys, &moved);
	return ERROR_NONE;
}

enum error_code
index_move(
    struct index *index, const char *from, const char *to, struct error *err)
{
	struct move ids = {from, to};

	return update(index, move, &ids, err);
}

static enum error_code
remove_key(struct index_state *state, const void *argument, struct error *err)
{
	const struct index_key *key = argument;

	(void)err;
	doom(state, key->kind, key->id);
	return ERROR_NONE;
}

enum error_code
index_remove(
    struct index *index, enum key_kind kind, const char *id, struct error *err)
{
	const struct index_key key = {kind, id};

	return update(index, remove_key, &key, err);
}

static enum error_code
forget_doomed(
    struct index_state *state, const void *argument, struct error *err)
{
	const struct index_record *doomed =
	    find_object(&state->doomed, argument);

	(void)err;
	if (doomed)
		erase(&state->doomed, doomed);
	return ERROR_NONE;
}

enum error_code
index_forget_doomed(
    struct index *index, const struct index_record *record, struct error *err)
{
	return update(index, forget_doomed, record, err);
}
