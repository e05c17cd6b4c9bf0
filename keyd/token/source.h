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
	unsigned sessions;                /* as token_create() */
};

MUST_CHECK enum error_code sources_create(
    const struct source_settings *settings, struct sources **ret_sources,
    struct error *err);

/* Closes every token. NULL is allowed. */
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
 * a pause after each vain attempt. Fails as slot_find() does.
 */
MUST_CHECK enum error_code source_token(struct sources *sources,
    struct source *source, struct token **ret_token, struct error *err);

#endif
