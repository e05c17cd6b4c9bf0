/* SPDX-License-Identifier: MIT */
/* Whether a chain of certificates, leaf first, can prove a device. */
#ifndef CLI_CHAIN_H
#define CLI_CHAIN_H

#include "common/openssl.h"

/*
 * Fails with ERROR_INVALID and one sentence: the first is one of a CA, one of
 * the others is none, or one was not signed by the one behind it. That the
 * chain ends before a root is right: the server has it.
 */
MUST_CHECK enum error_code chain_check(
    const x509_stack *chain, struct error *err);

#endif
