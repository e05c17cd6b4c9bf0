/* SPDX-License-Identifier: MIT */
#include "secrets.h"

#include <openssl/crypto.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "wiped.h"

/* Some hundred keys; LimitMEMLOCK allows more wherever keyd runs. */
#define HEAP_SIZE (256 * 1024)
#define HEAP_MINIMUM 32
/* What CRYPTO_secure_malloc_init() returns. */
#define HEAP_FAILED 0
#define HEAP_NOT_LOCKED 2

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
	if (wiped_prepare(err))
		return err->code;
	if (CRYPTO_set_mem_functions(
		wiped_allocate, wiped_resize, wiped_release) != 1)
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
