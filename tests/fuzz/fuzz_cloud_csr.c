/* SPDX-License-Identifier: MIT */
/*
 * Reads what an EST client sends as a PKCS#10 request. From one that is taken a
 * certificate is issued, for its key, unless it has no subject.
 */
#include "fuzz.h"

#include "cloud_fixture.h"
#include "common/certificate.h"
#include "est_issue.h"

static struct est_ca *
open_ca(void)
{
	struct cloud *cloud = cloud_open();
	struct est_ca *ca = NULL;
	struct error err;

	cloud_add_est(cloud);
	FUZZ_REQUIRE(!est_ca_open(cloud->database, &ca, &err));
	cloud_close(cloud);
	return ca;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct est_ca *ca; /* kept: making it takes long */
	const struct est_order order = {
	    .now = 1800000000,
	    .lifetime_seconds = 3600,
	    .usages = {true, true, true, 1}
        };
	CLEANUP(x509_req) X509_REQ *request = NULL;
	CLEANUP(x509) X509 *certificate = NULL;
	struct error err;

	if (!ca)
		ca = open_ca();
	if (est_read_request((const char *)data, size, &request, &err)) {
		FUZZ_REQUIRE(err.code == ERROR_INVALID);
		return 0;
	}
	if (est_issue(ca, request, &order, &certificate, &err)) {
		FUZZ_REQUIRE(err.code == ERROR_INVALID);
		return 0;
	}
	FUZZ_REQUIRE(EVP_PKEY_eq(X509_get0_pubkey(certificate),
			 X509_REQ_get0_pubkey(request)) == 1);
	FUZZ_REQUIRE(!certificate_is_ca(certificate) ||
		     certificate_path_length(certificate) == 0 ||
		     certificate_path_length(certificate) == 1);
	FUZZ_REQUIRE(!est_check_same_names(request, certificate, &err));
	return 0;
}
