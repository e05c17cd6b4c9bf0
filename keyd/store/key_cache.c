/* SPDX-License-Identifier: MIT */
#include "key_cache.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#define BUCKETS 512 /* as many as keys that a token may list */

struct key_entry {
	struct key_entry *next;
	enum key_kind kind;
	char *uri;
	char *label;
	struct key_tag tag;
	unsigned generation;
	CK_OBJECT_HANDLE handle;
	struct key_facts facts;
	atomic_uint references;
	atomic_bool is_gone;
};

struct key_cache {
	pthread_mutex_t mutex;
	struct key_doom *doomed;
	struct key_entry *buckets[BUCKETS];
};

enum error_code
key_cache_create(struct key_cache **ret_cache, struct error *err)
{
	struct key_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return error_no_memory(err);
	pthread_mutex_init(&cache->mutex, NULL);
	*ret_cache = cache;
	return ERROR_NONE;
}

CK_OBJECT_HANDLE
key_entry_handle(const struct key_entry *entry)
{
	return entry->handle;
}

const struct key_facts *
key_entry_facts(const struct key_entry *entry)
{
	return &entry->facts;
}

bool
key_entry_is_gone(const struct key_entry *entry)
{
	return atomic_load(&entry->is_gone);
}

void
key_entry_release(struct key_entry *entry)
{
	if (!entry || atomic_fetch_sub(&entry->references, 1) > 1)
		return;
	free(entry->uri);
	free(entry->label);
	free(entry);
}

/* Takes it out of its bucket. */
static void
unlink_entry(struct key_entry **link)
{
	struct key_entry *entry = *link;

	*link = entry->next;
	atomic_store(&entry->is_gone, true);
	key_entry_release(entry);
}

void
key_cache_free(struct key_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while (cache->buckets[i])
			unlink_entry(&cache->buckets[i]);
	pthread_mutex_destroy(&cache->mutex);
	free(cache);
}

static uint32_t
hash_bytes(uint32_t hash, const void *data, size_t length)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ bytes[i]) * 16777619U; /* FNV-1a */
	return hash;
}

static struct key_entry **
bucket_of(struct key_cache *cache, const struct key_name *name)
{
	uint32_t hash = 2166136261U + name->kind;

	if (name->uri)
		hash = hash_bytes(hash, name->uri, strlen(name->uri));
	hash = hash_bytes(hash, name->label, strlen(name->label));
	hash = hash_bytes(hash, name->tag.data, name->tag.length);
	return &cache->buckets[hash % BUCKETS];
}

/* A URI may leave it to the label which key is meant, and so may a tag. */
static bool
is_named(const struct key_entry *entry, const struct key_name *name)
{
	if (entry->kind != name->kind || !entry->uri != !name->uri)
		return false;
	if (entry->uri && strcmp(entry->uri, name->uri) != 0)
		return false;
	return key_tag_equal(&entry->tag, &name->tag) &&
	       strcmp(entry->label, name->label) == 0;
}

static struct key_entry **
find(struct key_cache *cache, const struct key_name *name)
{
	struct key_entry **link = bucket_of(cache, name);

	while (*link && !is_named(*link, name))
		link = &(*link)->next;
	return link;
}

struct key_entry *
key_cache_get(
    struct key_cache *cache, const struct key_name *name, unsigned generation)
{
	struct key_entry *entry;

	pthread_mutex_lock(&cache->mutex);
	entry = *find(cache, name);
	if (entry && entry->generation != generation)
		entry = NULL;
	if (entry)
		atomic_fetch_add(&entry->references, 1);
	pthread_mutex_unlock(&cache->mutex);
	return entry;
}

static bool
copy_name(struct key_entry *entry, const struct key_name *name)
{
	entry->kind = name->kind;
	entry->uri = name->uri ? strdup(name->uri) : NULL;
	entry->label = strdup(name->label);
	entry->tag = name->tag;
	return entry->label && !entry->uri == !name->uri;
}

