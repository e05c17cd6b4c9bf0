/* SPDX-License-Identifier: MIT */
#ifndef KEYD_SECRETS_H
#define KEYD_SECRETS_H

#include "common/error.h"

/*
 * Private keys of files live in OpenSSL's secure heap: locked, not dumped, and
 * wiped when released. OpenSSL takes copies on the way there, so what it frees
 * elsewhere is wiped, too. Where this user may lock all memory, all of it is,
 * as OpenSSL keeps the primes of RSA keys outside that heap.
 *
 * Call it first in main(), before OpenSSL allocates anything. Fails with
 * ERROR_INTERNAL if there is no such heap, and with ERROR_UNAVAILABLE if there
 * is one that may be swapped.
 */
MUST_CHECK enum error_code secrets_protect(struct error *err);

#endif
