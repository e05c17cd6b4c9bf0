/* SPDX-License-Identifier: MIT */
/*
 * A PKI for tests and demos: a root, an intermediate, device identities and
 * proofs of possession, as files whose names a user of IoT Edge knows. Every
 * certificate says that it is not for production.
 *
 * Below a folder: certs/STEM.cert.pem, for device identities also
 * certs/STEM-full-chain.cert.pem (leaf first, without the root), and
 * private/STEM.key.pem (0600).
 */
#ifndef CLI_TESTPKI_H
#define CLI_TESTPKI_H

#include <stdint.h>

#include "testpki_files.h"

#define TESTPKI_COMMENT "for tests only, not for production"

#define TESTPKI_DAYS_DEFAULT 365
#define TESTPKI_DEFAULT_DATE INT64_MIN

enum testpki_issuer {
	TESTPKI_INTERMEDIATE_IF_ANY, /* else the root */
	TESTPKI_INTERMEDIATE,
	TESTPKI_ROOT,
};

struct testpki_options {
	const char *directory;
	const char *common_name; /* NULL: what fits the kind */
	const char *key_type;    /* "ec-p256" (also NULL) or "rsa-2048" */
	EVP_PKEY *public_key;    /* of a key elsewhere: none is made. Or NULL */
	int64_t not_before;      /* or TESTPKI_DEFAULT_DATE: a little ago */
	int64_t not_after;       /* or TESTPKI_DEFAULT_DATE: in a year, but
				    within the issuer's life */
	enum testpki_issuer issuer; /* of device identities */
	bool replace;               /* what files of the same names hold */
};

/* What was made; chain and private_key are NULL where there is none. */
struct testpki_outcome {
	struct testpki_paths paths;
	char *common_name;
	int64_t not_after;
};

/* Releases the contents, not the struct. */
void testpki_outcome_done(struct testpki_outcome *outcome);

/*
 * Each of these makes one certificate and its key. On success the contents of
 * ret_outcome are the caller's.
 *
 * They fail with ERROR_EXISTS if a file is there already, ERROR_NOT_FOUND if
 * the issuer's files are missing, ERROR_INVALID for a name, a key type or dates
 * that cannot be, and ERROR_INTERNAL if a file cannot be written.
 */
MUST_CHECK enum error_code testpki_root(const struct testpki_options *options,
    struct testpki_outcome *ret_outcome, struct error *err);

/* Signed by the root. */
MUST_CHECK enum error_code testpki_intermediate(
    const struct testpki_options *options, struct testpki_outcome *ret_outcome,
    struct error *err);

/* A device's identity: CN = name. */
MUST_CHECK enum error_code testpki_device_identity(
    const struct testpki_options *options, const char *name,
    struct testpki_outcome *ret_outcome, struct error *err);

/* Proves to DPS that we have the root's key: CN = code, signed by the root. */
MUST_CHECK enum error_code testpki_verification(
    const struct testpki_options *options, const char *code,
    struct testpki_outcome *ret_outcome, struct error *err);

#endif
