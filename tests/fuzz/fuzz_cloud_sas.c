/* SPDX-License-Identifier: MIT */
/*
 * Reads an Authorization header as a shared access signature. None of them is
 * by the key here, unless it is the one that the corpus has.
 */
#include "fuzz.h"

#include <string.h>

#include "sas.h"

#define KEY "cHJpbWFyeSBrZXkgb2YgdGhlIGRldmljZQ=="
#define RESOURCE "dps.example"
#define NOW 1800000000

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(string) char *text = strndup((const char *)data, size);
	CLEANUP_DONE(sas_token) struct sas_token token = {0};
	struct error err;

	FUZZ_REQUIRE(text);
	if (sas_parse(text, &token, &err)) {
		FUZZ_REQUIRE(err.code == ERROR_DENIED);
		return 0;
	}
	FUZZ_REQUIRE(token.resource && token.expiry && token.signature);
	FUZZ_REQUIRE(token.policy);
	if (sas_verify(&token, KEY, RESOURCE, NOW, &err)) {
		FUZZ_REQUIRE(err.code == ERROR_DENIED);
		return 0;
	}
	/* What verifies has not expired yet, and will have at its time. */
	FUZZ_REQUIRE(strtoll(token.expiry, NULL, 10) > NOW);
	FUZZ_REQUIRE(sas_verify(&token, KEY, RESOURCE, INT64_MAX, &err));
	FUZZ_REQUIRE(sas_verify(&token, KEY, "other.example", NOW, &err));
	return 0;
}
