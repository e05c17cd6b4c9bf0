/* SPDX-License-Identifier: MIT */
#include "source.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "common/time.h"

#define TOKENS_MAX 32
#define PAUSE_FIRST_MS 500
#define PAUSE_MAX_MS 30000

struct source {
	struct source *next;
	char *text;
	struct uri *uri;
	_Atomic(struct token *) token; /* NULL until it is found */

	/* with the lock of the sources */
	int64_t pause_ms;
	int64_t retry_ms;
	struct error trouble;
};

struct sources {
	struct modules *modules;
	unsigned sessions;
	pthread_mutex_t mutex; /* for the list, and for searching */
	struct source *first;
	size_t token_count;
	struct token *tokens[TOKENS_MAX];
};

static void
source_free(struct source *source)
{
	uri_free(source->uri);
	free(source->text);
	free(source);
}
DEFINE_CLEANUP(source, struct source, source_free)

enum error_code
sources_create(const struct source_settings *settings,
    struct sources **ret_sources, struct error *err)
{
	struct sources *sources = calloc(1, sizeof(*sources));

	if (!sources)
		return error_no_memory(err);
	pthread_mutex_init(&sources->mutex, NULL);
	sources->sessions = settings->sessions;
	if (modules_create(settings->module, settings->module_args,
		&sources->modules, err)) {
		sources_free(sources);
		return err->code;
	}
	*ret_sources = sources;
	return ERROR_NONE;
}

void
sources_free(struct sources *sources)
{
	if (!sources)
		return;
	for (size_t i = 0; i < sources->token_count; i++)
		token_free(sources->tokens[i]);
	modules_free(sources->modules);
	for (struct source *source = sources->first, *next; source;
	     source = next) {
		next = source->next;
		source_free(source);
	}
	pthread_mutex_destroy(&sources->mutex);
	free(sources);
}

const struct uri *
source_uri(const struct source *source)
{
	return source->uri;
}

static enum error_code
source_create(const char *text, struct source **ret_source, struct error *err)
{
	CLEANUP(source) struct source *source = calloc(1, sizeof(*source));

	if (!source)
		return error_no_memory(err);
	atomic_init(&source->token, NULL);
	source->text = strdup(text);
	if (!source->text)
		return error_no_memory(err);
	if (uri_parse(text, &source->uri, err))
		return err->code;
	if (uri_kind(source->uri) != URI_PKCS11)
		return error_set(
		    err, ERROR_INVALID, "a token needs a pkcs11: URI");
	*ret_source = TAKE(source);
	return ERROR_NONE;
}

enum error_code
source_get(struct sources *sources, const char *uri, struct source **ret_source,
    struct error *err)
{
	enum error_code code = ERROR_NONE;
	struct source *source;

	pthread_mutex_lock(&sources->mutex);
	for (source = sources->first; source; source = source->next)
		if (strcmp(source->text, uri) == 0)
			break;
	if (!source) {
		code = source_create(uri, &source, err);
		if (code == ERROR_NONE) {
			source->next = sources->first;
			sources->first = source;
		}
	}
	pthread_mutex_unlock(&sources->mutex);
	if (code)
		return code;
	*ret_source = source;
	return ERROR_NONE;
}

/* The one struct token for what is in slot. */
static enum error_code
token_of_slot(struct sources *sources, const struct slot *slot,
    struct token **ret_token, struct error *err)
{
	for (size_t i = 0; i < sources->token_count; i++) {
		const struct slot *known = token_slot(sources->tokens[i]);

		if (known->module == slot->module &&
		    strcmp(known->serial, slot->serial) == 0 &&
		    strcmp(known->label, slot->label) == 0) {
			*ret_token = sources->tokens[i];
			return ERROR_NONE;
		}
	}
	if (sources->token_count == TOKENS_MAX)
		return error_set(err, ERROR_UNAVAILABLE, "too many tokens");
	if (token_create(slot, sources->sessions, ret_token, err))
		return err->code;
	sources->tokens[sources->token_count++] = *ret_token;
	return ERROR_NONE;
}

/*
 * SoftHSM lists the tokens that were there at C_Initialize, so a vain search
 * begins anew with modules in which nothing is open.
 */
static void
refresh_modules(struct sources *sources, const struct source *source)
{
	struct module_list list;
	struct error err;

	if (modules_find(
		sources->modules, uri_pkcs11(source->uri), &list, &err))
		return;
	for (size_t i = 0; i < list.count; i++)
		module_refresh(list.items[i]);
}

static enum error_code
search(struct sources *sources, struct source *source, struct error *err)
{
	CLEANUP(string) char *text = uri_public_text(source->uri);
	struct token *token;
	struct slot slot;

	if (!text)
		return error_no_memory(err);
	if (source->pause_ms > 0)
		refresh_modules(sources, source);
	if (slot_find(
		sources->modules, uri_pkcs11(source->uri), text, &slot, err) ||
	    token_of_slot(sources, &slot, &token, err))
		return err->code;
	token_offer_pin(token, source->uri);
	atomic_store(&source->token, token);
	return ERROR_NONE;
}

static enum error_code
search_with_pauses(
    struct sources *sources, struct source *source, struct error *err)
{
	if (atomic_load(&source->token))
		return ERROR_NONE;
	if (time_monotonic_ms() < source->retry_ms) {
		*err = source->trouble;
		return err->code;
	}
	if (search(sources, source, err) == ERROR_NONE)
		return ERROR_NONE;

	source->trouble = *err;
	source->pause_ms =
	    source->pause_ms ? source->pause_ms * 2 : PAUSE_FIRST_MS;
	if (source->pause_ms > PAUSE_MAX_MS)
		source->pause_ms = PAUSE_MAX_MS;
	source->retry_ms = time_monotonic_ms() + source->pause_ms;
	return err->code;
}

enum error_code
source_token(struct sources *sources, struct source *source,
    struct token **ret_token, struct error *err)
{
	struct token *token = atomic_load(&source->token);

	if (!token) {
		enum error_code code;

		pthread_mutex_lock(&sources->mutex);
		code = search_with_pauses(sources, source, err);
		pthread_mutex_unlock(&sources->mutex);
		if (code)
			return code;
		token = atomic_load(&source->token);
	}
	*ret_token = token;
	return ERROR_NONE;
}
