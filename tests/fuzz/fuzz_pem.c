/* SPDX-License-Identifier: MIT */
/* Certificates and requests from PEM, and the names and dates in them. */
#include "fuzz.h"

#include <string.h>

#include "common/public_key.h"

static void
look_at(const X509 *certificate)
{
	CLEANUP(string) char *name = NULL;
	int64_t when;
	struct error err;

	(void)certificate_is_ca(certificate);
	(void)!time_from_asn1(X509_get0_notAfter(certificate), &when, &err);
	(void)!name_common_name(
	    X509_get_subject_name(certificate), &name, &err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(string) char *text = strndup((const char *)data, size);
	CLEANUP(string) char *written = NULL;
	CLEANUP(x509_stack) x509_stack *chain = NULL;
	CLEANUP(x509_stack) x509_stack *again = NULL;
	CLEANUP(x509_req) X509_REQ *request = NULL;
	struct error err;

	(void)!request_from_pem_without_key(text, &request, &err);
	if (certificates_from_pem(text, &chain, &err))
		return 0;
	for (int i = 0; i < sk_X509_num(chain); i++)
		look_at(sk_X509_value(chain, i));
	FUZZ_REQUIRE(!certificates_to_pem(chain, &written, &err));
	FUZZ_REQUIRE(!certificates_from_pem(written, &again, &err));
	FUZZ_REQUIRE(sk_X509_num(chain) == sk_X509_num(again));
	return 0;
}
