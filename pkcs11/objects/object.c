/* SPDX-License-Identifier: MIT */
#include "object.h"

void
object_table_done(struct object_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		key_done(&table->items[i].key);
	free(table->items);
	*table = (struct object_table){0};
}

/* Files key in the table, which has room for one more. Takes the key. */
static void
file_key(struct object_table *table, struct key *key)
{
	struct object_entry *place = NULL;

	for (size_t i = 0; i < table->count; i++) {
		struct object_entry *entry = &table->items[i];

		if (key_equals(&entry->key, key))
			place = entry;
		else if (strcmp(entry->key.id, key->id) == 0)
			entry->gone = true;
	}
	if (!place)
		place = &table->items[table->count++];
	else
		key_done(&place->key);
	*place =
	    (struct object_entry){.key = TAKE_CONTENTS(*key), .listed = true};
}

CK_RV
object_table_update(struct object_table *table, struct key_list *keys)
{
	size_t room = table->count + keys->count + 1;
	struct object_entry *items =
	    realloc(table->items, room * sizeof(*items));

	if (!items)
		return CKR_HOST_MEMORY;
	table->items = items;
	for (size_t i = 0; i < table->count; i++)
		items[i].listed = false;
	for (size_t i = 0; i < keys->count; i++)
		file_key(table, &keys->items[i]);
	key_list_done(keys);
	return CKR_OK;
}

size_t
object_table_size(const struct object_table *table)
{
	return 2 * table->count;
}

struct object
object_of_secret(const struct secret *secret)
{
	return (struct object){
	    .handle = secret->handle,
	    .class = CKO_SECRET_KEY,
	    .secret = secret,
	};
}

/* The key of this id in the latest list; NULL: none. */
static const struct key *
key_find(const struct object_table *table, const char *id)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->items[i].listed &&
		    strcmp(table->items[i].key.id, id) == 0)
			return &table->items[i].key;
	return NULL;
}

struct object
object_of_certificate(
    const struct object_table *table, const struct certificate *certificate)
{
	return (struct object){
	    .handle = certificate->handle,
	    .class = CKO_CERTIFICATE,
	    .key = key_find(table, certificate->key_id),
	    .certificate = certificate,
	};
}

/* Even places, hence odd handles, are private halves. */
static struct object
object_of(const struct object_table *table, size_t place)
{
	return (struct object){
	    .handle = place + 1,
	    .class = place % 2 ? CKO_PUBLIC_KEY : CKO_PRIVATE_KEY,
	    .key = &table->items[place / 2].key,
	};
}

bool
object_at(
    const struct object_table *table, size_t place, struct object *ret_object)
{
	if (!table->items[place / 2].listed)
		return false;
	*ret_object = object_of(table, place);
	return true;
}

void
object_forget(struct object_table *table, CK_OBJECT_HANDLE handle)
{
	struct object object;

	if (object_find(table, handle, &object) != CKR_OK)
		return;
	table->items[(handle - 1) / 2].gone = true;
	table->items[(handle - 1) / 2].listed = false;
}

CK_RV
object_find(const struct object_table *table, CK_OBJECT_HANDLE handle,
    struct object *ret_object)
{
	if (handle == 0 || handle > object_table_size(table) ||
	    table->items[(handle - 1) / 2].gone)
		return CKR_OBJECT_HANDLE_INVALID;
	*ret_object = object_of(table, handle - 1);
	return CKR_OK;
}
