/* SPDX-License-Identifier: MIT */
/* Signing by keyd's HTTP calls on a connection that is kept alive. */
#ifndef BENCH_SIGNER_HTTP_H
#define BENCH_SIGNER_HTTP_H

#include "common/cleanup.h"
#include "signer.h"

struct signer_http;

MUST_CHECK enum error_code signer_http_open(
    const struct signer_options *options, struct signer_http **ret_signer,
    struct error *err);

MUST_CHECK enum error_code signer_http_sign(struct signer_http *signer,
    const unsigned char digest[static SIGNER_DIGEST_LENGTH],
    struct signature *ret_signature, struct error *err);

void signer_http_close(struct signer_http *signer);
DEFINE_CLEANUP(signer_http, struct signer_http, signer_http_close)

#endif
