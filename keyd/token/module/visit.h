/* SPDX-License-Identifier: MIT */
/*
 * A thread's stay in a PKCS#11 module, and in which function it is, so that
 * others can tell which call hangs. A thread is in one module at a time.
 */
#ifndef KEYD_VISIT_H
#define KEYD_VISIT_H

#include <p11-kit/pkcs11.h>
#include <stdatomic.h>
#include <stdint.h>

#include "common/error.h"

enum visit_purpose { VISIT_SEARCH, VISIT_OPEN, VISIT_USE, VISIT_CHANGE };

struct visit {
	const void *owner; /* whose visit, for module_hang_of(); may be NULL */
	enum visit_purpose purpose;

	CK_FUNCTION_LIST *functions;
	_Atomic int64_t since_ms;
	_Atomic(const char *) function; /* NULL: the thread is in none */
	struct visit *next, **link;     /* those of struct visits */
};

/* How long a call may take before it counts as hanging. */
struct visit_limits {
	int64_t call_ms;
	int64_t slow_ms; /* for one that makes a key */
};

#define VISIT_CALL_SECONDS 10
#define VISIT_SLOW_SECONDS 120

/* From seconds; 0: the default. */
struct visit_limits visit_limits_of(
    unsigned call_seconds, unsigned slow_seconds);

/* What hangs among visits. */
struct hang {
	unsigned count;
	const char *function; /* the one that hangs longest; NULL: none does */
	int64_t age_ms;
};

/* "C_Sign has not returned for 12 s", as ERROR_UNAVAILABLE. */
enum error_code error_set_hang(struct error *err, const struct hang *hang);

/*
 * Begins a visit: from now on the functions that visit_functions() returns
 * call those of the module, on this thread. visit stays where it is until
 * visit_end().
 */
void visit_begin(struct visit *visit, CK_FUNCTION_LIST *functions);
void visit_end(struct visit *visit);

/* Functions that note who is in them. They are the same for all modules. */
CK_FUNCTION_LIST *visit_functions(void);

/*
 * Adds visit to hang if its thread is in a call that takes too long. Any
 * thread.
 */
void visit_count(const struct visit *visit, const struct visit_limits *limits,
    struct hang *hang);

#endif
