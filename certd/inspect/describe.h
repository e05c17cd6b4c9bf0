/* SPDX-License-Identifier: MIT */
/* What a certificate says, for people. */
#ifndef CERTD_DESCRIBE_H
#define CERTD_DESCRIBE_H

#include <stdint.h>

#include "common/openssl.h"

struct description {
	char *subject; /* RFC 2253: "CN=device,O=Contoso" */
	char *issuer;
	char *serial; /* upper-case hex */
	int64_t not_before;
	int64_t not_after;
	bool is_ca;
};

/* Releases the contents, not the struct. */
void description_done(struct description *description);

/* On success the contents of ret_description are the caller's. */
MUST_CHECK enum error_code certificate_describe(const X509 *certificate,
    struct description *ret_description, struct error *err);

#endif
