/* SPDX-License-Identifier: MIT */
/*
 * How a request upstream shows that it is this device's: by the certificate
 * that TLS presents, or by a shared access signature, which is made anew for
 * each request. DPS and the hub take both.
 */
#ifndef PROVISIONING_PROOF_H
#define PROVISIONING_PROOF_H

#include <stdint.h>

#include "common/https_client.h"

#define PROOF_MAC_LENGTH 32

/* How long a signature is good: less than a clock may be wrong helps nobody. */
#define PROOF_SIGNATURE_SECONDS 3600

/* HMAC-SHA256 of data with the device's key, wherever that is. */
typedef enum error_code proof_sign(const void *context, const void *data,
    size_t length, unsigned char ret_mac[static PROOF_MAC_LENGTH],
    struct error *err);

/* Everything is borrowed. */
struct proof {
	EVP_PKEY *key;           /* by certificate: both, else neither */
	const x509_stack *chain; /* leaf first */
	proof_sign *sign;        /* by signature, else NULL */
	const void *context;     /* of sign */
};

/*
 * "Authorization: SharedAccessSignature ..." for resource until expires
 * (seconds since 1970); policy may be NULL. *ret_header is the caller's.
 *
 * Fails as sign does.
 */
MUST_CHECK enum error_code proof_signature(const struct proof *proof,
    const char *resource, const char *policy, int64_t expires,
    char **ret_header, struct error *err);

/*
 * Has request prove itself: sets its key and chain, or appends the header of a
 * new signature for resource, such as "0ne1/registrations/dev1" (policy
 * "registration") or "hub/devices/dev1" (NULL). *ret_header, which request
 * borrows, is the caller's; NULL if there is none. A proof of nothing, neither
 * key nor sign, leaves request as it is.
 */
MUST_CHECK enum error_code proof_apply(const struct proof *proof,
    const char *resource, const char *policy, struct https_request *request,
    char **ret_header, struct error *err);

#endif
