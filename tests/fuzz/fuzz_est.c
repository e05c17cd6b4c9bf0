/* SPDX-License-Identifier: MIT */
/* What an EST server may answer with: PKCS#7 and csrattrs. */
#include "fuzz.h"

#include <string.h>

#include "est_body.h"
#include "est_csrattrs.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(string) char *text = strndup((const char *)data, size);
	CLEANUP(x509_stack) x509_stack *certificates = NULL;
	struct est_wishes wishes;
	struct error err;

	if (est_certificates(text, &certificates, &err) == ERROR_NONE) {
		FUZZ_REQUIRE(sk_X509_num(certificates) >= 1);
		FUZZ_REQUIRE(sk_X509_num(certificates) <= EST_CERTIFICATES_MAX);
	}
	if (est_csrattrs_read(text, &wishes, &err) == ERROR_NONE)
		FUZZ_REQUIRE(strlen(wishes.missing) < EST_WISHES_TEXT_MAX);
	return 0;
}
