/* SPDX-License-Identifier: MIT */
#include "visit.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "common/time.h"
#include "functions.h"

/* Where this thread is. PKCS#11's functions have no argument to pass it in. */
static _Thread_local struct visit *current;

/*
 * The time goes first: who sees the function sees its time, or that of a later
 * call, and takes none for older than it is.
 */
static struct visit *
enter(const char *function)
{
	struct visit *visit = current;

	assert(visit);
	atomic_store_explicit(
	    &visit->since_ms, time_monotonic_ms(), memory_order_relaxed);
	atomic_store_explicit(&visit->function, function, memory_order_release);
	return visit;
}

static void
leave(struct visit *visit)
{
	atomic_store_explicit(&visit->function, NULL, memory_order_relaxed);
}

#define WATCHED(name, parameters, arguments)                                   \
	static CK_RV watched_##name parameters                                 \
	{                                                                      \
		struct visit *visit = enter(#name);                            \
		CK_RV rv = visit->functions->name arguments;                   \
                                                                               \
		leave(visit);                                                  \
		return rv;                                                     \
	}
FUNCTIONS(WATCHED)

#define LISTED(name, parameters, arguments) .name = watched_##name,
static CK_FUNCTION_LIST watched = {
    .version = {2, 40},
      FUNCTIONS(LISTED)
};

CK_FUNCTION_LIST *
visit_functions(void)
{
	return &watched;
}

void
visit_begin(struct visit *visit, CK_FUNCTION_LIST *functions)
{
	assert(!current);
	visit->functions = functions;
	atomic_init(&visit->since_ms, 0);
	atomic_init(&visit->function, NULL);
	current = visit;
}

void
visit_end(struct visit *visit)
{
	assert(current == visit);
	(void)visit;
	current = NULL;
}

struct visit_limits
visit_limits_of(unsigned call_seconds, unsigned slow_seconds)
{
	unsigned call = call_seconds ? call_seconds : VISIT_CALL_SECONDS;
	unsigned slow = slow_seconds ? slow_seconds : VISIT_SLOW_SECONDS;

	return (struct visit_limits){
	    .call_ms = (int64_t)call * 1000,
	    .slow_ms = (int64_t)(slow > call ? slow : call) * 1000,
	};
}

static int64_t
limit_of(const char *function, const struct visit_limits *limits)
{
	static const char slow[] = "C_GenerateKey"; /* and ...Pair */

	return strncmp(function, slow, strlen(slow)) == 0 ? limits->slow_ms
							  : limits->call_ms;
}

void
visit_count(const struct visit *visit, const struct visit_limits *limits,
    struct hang *hang)
{
	const char *function =
	    atomic_load_explicit(&visit->function, memory_order_acquire);
	int64_t age;

	if (!function)
		return;
	age = time_monotonic_ms() -
	      atomic_load_explicit(&visit->since_ms, memory_order_relaxed);
	if (age <= limit_of(function, limits))
		return;
	hang->count++;
	if (hang->function && hang->age_ms >= age)
		return;
	hang->function = function;
	hang->age_ms = age;
}

enum error_code
error_set_hang(struct error *err, const struct hang *hang)
{
	return error_set(err, ERROR_UNAVAILABLE,
	    "%s has not returned for %lld s (check the token; restart keyd if "
	    "it stays so)",
	    hang->function, (long long)(hang->age_ms / 1000));
}
