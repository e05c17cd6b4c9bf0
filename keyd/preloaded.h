/* SPDX-License-Identifier: MIT */
/* The keys that the configuration names, and in which tokens they are. */
#ifndef KEYD_PRELOADED_H
#define KEYD_PRELOADED_H

#include "config.h"
#include "keys.h"

struct preloaded {
	struct keys_preloaded *keys; /* ids and URIs are borrowed */
	size_t count;
	unsigned other_places; /* than place 0 */
};

void preloaded_done(struct preloaded *preloaded);

/*
 * Lists those of config, which must outlive *ret_preloaded. What their URIs
 * say of tokens decides which are together: a token that goes by two names is
 * two places.
 */
MUST_CHECK enum error_code preloaded_read(const struct keyd_config *config,
    struct preloaded *ret_preloaded, struct error *err);

/*
 * Where the key is: 0 is keyd's own token, or, if keyd has none, where the
 * first preloaded key is; the others are numbered from 1 on. All files are one
 * place. What is not preloaded is in place 0.
 */
unsigned preloaded_place(const struct preloaded *preloaded, const char *id);

#endif
