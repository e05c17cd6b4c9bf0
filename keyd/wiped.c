/* SPDX-License-Identifier: MIT */
#include "wiped.h"

#include <errno.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define STEP 32        /* sizes are multiples of it */
#define KEPT_MAX 1024  /* larger blocks are not kept */
#define SHELF_MAX 4096 /* bytes that are kept of one size, by one thread */

/* What stands in front of the bytes of a block. */
struct block {
	alignas(max_align_t) size_t size; /* of those bytes */
	struct block *next;               /* of those that are kept */
};

/* The blocks of one size that a thread keeps. */
struct shelf {
	struct block *first;
	size_t bytes;
};

struct stock {
	bool is_known; /* to be cleared at the end of the thread */
	bool is_over;  /* the thread ends */
	struct shelf shelves[KEPT_MAX / STEP];
};

static _Thread_local struct stock stock;
static pthread_key_t key_of_stock;

static struct block *
block_of(void *data)
{
	return (struct block *)data - 1;
}

static struct shelf *
shelf_of(size_t size)
{
	return &stock.shelves[size / STEP - 1];
}

static void
clear(void *argument)
{
	struct stock *ending = argument;

	ending->is_over = true;
	for (size_t i = 0; i < KEPT_MAX / STEP; i++) {
		struct shelf *shelf = &ending->shelves[i];

		while (shelf->first) {
			struct block *block = shelf->first;

			shelf->first = block->next;
			free(block);
		}
		shelf->bytes = 0;
	}
}

enum error_code
wiped_prepare(struct error *err)
{
	errno = pthread_key_create(&key_of_stock, clear);
	return errno ? error_set_errno(err, ERROR_INTERNAL, "a key of threads")
		     : ERROR_NONE;
}

/* Returns false if this thread can keep nothing. */
static bool
may_keep(void)
{
	if (!stock.is_known && !stock.is_over)
		stock.is_known = pthread_setspecific(key_of_stock, &stock) == 0;
	return stock.is_known && !stock.is_over;
}

/* A block of size bytes that was kept, or NULL. */
static struct block *
take(size_t size)
{
	struct shelf *shelf;
	struct block *block;

	if (size > KEPT_MAX)
		return NULL;
	shelf = shelf_of(size);
	block = shelf->first;
	if (block) {
		shelf->first = block->next;
		shelf->bytes -= size;
	}
	return block;
}

static bool
keep(struct block *block)
{
	struct shelf *shelf;

	if (block->size > KEPT_MAX || !may_keep())
		return false;
	shelf = shelf_of(block->size);
	if (shelf->bytes + block->size > SHELF_MAX)
		return false;
	block->next = shelf->first;
	shelf->first = block;
	shelf->bytes += block->size;
	return true;
}

void *
wiped_allocate(size_t size, const char *file, int line)
{
	size_t rounded = (size + STEP - 1) / STEP * STEP;
	struct block *block;

	(void)file;
	(void)line;
	if (size == 0 || size > SIZE_MAX - STEP - sizeof(*block))
		return NULL;
	block = take(rounded);
	if (!block)
		block = malloc(sizeof(*block) + rounded);
	if (!block)
		return NULL;
	block->size = rounded;
	return block + 1;
}

void
wiped_release(void *data, const char *file, int line)
{
	struct block *block;

	(void)file;
	(void)line;
	if (!data)
		return;
	block = block_of(data);
	explicit_bzero(data, block->size);
	if (!keep(block))
		free(block);
}

/* realloc() would leave the old copy as it is. */
void *
wiped_resize(void *data, size_t size, const char *file, int line)
{
	size_t old = data ? block_of(data)->size : 0;
	void *copy;

	if (size > 0 && size <= old)
		return data;
	copy = wiped_allocate(size, file, line);
	if (copy && data)
		memcpy(copy, data, old);
	if (copy || size == 0)
		wiped_release(data, file, line);
	return copy;
}
