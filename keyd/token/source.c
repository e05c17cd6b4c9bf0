/* SPDX-License-Identifier: MIT */
#include "source.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "common/deadline.h"
#include "common/time.h"

#define PAUSE_FIRST_MS 500
#define PAUSE_MAX_MS 5000

struct source {
	struct source *next;
	char *text;
	struct uri *uri;
	_Atomic(struct token *) token; /* NULL until it is found */

	/* with the lock of the sources */
	bool searching;
	int64_t pause_ms;
	int64_t retry_ms;
	struct error trouble;
};

struct sources {
	struct modules *modules;
	struct refusals *refusals;
	unsigned sessions;
	struct visit_limits limits;
	pthread_mutex_t mutex;  /* for the lists; not while searching */
	pthread_cond_t changed; /* a search has ended */
	struct source *first;
	size_t token_count;
	struct token *tokens[SOURCES_TOKENS_MAX];
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
	deadline_condition_init(&sources->changed);
	sources->limits = settings->limits;
	sources->sessions = settings->sessions;
	if (refusals_create(settings->state, &sources->refusals, err) ||
	    modules_create(settings->module, settings->module_args,
		&settings->limits, &sources->modules, err)) {
		sources_free(sources);
		return err->code;
	}
	*ret_sources = sources;
	return ERROR_NONE;
}

/* A call that hangs in a module, be it for a token or for a search. */
static enum error_code
module_trouble(struct sources *sources, struct error *err)
{
	struct module_list list;

	modules_list(sources->modules, &list);
	for (size_t i = 0; i < list.count; i++) {
		struct hang hang = module_hang(list.items[i]);

		if (!hang.function)
			continue;
		(void)error_set_hang(err, &hang);
		return error_wrap(
		    err, "PKCS#11 module '%s'", module_path(list.items[i]));
	}
	return ERROR_NONE;
}

