/* SPDX-License-Identifier: MIT */
/* What a handler gets: the service, one request, and the reply to fill. */
#ifndef CLOUD_CLOUD_H
#define CLOUD_CLOUD_H

#include "common/openssl.h"
#include "database.h"
#include "fault.h"
#include "form.h"
#include "message_store.h"
#include "quirks.h"
#include "reply.h"
#include "session.h"
#include "target.h"
#include "webhook_calls.h"

#define CLOUD_HUBS_MAX 8

/* A hub that devices may be assigned to, and how far off it is. */
struct cloud_hub {
	const char *name;
	unsigned latency_ms;
};

/* How the service behaves where Azure's ways are in doubt or in the way. */
struct cloud_options {
	size_t hub_count; /* at least 1 */
	struct cloud_hub hubs[CLOUD_HUBS_MAX];
	const char *webhook_ca;   /* PEM file; NULL: the system's roots */
	unsigned webhook_seconds; /* that one may take; 0: 5 */
	const char *tls_version;  /* "1.2" or "1.3" only; NULL: both */
	unsigned retry_after_seconds;
	unsigned assign_rounds;   /* answers "assigning" before "assigned" */
	bool lenient_etags;       /* a PUT without If-Match may update */
	bool disabled_is_success; /* a disabled device gets 200 "disabled" */
	unsigned est_lifetime_seconds; /* of issued certificates; 0: 30 days */
	struct quirks quirks;
};

/* The service. One thread at a time may use it. */
struct cloud {
	struct database *database;
	const char *id_scope;
	struct cloud_options options;
	/* Opened when first needed; whoever owns cloud closes it. */
	struct est_ca *est_ca;
	struct sessions sessions;           /* of the portal */
	struct webhook_calls webhook_calls; /* likewise to be ended */
};

/* Headers that a handler may want; NULL if absent. */
struct request_headers {
	const char *host;
	const char *authorization;
	const char *if_match;
	const char *content_type;
	const char *cookie;
	const char *origin;
	const char *page_size;                /* x-ms-max-item-count */
	const char *continuation;             /* x-ms-continuation */
	struct message_properties properties; /* borrowed */
};

/* One request. Everything is borrowed. */
struct request {
	const char *method;
	const char *target_text; /* path and query, still encoded */
	struct request_headers headers;
	const char *body;
	size_t body_length;
	bool has_two_lengths;    /* nobody knows where its body ends */
	size_t body_limit;       /* 0, or the one that the body is beyond */
	const x509_stack *chain; /* as presented, leaf first; may be empty */
	const char *tls_version;

	/* From here on dispatch fills in. */
	const char *params[TARGET_SEGMENTS_MAX];
	const struct target *target; /* target_text, taken apart */
	const json_t *json;      /* the body, if the route reads one; or NULL */
	const struct form *form; /* likewise */
	const struct session *session; /* of who is signed in; or NULL */
	int64_t now;                   /* what all that expires is judged by */
	struct fault fault; /* what the tester wants to happen, if anything */
};

/*
 * Answers one request; a failure is rendered by dispatch in the form of the
 * route's surface.
 */
typedef enum error_code handler(struct cloud *cloud,
    const struct request *request, struct reply *reply, struct error *err);

#endif
