/* SPDX-License-Identifier: MIT */
/*
 * Faults that a tester orders: each is stored in the database and used up by
 * the next requests, or TLS handshakes, that it is for.
 */
#ifndef CLOUD_FAULT_H
#define CLOUD_FAULT_H

#include <stdbool.h>

#include "database.h"
#include "reply.h"

enum fault_kind {
	FAULT_NONE,
	/* for any endpoint of HTTP */
	FAULT_UNAUTHORIZED, /* 401 */
	FAULT_NOT_FOUND,    /* 404 */
	FAULT_THROTTLED,    /* 429; argument: Retry-After in seconds */
	FAULT_SERVER,       /* 500 */
	FAULT_UNAVAILABLE,  /* 503; argument: Retry-After in seconds */
	FAULT_DROP,         /* the connection is closed without an answer */
	FAULT_STALL,        /* likewise, after argument seconds */
	FAULT_REDIRECT,     /* 302 to where nobody serves */
	FAULT_GATEWAY, /* a web server's page instead; argument: its status */
	FAULT_CLOCK_AHEAD,  /* argument: so many seconds */
	FAULT_CLOCK_BEHIND, /* likewise */
	/* for "register" */
	FAULT_SLOW,     /* argument: so many rounds of "assigning" */
	FAULT_FAILED,   /* the assignment fails */
	FAULT_DISABLED, /* as if the enrollment were disabled */
	/* for "enroll" and "reenroll" */
	FAULT_PENDING,       /* 202; argument: Retry-After in seconds */
	FAULT_WRONG_KEY,     /* a certificate for another key */
	FAULT_WRONG_SUBJECT, /* a certificate for somebody else */
	FAULT_NO_EKU,        /* a certificate without clientAuth */
	FAULT_CA,            /* a certificate with CA:TRUE */
	FAULT_REVOKED,       /* a certificate that is revoked at once */
	FAULT_TRUNCATED,     /* half of the PKCS#7; for "cacerts" too */
	/* for "handshake" */
	FAULT_WRONG_NAME, /* the server's certificate is for another name */
	FAULT_EXPIRED,    /* the server's certificate has expired */
};

#define FAULT_NO_ARGUMENT (-1)
#define FAULT_NUMBER_MAX 1000000000 /* of counts and arguments */
#define FAULT_HANDSHAKE "handshake"

struct fault {
	enum fault_kind kind;
	int64_t argument; /* or FAULT_NO_ARGUMENT */
};

/* Fails with ERROR_INVALID, naming those that there are. */
MUST_CHECK enum error_code fault_kind_parse(
    const char *name, enum fault_kind *ret_kind, struct error *err);

/*
 * Orders kind for the next count requests to endpoint: one that routes.c names
 * or FAULT_HANDSHAKE; NULL: where kind belongs, or else any endpoint of devices
 * and EST clients. argument is 0 or more, or FAULT_NO_ARGUMENT. Fails with
 * ERROR_INVALID if there is no such endpoint, or if kind is not for it.
 */
MUST_CHECK enum error_code fault_add(struct database *database,
    enum fault_kind kind, const char *endpoint, int64_t count, int64_t argument,
    struct error *err);

/*
 * Appends to faults (an array) what is still ordered, in that order: objects of
 * id, name, endpoint (null: any of devices), remaining, and argument if it has
 * one.
 */
MUST_CHECK enum error_code fault_list(
    struct database *database, json_t *faults, struct error *err);

/* Forgets one fault. Fails with ERROR_NOT_FOUND. */
MUST_CHECK enum error_code fault_remove(
    struct database *database, int64_t id, struct error *err);

/* Forgets all faults. */
MUST_CHECK enum error_code fault_clear(
    struct database *database, struct error *err);

/*
 * Uses up one of the faults ordered for endpoint, in their order, in a
 * transaction of its own; FAULT_NONE if there is none.
 */
MUST_CHECK enum error_code fault_take(struct database *database,
    const char *endpoint, struct fault *ret_fault, struct error *err);

/* The Retry-After of fault, in seconds. */
unsigned fault_retry_after(const struct fault *fault);

/* By how many seconds fault sets the service's clock wrong. */
int64_t fault_clock_skew(const struct fault *fault);

/* Answers with fault. Returns false if fault is left to the handler. */
bool fault_answer(const struct fault *fault, struct reply *reply);

#endif