static enum error_code
entry_create(const struct key_name *name, unsigned generation,
    CK_OBJECT_HANDLE handle, const struct key_facts *facts,
    struct key_entry **ret_entry, struct error *err)
{
	CLEANUP(key_entry)
	struct key_entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return error_no_memory(err);
	atomic_init(&entry->references, 1);
	atomic_init(&entry->is_gone, false);
	if (!copy_name(entry, name))
		return error_no_memory(err);
	entry->generation = generation;
	entry->handle = handle;
	entry->facts = *facts;
	*ret_entry = TAKE(entry);
	return ERROR_NONE;
}

/* True if entry is, or may be, what name names. */
static bool
is_about(const struct key_entry *entry, const struct key_name *name)
{
	if (entry->kind != name->kind)
		return false;
	if (name->tag.length > 0 && entry->facts.tag.length > 0)
		return key_tag_equal(&entry->facts.tag, &name->tag);
	return is_named(entry, name);
}

static bool
is_doomed(const struct key_cache *cache, const struct key_entry *entry)
{
	for (const struct key_doom *doom = cache->doomed; doom;
	     doom = doom->next)
		if (is_about(entry, doom->name))
			return true;
	return false;
}

/* Puts entry, of which the caller keeps a reference, unless one is there. */
static struct key_entry *
put_locked(struct key_cache *cache, const struct key_name *name,
    struct key_entry *entry)
{
	struct key_entry **link = find(cache, name);

	if (*link && (*link)->generation == entry->generation) {
		atomic_fetch_add(&(*link)->references, 1);
		return *link;
	}
	if (*link)
		unlink_entry(link);
	link = bucket_of(cache, name);
	entry->next = *link;
	*link = entry;
	atomic_fetch_add(&entry->references, 2);
	return entry;
}

enum error_code
key_cache_put(struct key_cache *cache, const struct key_name *name,
    unsigned generation, CK_OBJECT_HANDLE handle, const struct key_facts *facts,
    struct key_entry **ret_entry, struct error *err)
{
	CLEANUP(key_entry) struct key_entry *entry = NULL;
	struct key_entry *kept = NULL;

	if (entry_create(name, generation, handle, facts, &entry, err))
		return err->code;
	pthread_mutex_lock(&cache->mutex);
	if (!is_doomed(cache, entry))
		kept = put_locked(cache, name, entry);
	pthread_mutex_unlock(&cache->mutex);
	if (!kept)
		return error_set(err, ERROR_NOT_FOUND,
		    "key '%s' is just being removed", name->label);
	*ret_entry = kept;
	return ERROR_NONE;
}

void
key_cache_forget(struct key_cache *cache, const struct key_entry *entry)
{
	const struct key_name name = {
	    .kind = entry->kind,
	    .uri = entry->uri,
	    .label = entry->label,
	    .tag = entry->tag,
	};
	struct key_entry **link;

	pthread_mutex_lock(&cache->mutex);
	link = find(cache, &name);
	if (*link == entry)
		unlink_entry(link);
	pthread_mutex_unlock(&cache->mutex);
}

static void
drop_locked(struct key_cache *cache, const struct key_name *name)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		struct key_entry **link = &cache->buckets[i];

		while (*link)
			if (is_named(*link, name) || is_about(*link, name))
				unlink_entry(link);
			else
				link = &(*link)->next;
	}
}

void
key_cache_drop(struct key_cache *cache, const struct key_name *name)
{
	pthread_mutex_lock(&cache->mutex);
	drop_locked(cache, name);
	pthread_mutex_unlock(&cache->mutex);
}

void
key_cache_doom(
    struct key_cache *cache, const struct key_name *name, struct key_doom *doom)
{
	doom->name = name;
	pthread_mutex_lock(&cache->mutex);
	doom->next = cache->doomed;
	cache->doomed = doom;
	drop_locked(cache, name);
	pthread_mutex_unlock(&cache->mutex);
}

void
key_cache_spare(struct key_cache *cache, struct key_doom *doom)
{
	struct key_doom **link = &cache->doomed;

	pthread_mutex_lock(&cache->mutex);
	while (*link != doom)
		link = &(*link)->next;
	*link = doom->next;
	pthread_mutex_unlock(&cache->mutex);
}
