/* SPDX-License-Identifier: MIT */
/*
 * Certificates that the configuration names: an id stands for a file, or for a
 * list of other ids (a trust bundle). Lists are resolved once, when they are
 * read, so that none can contain itself.
 */
#ifndef CERTD_PRELOADED_H
#define CERTD_PRELOADED_H

#include <stddef.h>

#include "common/config.h"

struct preloaded;

void preloaded_free(struct preloaded *preloaded);
DEFINE_CLEANUP(preloaded, struct preloaded, preloaded_free)

/*
 * Reads preloaded_certs, which must outlive the result.
 *
 * Fails with ERROR_INVALID, naming the id: not a file URI, or a list that
 * contains itself.
 */
MUST_CHECK enum error_code preloaded_create(const struct config_map *map,
    struct preloaded **ret_preloaded, struct error *err);

/* The path of id's file; NULL if id is no preloaded file. Borrowed. */
const char *preloaded_path(const struct preloaded *preloaded, const char *id);

struct preloaded_members {
	size_t count;
	const char **ids; /* files and stored certificates, never lists */
};

/* The members of list id, each once; NULL if id is no list. Borrowed. */
const struct preloaded_members *preloaded_list(
    const struct preloaded *preloaded, const char *id);

size_t preloaded_count(const struct preloaded *preloaded);

/* The id of the number-th entry, from 0 on. Borrowed. */
const char *preloaded_id(const struct preloaded *preloaded, size_t number);

#endif