void
sources_free(struct sources *sources)
{
	struct error hang;

	if (!sources || (sources->modules && module_trouble(sources, &hang)))
		return;
	for (size_t i = 0; i < sources->token_count; i++)
		token_free(sources->tokens[i]);
	modules_free(sources->modules);
	refusals_free(sources->refusals);
	for (struct source *source = sources->first, *next; source;
	     source = next) {
		next = source->next;
		source_free(source);
	}
	pthread_cond_destroy(&sources->changed);
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
	if (sources->token_count == SOURCES_TOKENS_MAX)
		return error_set(err, ERROR_UNAVAILABLE, "too many tokens");
	if (token_create(
		slot, sources->sessions, sources->refusals, ret_token, err))
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
search(struct sources *sources, const struct source *source, bool again,
    struct slot *ret_slot, struct error *err)
{
	CLEANUP(string) char *text = uri_public_text(source->uri);

	if (!text)
		return error_no_memory(err);
	if (again)
		refresh_modules(sources, source);
	return slot_find(
	    sources->modules, uri_pkcs11(source->uri), text, ret_slot, err);
}

static void
pause_locked(struct source *source, const struct error *err)
{
	source->trouble = *err;
	source->pause_ms =
	    source->pause_ms ? source->pause_ms * 2 : PAUSE_FIRST_MS;
	if (source->pause_ms > PAUSE_MAX_MS)
		source->pause_ms = PAUSE_MAX_MS;
	source->retry_ms = time_monotonic_ms() + source->pause_ms;
}

/* Searches, letting go of the lock meanwhile. */
static enum error_code
search_locked(struct sources *sources, struct source *source, struct error *err)
{
	bool again = source->pause_ms > 0;
	enum error_code code;
	struct token *token;
	struct slot slot;

	source->searching = true;
	pthread_mutex_unlock(&sources->mutex);
	code = search(sources, source, again, &slot, err);
	pthread_mutex_lock(&sources->mutex);
	source->searching = false;
	if (code == ERROR_NONE)
		code = token_of_slot(sources, &slot, &token, err);
	pthread_cond_broadcast(&sources->changed);
	if (code) {
		pause_locked(source, err);
		return code;
	}
	token_offer_pin(token, source->uri);
	atomic_store(&source->token, token);
	return ERROR_NONE;
}

/* Waits for another thread's search, unless that hangs. */
static enum error_code
await_search_locked(
    struct sources *sources, const struct source *source, struct error *err)
{
	struct timespec deadline = deadline_after_ms(sources->limits.call_ms);

	while (source->searching) {
		if (module_trouble(sources, err))
			return err->code;
		if (!deadline_wait_a_little(
			&sources->changed, &sources->mutex, &deadline))
			return error_set(err, ERROR_UNAVAILABLE,
			    "the token is still being looked for");
	}
	return ERROR_NONE;
}

static enum error_code
find_locked(struct sources *sources, struct source *source, struct error *err)
{
	if (await_search_locked(sources, source, err))
		return err->code;
	if (atomic_load(&source->token))
		return ERROR_NONE;
	if (time_monotonic_ms() < source->retry_ms) {
		*err = source->trouble;
		return err->code;
	}
	return search_locked(sources, source, err);
}

enum error_code
source_token(struct sources *sources, struct source *source,
    struct token **ret_token, struct error *err)
{
	struct token *token = atomic_load(&source->token);
	enum error_code code;

	if (!token) {
		pthread_mutex_lock(&sources->mutex);
		code = find_locked(sources, source, err);
		pthread_mutex_unlock(&sources->mutex);
		if (code)
			return code;
		token = atomic_load(&source->token);
	}
	*ret_token = token;
	return ERROR_NONE;
}

struct token *
source_known(struct source *source)
{
	return atomic_load(&source->token);
}

size_t
sources_figures(struct sources *sources,
    struct token_figures ret_figures[SOURCES_TOKENS_MAX])
{
	size_t count;

	pthread_mutex_lock(&sources->mutex);
	count = sources->token_count;
	for (size_t i = 0; i < count; i++)
		token_figures(sources->tokens[i], &ret_figures[i]);
	pthread_mutex_unlock(&sources->mutex);
	return count;
}

/* True if one token answers, or if there is none. */
static bool
any_token_is_alive(struct sources *sources)
{
	bool alive;

	pthread_mutex_lock(&sources->mutex);
	alive = sources->token_count == 0;
	for (size_t i = 0; !alive && i < sources->token_count; i++)
		alive = token_is_alive(sources->tokens[i]);
	pthread_mutex_unlock(&sources->mutex);
	return alive;
}

static bool
any_module_is_alive(struct sources *sources)
{
	struct module_list list;
	bool alive;

	modules_list(sources->modules, &list);
	alive = list.count == 0;
	for (size_t i = 0; !alive && i < list.count; i++)
		alive = !module_is_stuck(list.items[i]);
	return alive;
}

/* Before the token is found, it may be in any module. */
static bool
no_module_is_stuck(struct sources *sources)
{
	struct module_list list;
	bool alive = true;

	modules_list(sources->modules, &list);
	for (size_t i = 0; alive && i < list.count; i++)
		alive = !module_is_stuck(list.items[i]);
	return alive;
}

bool
sources_are_alive(struct sources *sources, struct source *own)
{
	struct token *token = own ? source_known(own) : NULL;

	if (token)
		return token_is_alive(token) &&
		       !module_is_stuck(token_slot(token)->module);
	if (own)
		return no_module_is_stuck(sources);
	return any_token_is_alive(sources) && any_module_is_alive(sources);
}

enum error_code
sources_hang(struct sources *sources, struct error *err)
{
	enum error_code code = ERROR_NONE;

	pthread_mutex_lock(&sources->mutex);
	for (size_t i = 0; code == ERROR_NONE && i < sources->token_count; i++)
		code = token_hang(sources->tokens[i], err);
	pthread_mutex_unlock(&sources->mutex);
	return code ? code : module_trouble(sources, err);
}
