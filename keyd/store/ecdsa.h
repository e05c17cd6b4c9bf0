/* SPDX-License-Identifier: MIT */
/* The two forms of an ECDSA signature. */
#ifndef KEYD_ECDSA_H
#define KEYD_ECDSA_H

#include "store.h"

/* r||s to ECDSA-Sig-Value (RFC 3279 section 2.2.3). */
MUST_CHECK enum error_code ecdsa_to_der(const struct key_signature *raw,
    struct key_signature *ret_der, struct error *err);

/* ECDSA-Sig-Value to r||s, size bytes each. */
MUST_CHECK enum error_code ecdsa_from_der(const struct key_signature *der,
    size_t size, struct key_signature *ret_raw, struct error *err);

#endif
