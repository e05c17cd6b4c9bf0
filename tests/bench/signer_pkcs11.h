/* SPDX-License-Identifier: MIT */
/* Signing through a PKCS#11 module in this process. */
#ifndef BENCH_SIGNER_PKCS11_H
#define BENCH_SIGNER_PKCS11_H

#include "signer.h"

struct signer_pkcs11;

/* Loads and initialises the module when it is the first of the process. */
MUST_CHECK enum error_code signer_pkcs11_open(
    const struct signer_options *options, struct signer_pkcs11 **ret_signer,
    struct error *err);

MUST_CHECK enum error_code signer_pkcs11_sign(struct signer_pkcs11 *signer,
    const unsigned char digest[static SIGNER_DIGEST_LENGTH],
    struct signature *ret_signature, struct error *err);

void signer_pkcs11_close(struct signer_pkcs11 *signer);

#endif
