/* SPDX-License-Identifier: MIT */
/*
 * Certification requests: none makes a CA, or a certificate for more than its
 * profile is for.
 */
#include "fuzz.h"

#include <string.h>

#include "common/public_key.h"
#include "csr.h"
#include "pki_fixture.h"
#include "profile.h"

#define ALL_USAGES (XKU_SSL_CLIENT | XKU_SSL_SERVER)

static void
check_certificate(X509 *certificate, enum profile_kind kind)
{
	uint32_t usages = X509_get_extended_key_usage(certificate);

	FUZZ_REQUIRE(certificate_is_ca(certificate) == (kind == PROFILE_CA));
	FUZZ_REQUIRE(
	    X509_NAME_entry_count(X509_get_subject_name(certificate)) > 0);
	if (kind == PROFILE_CA)
		return;
	FUZZ_REQUIRE((usages & ~(uint32_t)ALL_USAGES) == 0);
	FUZZ_REQUIRE(!(X509_get_key_usage(certificate) & KU_KEY_CERT_SIGN));
	if (kind == PROFILE_SERVER)
		FUZZ_REQUIRE(usages == XKU_SSL_SERVER);
	if (kind == PROFILE_CLIENT || kind == PROFILE_DEVICE_IDENTITY)
		FUZZ_REQUIRE(usages == XKU_SSL_CLIENT);
}

/* The signature of the request is not asked for: it would stop everything. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static EVP_PKEY *key;
	CLEANUP(string) char *text = strndup((const char *)data, size);
	CLEANUP(x509_req) X509_REQ *request = NULL;
	CLEANUP(x509_req) X509_REQ *checked = NULL;
	CLEANUP(pkey) EVP_PKEY *asked_for = NULL;
	struct error err;

	(void)!csr_read(text, &checked, &err);
	if (request_from_pem_without_key(text, &request, &err) ||
	    public_key_read(
		X509_REQ_get_X509_PUBKEY(request), &asked_for, &err))
		return 0;
	if (!key)
		key = fixture_key("P-256");
	for (unsigned kind = 0; kind <= PROFILE_CA; kind++) {
		struct profile profile = {.kind = kind};
		CLEANUP(x509) X509 *certificate = NULL;

		if (!profile_certificate(&profile, request, NULL, key,
			FIXTURE_NOW, &certificate, &err))
			check_certificate(certificate, kind);
	}
	return 0;
}
