/* SPDX-License-Identifier: MIT */
/* Whether what a signer made is right, by OpenSSL and what is known of its key.
 */
#ifndef BENCH_CHECKER_H
#define BENCH_CHECKER_H

#include "common/cleanup.h"
#include "signer.h"

struct checker;

/*
 * Reads what results of operation are checked with: the public half of a pair
 * as PEM, or the bytes of a secret. *ret_checker is the caller's.
 */
MUST_CHECK enum error_code checker_open(enum signer_operation operation,
    const char *path, struct checker **ret_checker, struct error *err);

/* From any thread or process. */
bool checker_accepts(const struct checker *checker,
    const unsigned char digest[static SIGNER_DIGEST_LENGTH],
    const struct signature *signature);

void checker_close(struct checker *checker);
DEFINE_CLEANUP(checker, struct checker, checker_close)

#endif
