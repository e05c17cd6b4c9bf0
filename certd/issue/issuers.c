/* SPDX-License-Identifier: MIT */
#include "issuers.h"

#include <pthread.h>
#include <string.h>

struct kept {
	char *key_id;
	char *chain_pem;
	struct issuer issuer;
};

struct issuers {
	pthread_mutex_t lock;
	size_t count;
	size_t next; /* whose place the next one takes when all are taken */
	struct kept items[ISSUERS_MAX];
};

void
issuer_done(struct issuer *issuer)
{
	x509_stack_free(issuer->chain);
	EVP_PKEY_free(issuer->key);
	*issuer = (struct issuer){NULL, NULL};
}

enum error_code
issuers_create(struct issuers **ret_issuers, struct error *err)
{
	struct issuers *issuers = calloc(1, sizeof(*issuers));

	if (!issuers)
		return error_no_memory(err);
	(void)pthread_mutex_init(&issuers->lock, NULL);
	*ret_issuers = issuers;
	return ERROR_NONE;
}

static void
kept_done(struct kept *kept)
{
	free(kept->key_id);
	free(kept->chain_pem);
	issuer_done(&kept->issuer);
	*kept = (struct kept){0};
}

void
issuers_free(struct issuers *issuers)
{
	if (!issuers)
		return;
	(void)issuers_forget(issuers);
	(void)pthread_mutex_destroy(&issuers->lock);
	free(issuers);
}

/* The one of key_id, or NULL. Under the lock. */
static struct kept *
kept_for(struct issuers *issuers, const char *key_id)
{
	for (size_t i = 0; i < issuers->count; i++)
		if (strcmp(issuers->items[i].key_id, key_id) == 0)
			return &issuers->items[i];
	return NULL;
}

/* Another owner for what issuer has. Returns false if there is no memory. */
static bool
share(const struct issuer *issuer, struct issuer *ret_issuer)
{
	x509_stack *chain = X509_chain_up_ref(issuer->chain);

	if (!chain)
		return false;
	(void)EVP_PKEY_up_ref(issuer->key);
	*ret_issuer = (struct issuer){chain, issuer->key};
	return true;
}

bool
issuers_find(struct issuers *issuers, const char *chain_pem, const char *key_id,
    struct issuer *ret_issuer)
{
	const struct kept *kept;
	bool is_found;

	(void)pthread_mutex_lock(&issuers->lock);
	kept = kept_for(issuers, key_id);
	is_found = kept && strcmp(kept->chain_pem, chain_pem) == 0 &&
		   share(&kept->issuer, ret_issuer);
	(void)pthread_mutex_unlock(&issuers->lock);
	return is_found;
}

/* Where the next one goes. Under the lock. */
static struct kept *
make_room(struct issuers *issuers, const char *key_id)
{
	struct kept *kept = kept_for(issuers, key_id);

	if (!kept && issuers->count < ISSUERS_MAX)
		return &issuers->items[issuers->count++];
	if (!kept) {
		kept = &issuers->items[issuers->next];
		issuers->next = (issuers->next + 1) % ISSUERS_MAX;
	}
	kept_done(kept);
	return kept;
}

void
issuers_keep(struct issuers *issuers, const char *chain_pem, const char *key_id,
    const struct issuer *issuer)
{
	CLEANUP_DONE(kept)
	struct kept kept = {
	    .key_id = strdup(key_id),
	    .chain_pem = strdup(chain_pem),
	    .issuer = {NULL, NULL}
        };

	if (!kept.key_id || !kept.chain_pem || !share(issuer, &kept.issuer))
		return;
	(void)pthread_mutex_lock(&issuers->lock);
	*make_room(issuers, key_id) = TAKE_CONTENTS(kept);
	(void)pthread_mutex_unlock(&issuers->lock);
}

bool
issuers_forget(struct issuers *issuers)
{
	bool had_some;

	(void)pthread_mutex_lock(&issuers->lock);
	had_some = issuers->count > 0;
	while (issuers->count > 0)
		kept_done(&issuers->items[--issuers->count]);
	(void)pthread_mutex_unlock(&issuers->lock);
	return had_some;
}
