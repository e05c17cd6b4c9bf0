/* SPDX-License-Identifier: MIT */
#include "secrets.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

/* Some hundred keys; LimitMEMLOCK allows more wherever keyd runs. */
#define HEAP_SIZE (256 * 1024)
#define HEAP_MINIMUM 32
/* What CRYPTO_secure_malloc_init() returns. */
#define HEAP_FAILED 0
#define HEAP_NOT_LOCKED 2

static void *
allocate(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return malloc(size);
}

static void
release(void *data, const char *file, int line)
{
	(void)file;
	(void)line;
	if (!data)
		return;
	explicit_bzero(data, malloc_usable_size(data));
	free(data);
}

/* realloc() would leave the old copy as it is. */
static void *
resize(void *data, size_t size, const char *file, int line)
{
	size_t old = data ? malloc_usable_size(data) : 0;
	void *copy = malloc(size);

	if (!copy)
		return NULL;
	if (data)
		memcpy(copy, data, old < size ? old : size);
	release(data, file, line);
	return copy;
}

/*
 * Not where there is a limit: from there on there would be no memory. Pages are
 * locked when they are first used, so it takes no memory either.
 */
static void
lock_all(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 &&
	    limit.rlim_cur == RLIM_INFINITY)
		(void)mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

enum error_code
secrets_protect(struct error *err)
{
	if (CRYPTO_set_mem_functions(allocate, resize, release) != 1)
		return error_set(err, ERROR_INTERNAL,
		    "OpenSSL was used before its memory was cared for");
	lock_all();
	switch (CRYPTO_secure_malloc_init(HEAP_SIZE, HEAP_MINIMUM)) {
	case HEAP_FAILED:
		return error_set(
		    err, ERROR_INTERNAL, "no memory for private keys of files");
	case HEAP_NOT_LOCKED:
		return error_set(err, ERROR_UNAVAILABLE,
		    "private keys of files may be swapped to disk: this user "
		    "may not lock %d KiB of memory (LimitMEMLOCK)",
		    HEAP_SIZE / 1024);
	default:
		return ERROR_NONE;
	}
}
