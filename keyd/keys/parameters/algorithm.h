/* SPDX-License-Identifier: MIT */
/*
 * Signature algorithms by the names of RFC 7518 section 3.1 and RFC 8037, which
 * bind a curve to a hash, and others by names of our own.
 */
#ifndef KEYD_ALGORITHM_H
#define KEYD_ALGORITHM_H

#include "keys.h"

#define ALGORITHM_DIGEST_MAX 64
/* RFC 8017 section 9.2, note 1: all of DigestInfo but the digest. */
#define DIGEST_INFO_PREFIX 19

struct algorithm {
	const char *name;
	enum key_kind kind;
	enum key_algorithm key;           /* of a pair */
	enum key_mechanism mechanism;     /* of a pair */
	size_t digest_size;               /* 0: it takes messages only */
	const char *hash;                 /* as OpenSSL calls it */
	const char *curve;                /* ES: the curve it is for */
	const unsigned char *digest_info; /* RS: the prefix */
};

/* Fails with ERROR_INVALID: no such algorithm. */
MUST_CHECK enum error_code algorithm_find(const char *name,
    const struct algorithm **ret_algorithm, struct error *err);

/*
 * What of task is to be signed: its digest, or that of its message, which is
 * put into buffer; or the message itself if the algorithm takes no digests.
 *
 * Fails with ERROR_INVALID: not exactly one of both, a digest of another
 * length.
 */
MUST_CHECK enum error_code algorithm_input(const struct algorithm *algorithm,
    const struct key_task *task, unsigned char buffer[ALGORITHM_DIGEST_MAX],
    struct key_input *ret_input, struct error *err);

/* Fails with ERROR_INVALID unless key is one that the algorithm is for. */
MUST_CHECK enum error_code algorithm_check_key(
    const struct algorithm *algorithm, const struct key_public *key,
    const char *id, struct error *err);

#endif
