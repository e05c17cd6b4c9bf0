/* SPDX-License-Identifier: MIT */
/*
 * The certificates that enrollments have, parsed: OpenSSL 3.0 takes longer to
 * parse one than to verify a signature by it, and each request of a device of a
 * group needs its CA. For one thread at a time.
 */
#ifndef CLOUD_CERTIFICATE_CACHE_H
#define CLOUD_CERTIFICATE_CACHE_H

#include "common/openssl.h"

#define CERTIFICATE_CACHE_SLOTS 64

struct certificate_cache {
	struct {
		X509 *certificate; /* NULL: free */
		void *der;         /* what it was parsed from */
		size_t length;
	} slots[CERTIFICATE_CACHE_SLOTS];
};

/* Releases the contents. */
void certificate_cache_done(struct certificate_cache *cache);

/*
 * As certificate_from_der(), or the same certificate again. *ret_certificate is
 * the caller's to free, and not to be changed: others have it too.
 */
MUST_CHECK enum error_code certificate_cache_read(
    struct certificate_cache *cache, const void *der, size_t length,
    X509 **ret_certificate, struct error *err);

#endif
