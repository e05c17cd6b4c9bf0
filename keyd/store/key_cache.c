/* SPDX-License-Identifier: MIT */
#include "key_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	struct entry *next;
	char *uri;
	char *label;
	struct key_tag tag;
	unsigned generation;
	CK_OBJECT_HANDLE signer;
	struct key_facts facts;
};

struct key_cache {
	pthread_mutex_t mutex;
	struct entry *first;
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

static void
entry_free(struct entry *entry)
{
	free(entry->uri);
	free(entry->label);
	free(entry);
}
DEFINE_CLEANUP(entry, struct entry, entry_free)

void
key_cache_free(struct key_cache *cache)
{
	if (!cache)
		return;
	for (struct entry *entry = cache->first, *next; entry; entry = next) {
		next = entry->next;
		entry_free(entry);
	}
	pthread_mutex_destroy(&cache->mutex);
	free(cache);
}

/* A URI may leave it to the label which key is meant, and so may a tag. */
static bool
is_named(const struct entry *entry, const struct key_name *name)
{
	if (!entry->uri != !name->uri)
		return false;
	if (entry->uri && strcmp(entry->uri, name->uri) != 0)
		return false;
	return key_tag_equal(&entry->tag, &name->tag) &&
	       strcmp(entry->label, name->label) == 0;
}

static struct entry **
find(struct key_cache *cache, const struct key_name *name)
{
	struct entry **link = &cache->first;

	while (*link && !is_named(*link, name))
		link = &(*link)->next;
	return link;
}

bool
key_cache_get(struct key_cache *cache, const struct key_name *name,
    unsigned generation, CK_OBJECT_HANDLE *ret_signer,
    struct key_facts *ret_facts)
{
	const struct entry *entry;
	bool current;

	pthread_mutex_lock(&cache->mutex);
	entry = *find(cache, name);
	current = entry && entry->generation == generation;
	if (current && ret_signer)
		*ret_signer = entry->signer;
	if (current && ret_facts)
		*ret_facts = entry->facts;
	pthread_mutex_unlock(&cache->mutex);
	return current;
}

static bool
copy_name(struct entry *entry, const struct key_name *name)
{
	entry->uri = name->uri ? strdup(name->uri) : NULL;
	entry->label = strdup(name->label);
	entry->tag = name->tag;
	return entry->label && !entry->uri == !name->uri;
}

static enum error_code
entry_create(const struct key_name *name, unsigned generation,
    CK_OBJECT_HANDLE signer, const struct key_facts *facts,
    struct entry **ret_entry, struct error *err)
{
	CLEANUP(entry) struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry || !copy_name(entry, name))
		return error_no_memory(err);
	entry->generation = generation;
	entry->signer = signer;
	entry->facts = *facts;
	*ret_entry = TAKE(entry);
	return ERROR_NONE;
}

static void
unlink_entry(struct entry **link)
{
	struct entry *entry = *link;

	*link = entry->next;
	entry_free(entry);
}

enum error_code
key_cache_put(struct key_cache *cache, const struct key_name *name,
    unsigned generation, CK_OBJECT_HANDLE signer, const struct key_facts *facts,
    bool *ret_kept, struct error *err)
{
	struct entry *entry, **link;

	if (entry_create(name, generation, signer, facts, &entry, err))
		return err->code;

	pthread_mutex_lock(&cache->mutex);
	link = find(cache, name);
	*ret_kept = !*link || (*link)->generation != generation;
	if (*ret_kept) {
		if (*link)
			unlink_entry(link);
		entry->next = cache->first;
		cache->first = entry;
	}
	pthread_mutex_unlock(&cache->mutex);
	if (!*ret_kept)
		entry_free(entry);
	return ERROR_NONE;
}

void
key_cache_drop(struct key_cache *cache, const struct key_name *name)
{
	struct entry **link;

	pthread_mutex_lock(&cache->mutex);
	for (link = &cache->first; *link;) {
		const struct entry *entry = *link;
		bool same = name->tag.length > 0 &&
			    key_tag_equal(&entry->facts.tag, &name->tag);

		if (same || is_named(entry, name))
			unlink_entry(link);
		else
			link = &(*link)->next;
	}
	pthread_mutex_unlock(&cache->mutex);
}
