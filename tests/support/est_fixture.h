/* SPDX-License-Identifier: MIT */
/*
 * What an EST server knows, for unit tests: a root, a CA below it that issues,
 * and how answers look. Nothing here fails; a test that cannot have it ends.
 */
#ifndef EST_FIXTURE_H
#define EST_FIXTURE_H

#include "pki_fixture.h"

struct est_fixture {
	EVP_PKEY *root_key;
	X509 *root;
	EVP_PKEY *ca_key;
	X509 *ca;
	EVP_PKEY *device_key;
};

void est_fixture_open(struct est_fixture *fixture);
void est_fixture_close(struct est_fixture *fixture);

/* What plan says, issued by the CA; NULL members are the device's defaults. */
X509 *est_fixture_issue(
    const struct est_fixture *fixture, struct certificate_plan plan);

/* Certificates, which stay the caller's, as one stack. */
x509_stack *est_fixture_stack(size_t count, X509 *const *certificates);

/* The stack as the base64 of a degenerate PKCS#7. */
char *est_fixture_pkcs7(const x509_stack *certificates);

#endif
