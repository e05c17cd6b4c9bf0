/* SPDX-License-Identifier: MIT */
#include "common/unix_http_pool.h"

#include <stdatomic.h>
#include <stdint.h>

void
unix_http_pool_empty(struct unix_http_pool *pool)
{
	for (size_t i = 0; i < UNIX_HTTP_POOL_MAX; i++)
		unix_http_free(atomic_exchange(&pool->idle[i], NULL));
}

/*
 * Where this thread looks first, so that it finds the connection again that it
 * used last.
 */
static size_t
first_place(void)
{
	static _Thread_local char of_this_thread;

	return ((uintptr_t)&of_this_thread >> 12) % UNIX_HTTP_POOL_MAX;
}

struct unix_http *
unix_http_pool_take(struct unix_http_pool *pool)
{
	size_t first = first_place();

	for (size_t i = 0; i < UNIX_HTTP_POOL_MAX; i++) {
		_Atomic(struct unix_http *) *place =
		    &pool->idle[(first + i) % UNIX_HTTP_POOL_MAX];
		struct unix_http *client = NULL;

		if (atomic_load_explicit(place, memory_order_relaxed))
			client = atomic_exchange(place, NULL);
		if (client)
			return client;
	}
	return NULL;
}

void
unix_http_pool_put(struct unix_http_pool *pool, struct unix_http *client)
{
	size_t first = first_place();

	for (size_t i = 0; client && i < UNIX_HTTP_POOL_MAX; i++) {
		struct unix_http *nobody = NULL;

		if (atomic_compare_exchange_strong(
			&pool->idle[(first + i) % UNIX_HTTP_POOL_MAX], &nobody,
			client))
			return;
	}
	unix_http_free(client);
}
