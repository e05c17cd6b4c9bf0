/* SPDX-License-Identifier: MIT */
#include "certificate_cache.h"

#include <stdlib.h>
#include <string.h>

#include "certificate_info.h"

static void
clear_slot(struct certificate_cache *cache, size_t slot)
{
	X509_free(cache->slots[slot].certificate);
	free(cache->slots[slot].der);
	memset(&cache->slots[slot], 0, sizeof(cache->slots[slot]));
}

void
certificate_cache_done(struct certificate_cache *cache)
{
	for (size_t i = 0; i < CERTIFICATE_CACHE_SLOTS; i++)
		clear_slot(cache, i);
}

/* FNV-1a; who else comes to the same slot takes it over. */
static size_t
slot_of(const unsigned char *der, size_t length)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ der[i]) * UINT64_C(0x100000001b3);
	return (size_t)(hash % CERTIFICATE_CACHE_SLOTS);
}

/* A cache that has no memory just does not remember. */
static void
remember(struct certificate_cache *cache, size_t slot, const void *der,
    size_t length, X509 *certificate)
{
	void *copy = malloc(length);

	if (!copy)
		return;
	memcpy(copy, der, length);
	clear_slot(cache, slot);
	(void)X509_up_ref(certificate);
	cache->slots[slot].certificate = certificate;
	cache->slots[slot].der = copy;
	cache->slots[slot].length = length;
}

enum error_code
certificate_cache_read(struct certificate_cache *cache, const void *der,
    size_t length, X509 **ret_certificate, struct error *err)
{
	size_t slot = slot_of(der, length);
	X509 *known = cache->slots[slot].certificate;

	if (known && cache->slots[slot].length == length &&
	    memcmp(cache->slots[slot].der, der, length) == 0) {
		(void)X509_up_ref(known);
		*ret_certificate = known;
		return ERROR_NONE;
	}
	if (certificate_from_der(der, length, ret_certificate, err))
		return err->code;
	remember(cache, slot, der, length, *ret_certificate);
	return ERROR_NONE;
}
