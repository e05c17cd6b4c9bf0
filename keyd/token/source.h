/* SPDX-License-Identifier: MIT */
/*
 * From the URI of a key or a token to the token. Several URIs may name one
 * token: they share its sessions and its login.
 */
#ifndef KEYD_SOURCE_H
#define KEYD_SOURCE_H

#include "common/uri.h"
#include "token.h"

struct sources;
struct source;

struct source_settings {
	const char *module, *module_args; /* as modules_create() */
	struct visit_limits limits;
	unsigned sessions; /* as token_create() */
	const char *state; /* as refusals_create() */
};

MUST_CHECK enum error_code sources_create(
    const struct source_settings *settings, struct sources **ret_sources,
    struct error *err);

/*
 * Closes every token, unless a call hangs: then all stays as it is, as the
 * call may return. NULL is allowed.
 */
void sources_free(struct sources *sources);
DEFINE_CLEANUP(sources, struct sources, sources_free)

/*
 * The source for a pkcs11 URI, made when it is first asked for. It stays until
 * sources_free(). Fails with ERROR_INVALID: no pkcs11 URI.
 */
MUST_CHECK enum error_code source_get(struct sources *sources, const char *uri,
    struct source **ret_source, struct error *err);

/* Borrowed. */
const struct uri *source_uri(const struct source *source);

/*
 * The token that the URI names. It is looked for until it is found once, with
 * a pause after each vain attempt. Fails as slot_find() does, and if another
 * thread's search does not come back.
 */
MUST_CHECK enum error_code source_token(struct sources *sources,
    struct source *source, struct token **ret_token, struct error *err);

/* As source_token(), but if it was not found yet: NULL. */
struct token *source_known(struct source *source);

#define SOURCES_TOKENS_MAX 32

/*
 * How the tokens are that were found so far, in the order in which they were;
 * their number. Asks nothing of the tokens.
 */
size_t sources_figures(struct sources *sources,
    struct token_figures ret_figures[SOURCES_TOKENS_MAX]);

/* Which call hangs, as ERROR_UNAVAILABLE; ERROR_NONE if none does. */
MUST_CHECK enum error_code sources_hang(
    struct sources *sources, struct error *err);

/*
 * False if the token of own (or, if that is NULL, every token) hangs, as
 * token_is_alive() says, or if opening or looking for one in its module takes
 * longer than any token may. A restart would take the others from those who
 * use them.
 */
bool sources_are_alive(struct sources *sources, struct source *own);

#endif
