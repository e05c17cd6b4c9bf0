/* SPDX-License-Identifier: MIT */
/*
 * The EST servers that are asked: which URLs lead to the same one, by host and
 * port. One that stalls is to hold up only what is asked of it.
 */
#ifndef CERTD_EST_SERVERS_H
#define CERTD_EST_SERVERS_H

#include <stddef.h>

#include "common/cleanup.h"
#include "common/error.h"

struct est_servers;

MUST_CHECK enum error_code est_servers_create(
    struct est_servers **ret_servers, struct error *err);

void est_servers_free(struct est_servers *servers);
DEFINE_CLEANUP(est_servers, struct est_servers, est_servers_free)

/* Adds the server of url, unless it is known. */
MUST_CHECK enum error_code est_servers_add(
    struct est_servers *servers, const char *url, struct error *err);

size_t est_servers_count(const struct est_servers *servers);

/* The number of the server of url, which was added; the first is 0. */
size_t est_servers_find(const struct est_servers *servers, const char *url);

#endif
