/* SPDX-License-Identifier: MIT */
/* What a certificate says, for people. */
#ifndef CERTD_DESCRIBE_H
#define CERTD_DESCRIBE_H

#include <stdint.h>

#include "common/openssl.h"

#define DESCRIPTION_KEY_MAX 32

struct description {
	char *subject; /* RFC 2253: "CN=device,O=Contoso" */
	char *issuer;
	char *serial; /* upper-case hex */
	int64_t not_before;
	int64_t not_after;
	bool is_ca;
	long path_length; /* of a CA, or CERTIFICATE_NO_PATH_LENGTH */
	char key[DESCRIPTION_KEY_MAX]; /* "EC P-256", "RSA 2048" */
	char key_id[41];      /* hex SHA-1 of the public key, as CKA_ID */
	char fingerprint[65]; /* hex SHA-256 of the certificate */
	char *names;          /* "DNS:a, IP Address:10.0.0.1"; NULL: none */
	char *key_usage;      /* "Digital Signature"; NULL: none */
	char *extended_key_usage;
};

/* Releases the contents, not the struct. */
void description_done(struct description *description);

/* On success the contents of ret_description are the caller's. */
MUST_CHECK enum error_code certificate_describe(const X509 *certificate,
    struct description *ret_description, struct error *err);

#endif
