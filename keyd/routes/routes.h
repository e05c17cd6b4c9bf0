/* SPDX-License-Identifier: MIT */
/* The HTTP interface of keyd; docs/protocol-keyd.md describes it. */
#ifndef KEYD_ROUTES_H
#define KEYD_ROUTES_H

#include "common/http.h"
#include "handles.h"
#include "keys.h"
#include "preloaded.h"
#include "tpm_turn.h"

/* What the handlers work on; all pointers are borrowed. */
struct keyd {
	/*
	 * NULL if keyd cannot do its work; then trouble says why, and every
	 * route but GET /health answers with it.
	 */
	struct keys *keys;
	const struct handles *handles;
	const struct preloaded *preloaded; /* NULL: none */
	struct error trouble;
	struct tpm_turn *tpm;         /* how the TPM does; NULL: none */
	struct error tpm_trouble;     /* why there is none that should be */
	struct key_store *store;      /* for figures; NULL: none */
	struct index *index;          /* for figures; NULL: none */
	struct audit *audit;          /* for figures; NULL: none */
	struct http_metrics *metrics; /* NULL: requests are not counted */
};

extern const struct http_route keyd_routes[];
extern const size_t keyd_route_count;

/* The interface on top of keyd, which must outlive it. */
struct http_service keyd_service(struct keyd *keyd);

#endif
