/* SPDX-License-Identifier: MIT */
#include "chains.h"

#include <pthread.h>
#include <string.h>

struct kept {
	char *pem;
	x509_stack *chain;
	struct lint_notes links;
};

struct chains {
	pthread_mutex_t lock;
	size_t count;
	size_t next; /* whose place the next one takes when all are taken */
	struct kept items[CHAINS_MAX];
};

static void
kept_done(struct kept *kept)
{
	free(kept->pem);
	x509_stack_free(kept->chain);
	lint_notes_done(&kept->links);
	*kept = (struct kept){0};
}

enum error_code
chains_create(struct chains **ret_chains, struct error *err)
{
	struct chains *chains = calloc(1, sizeof(*chains));

	if (!chains)
		return error_no_memory(err);
	(void)pthread_mutex_init(&chains->lock, NULL);
	*ret_chains = chains;
	return ERROR_NONE;
}

void
chains_free(struct chains *chains)
{
	if (!chains)
		return;
	for (size_t i = 0; i < chains->count; i++)
		kept_done(&chains->items[i]);
	(void)pthread_mutex_destroy(&chains->lock);
	free(chains);
}

/* Another owner for what kept has of a chain. */
static enum error_code
share(const struct kept *kept, x509_stack **ret_chain,
    struct lint_notes *ret_links, struct error *err)
{
	CLEANUP(x509_stack) x509_stack *chain = X509_chain_up_ref(kept->chain);
	CLEANUP_DONE(lint_notes) struct lint_notes links = {0, NULL};

	if (!chain)
		return error_no_memory(err);
	for (size_t i = 0; i < kept->links.count; i++)
		if (lint_note(&links, err, "%s", kept->links.items[i]))
			return err->code;
	*ret_chain = TAKE(chain);
	*ret_links = TAKE_CONTENTS(links);
	return ERROR_NONE;
}

/* Returns false if pem is not kept, or there is no memory. */
static bool
find(struct chains *chains, const char *pem, x509_stack **ret_chain,
    struct lint_notes *ret_links)
{
	bool is_found = false;
	struct error ignored;

	(void)pthread_mutex_lock(&chains->lock);
	for (size_t i = 0; i < chains->count && !is_found; i++)
		is_found = strcmp(chains->items[i].pem, pem) == 0 &&
			   share(&chains->items[i], ret_chain, ret_links,
			       &ignored) == ERROR_NONE;
	(void)pthread_mutex_unlock(&chains->lock);
	return is_found;
}

/* Takes the contents of kept, in the place of the oldest. */
static void
keep(struct chains *chains, struct kept *kept)
{
	(void)pthread_mutex_lock(&chains->lock);
	if (chains->count < CHAINS_MAX)
		chains->count++;
	kept_done(&chains->items[chains->next]);
	chains->items[chains->next] = TAKE_CONTENTS(*kept);
	chains->next = (chains->next + 1) % CHAINS_MAX;
	(void)pthread_mutex_unlock(&chains->lock);
}

enum error_code
chains_read(struct chains *chains, const char *pem, x509_stack **ret_chain,
    struct lint_notes *ret_links, struct error *err)
{
	CLEANUP_DONE(kept) struct kept kept = {0};

	if (find(chains, pem, ret_chain, ret_links))
		return ERROR_NONE;
	kept.pem = strdup(pem);
	if (!kept.pem)
		return error_no_memory(err);
	if (certificates_from_pem(pem, &kept.chain, err) ||
	    lint_links(kept.chain, &kept.links, err) ||
	    share(&kept, ret_chain, ret_links, err))
		return err->code;
	keep(chains, &kept);
	return ERROR_NONE;
}
