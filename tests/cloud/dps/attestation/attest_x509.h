/* SPDX-License-Identifier: MIT */
/*
 * Whether the certificates that a device showed in the TLS handshake prove
 * what an enrollment asks for. No database, no HTTP; the time is an argument.
 *
 * Every refusal is one sentence that tells the device's owner what to do.
 */
#ifndef CLOUD_ATTEST_X509_H
#define CLOUD_ATTEST_X509_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/openssl.h"

#define ENROLLED_CERTIFICATES 2 /* primary and secondary */

/* The certificates of an enrollment; each may be NULL. */
struct enrolled {
	X509 *certificates[ENROLLED_CERTIFICATES];
};

/* In the place of now: the dates of certificates do not count. */
#define ATTEST_ANY_TIME INT64_MIN

/* The certificate is valid now. Fails with ERROR_DENIED. */
MUST_CHECK enum error_code attest_validity(
    const X509 *certificate, int64_t now, struct error *err);

/*
 * The key of certificate, and what signed it, are what DPS takes: RSA of 2048
 * bits or more, P-256 or P-384; SHA-256 or better. Of one that is trusted as a
 * CA only the key counts. Fails with ERROR_DENIED.
 */
MUST_CHECK enum error_code attest_strength(
    X509 *certificate, bool is_ca, struct error *err);

/*
 * The leaf is one of the enrolled certificates, is valid now, and strong
 * enough. No chain is built: a self-signed leaf will do. Fails with
 * ERROR_DENIED.
 */
MUST_CHECK enum error_code attest_pinned(const X509 *leaf,
    const struct enrolled *enrolled, int64_t now, struct error *err);

/*
 * The presented chain (leaf first) leads to one of the enrolled certificates,
 * which may be intermediates, and everything on the way is valid now. Only
 * what was presented fills the gap, nothing is fetched.
 *
 * *ret_depth says how many steps above the leaf the enrolled certificate is;
 * *ret_anchor, borrowed from enrolled, which one it is.
 *
 * Fails with ERROR_NOT_FOUND if there is no way to an enrolled certificate,
 * and with ERROR_DENIED if there is one, but it has expired, or
 * attest_strength() is not content with a certificate on it.
 */
MUST_CHECK enum error_code attest_chain(const x509_stack *presented,
    const struct enrolled *enrolled, int64_t now, int *ret_depth,
    X509 **ret_anchor, struct error *err);

/*
 * The common name of the leaf is the registration id, in whatever case. Fails
 * with ERROR_DENIED.
 */
MUST_CHECK enum error_code attest_common_name(
    const X509 *leaf, const char *registration_id, struct error *err);

/*
 * Why no enrolled CA was found for the presented chain: always begins with
 * DPS's "CA certificate not found.". Returns ERROR_DENIED.
 */
enum error_code attest_explain_unknown(
    const x509_stack *presented, bool same_name_enrolled, struct error *err);

#endif
