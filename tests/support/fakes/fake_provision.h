/* SPDX-License-Identifier: MIT */
/*
 * Provisioning, keyd and the connections of callers as a few variables: takes
 * the place of provision.c, of keyd's client and of the server.
 */
#ifndef TESTS_FAKE_PROVISION_H
#define TESTS_FAKE_PROVISION_H

#include "common/http_server.h"
#include "provision.h"
#include "routes.h"

/* A caller who waits, and what it got. */
struct http_call {
	unsigned lane; /* where its handler ran last */
	bool moved;
	bool abandoned;
	unsigned resumed;
	unsigned answered;
	unsigned status;
	json_t *body;
};

struct fake_provision {
	enum provision_status status;
	const char *message;
	bool passing;
	uint64_t requests, served; /* to reprovision */
	struct error outcome;      /* of the one that was served last */
	bool keyd_away;

	unsigned looks;    /* at the credentials, that it was told to take */
	unsigned refusals; /* by the hub, that provisioning was told of */
	enum error_code modules; /* how calls about modules end */
	char asked[64];          /* which one was asked for last, and what of */
	enum error_code local;   /* how issuing a local identity ends */
	bool keeps_key;          /* in the token */
	bool remembers;          /* modules, and prefers that to the hub */
	const char *trust;       /* certd's bundle; NULL: there is none */
};

extern struct fake_provision fake_provision;

/*
 * provisiond with config, which must outlive it, and whose device is
 * provisioned; all else is as at first. For cmocka's setup and teardown.
 */
void fake_provision_open(
    struct provisiond *provisiond, const struct config *config);
void fake_provision_close(struct provisiond *provisiond);

/*
 * Sends one request, with a body unless that is NULL, as uid; the caller owns
 * the body of the reply. A reply that is deferred comes by call.
 */
struct http_reply fake_provision_send(struct provisiond *provisiond, uid_t uid,
    const char *method, const char *target, const char *body,
    struct http_call *call);

#endif
