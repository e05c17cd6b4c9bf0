/* SPDX-License-Identifier: MIT */
/*
 * Faults that a tester orders: each is stored in the database and used up by
 * the next requests of devices.
 */
#ifndef CLOUD_FAULT_H
#define CLOUD_FAULT_H

#include <stdbool.h>

#include "database.h"
#include "reply.h"

enum fault_kind {
	FAULT_NONE,
	FAULT_UNAUTHORIZED,  /* 401 */
	FAULT_NOT_FOUND,     /* 404 */
	FAULT_THROTTLED,     /* 429; argument: Retry-After in seconds */
	FAULT_SERVER,        /* 500 */
	FAULT_UNAVAILABLE,   /* 503; argument: Retry-After in seconds */
	FAULT_DROP,          /* the connection is closed without an answer */
	FAULT_SLOW,          /* argument: so many rounds of "assigning" */
	FAULT_FAILED,        /* the assignment fails */
	FAULT_DISABLED,      /* as if the enrollment were disabled */
	FAULT_PENDING,       /* 202; argument: Retry-After in seconds */
	FAULT_REDIRECT,      /* 302 to where nobody serves */
	FAULT_WRONG_KEY,     /* a certificate for another key */
	FAULT_WRONG_SUBJECT, /* a certificate for somebody else */
	FAULT_NO_EKU,        /* a certificate without clientAuth */
	FAULT_CA,            /* a certificate with CA:TRUE */
	FAULT_TRUNCATED,     /* half of the PKCS#7 */
};

#define FAULT_NO_ARGUMENT (-1)

struct fault {
	enum fault_kind kind;
	int64_t argument; /* or FAULT_NO_ARGUMENT */
};

/* Fails with ERROR_INVALID, naming those that there are. */
MUST_CHECK enum error_code fault_kind_parse(
    const char *name, enum fault_kind *ret_kind, struct error *err);

/*
 * Orders kind for the next count requests to endpoint ("register", "status",
 * "lookup", "telemetry", "modules", "cacerts", "csrattrs", "enroll",
 * "reenroll"; NULL: any). Slow, failed and disabled wait for a register,
 * pending and what spoils a certificate for an enroll or reenroll. Fails with
 * ERROR_INVALID if there is no such endpoint.
 */
MUST_CHECK enum error_code fault_add(struct database *database,
    enum fault_kind kind, const char *endpoint, int64_t count, int64_t argument,
    struct error *err);

/* Forgets all faults. */
MUST_CHECK enum error_code fault_clear(
    struct database *database, struct error *err);

/*
 * Uses up one of the faults ordered for endpoint, in their order; FAULT_NONE
 * if there is none.
 */
MUST_CHECK enum error_code fault_take(struct database *database,
    const char *endpoint, struct fault *ret_fault, struct error *err);

/* The Retry-After of fault, in seconds. */
unsigned fault_retry_after(const struct fault *fault);

/* Answers with fault. Returns false if fault is left to the handler. */
bool fault_answer(const struct fault *fault, struct reply *reply);

#endif
